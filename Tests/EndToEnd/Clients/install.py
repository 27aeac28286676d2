"""Installs packages from a channel as pixi does, with the same engine.

usage: install.py CHANNEL_URL PREFIX CACHE PLATFORM SPEC...

Nothing of the machine is used: virtual packages, cache and prefix are all given. What the caller
should look at is the prefix, since the engine may crash on exit after its work is done.
"""

import asyncio
import pathlib
import sys

from rattler import Gateway, GenericVirtualPackage, PackageName, SourceConfig, Subdir, Version
from rattler import install, solve
from rattler.package import BuildString


async def main() -> None:
    channel, prefix, cache, platform, *specs = sys.argv[1:]
    cache_directory = pathlib.Path(cache)
    gateway = Gateway(
        cache_dir=cache_directory / "repodata",
        default_config=SourceConfig(cache_action="no-cache"),
    )
    virtual_packages = [
        GenericVirtualPackage(PackageName(name), Version(version), BuildString("0"))
        for name, version in [("__unix", "0"), ("__linux", "6.1"), ("__glibc", "2.36")]
    ]
    records = await solve(
        sources=[channel],
        specs=specs,
        gateway=gateway,
        platforms=[platform, "noarch"],
        virtual_packages=virtual_packages,
    )
    for record in sorted(records, key=lambda record: record.name.normalized):
        print(f"{record.subdir}/{record.file_name}")
    await install(
        records=records,
        target_prefix=prefix,
        cache_dir=cache_directory / "packages",
        platform=Subdir(platform),
        show_progress=False,
    )


asyncio.run(main())
