"""Solves against a channel as pixi does, with the same engine, and prints the files it chose.

usage: solve.py CHANNEL_URL CACHE PLATFORM SPEC...
"""

import asyncio
import pathlib
import sys

from rattler import Gateway, SourceConfig, solve


async def main() -> None:
    channel, cache, platform, *specs = sys.argv[1:]
    gateway = Gateway(
        cache_dir=pathlib.Path(cache),
        default_config=SourceConfig(cache_action="no-cache"),
    )
    records = await solve(
        sources=[channel],
        specs=specs,
        gateway=gateway,
        platforms=[platform, "noarch"],
        virtual_packages=[],
    )
    for record in sorted(records, key=lambda record: record.name.normalized):
        print(f"{record.subdir}/{record.file_name}", flush=True)


asyncio.run(main())
