"""Publishes packages and solves for each as soon as it is answered, several clients at a time.

Prints every package that was found; one that was answered and cannot be found ends it.

usage: publish.py CHANNEL_URL SECRET CLIENTS FILE...
"""

import asyncio
import sys
import tempfile
import urllib.request
from pathlib import Path

from rattler import Gateway, SourceConfig, solve


def put(url: str, secret: str, file: Path) -> int:
    request = urllib.request.Request(
        f"{url}noarch/{file.name}",
        data=file.read_bytes(),
        method="PUT",
        headers={"X-API-Key": secret},
    )
    with urllib.request.urlopen(request) as response:
        return response.status


async def client(url: str, secret: str, files: list[Path]) -> None:
    with tempfile.TemporaryDirectory() as cache:
        for file in files:
            status = await asyncio.to_thread(put, url, secret, file)
            assert status == 201, f"{file.name}: {status}"
            name, version, build = file.name.removesuffix(".conda").rsplit("-", 2)
            gateway = Gateway(
                cache_dir=Path(cache),
                default_config=SourceConfig(cache_action="cache-or-fetch"),
            )
            records = await solve(
                sources=[url],
                specs=[f"{name} =={version} {build}"],
                gateway=gateway,
                platforms=["linux-64", "noarch"],
                virtual_packages=[],
            )
            assert [record.file_name for record in records] == [file.name]
            print(file.name, flush=True)


async def main() -> None:
    url, secret, clients, *files = sys.argv[1:]
    shares = [[Path(file) for file in files[index :: int(clients)]] for index in range(int(clients))]
    await asyncio.gather(*(client(url, secret, share) for share in shares))


asyncio.run(main())
