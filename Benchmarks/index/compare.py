#!/usr/bin/env python3
"""Time channel-index against the indexer of py-rattler, in turn, on copies of one channel.

    Benchmarks/index/compare.py [--channel DIR | --packages 10000] [--rounds 3]

DIR is a folder of packages in subdirs, which is copied and never written to; without it a channel of
so many small packages is made. Needs our release build, and a Python that has py-rattler. Wall and CPU
times and peak memory are those of whole processes; the ratios are medians of one run on one machine,
and mean nothing across machines. TMPDIR says where the copies go: on a memory file system the disk
has no say in the figures.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PEER = "import asyncio, os, sys; from rattler.index import index_fs; asyncio.run(index_fs(sys.argv[1])); os._exit(0)"


def copy(source, target):
    """Copy packages only, with their times; what an indexer made stays behind."""
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.name.endswith((".conda", ".tar.bz2")):
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place)


def run(command):
    """Wall seconds, CPU seconds and peak MiB of one process."""
    start = time.monotonic()
    child = os.posix_spawn(
        command[0], command, os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
                      (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 3):
        sys.exit(f"{command[0]} ended with {code}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--channel", type=pathlib.Path)
    parser.add_argument("--packages", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path(".build/release"))
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    tools = {
        "channel-index": lambda channel: [str(build / "channel-index"), "--quiet", channel],
        "rattler": lambda channel: [sys.executable, "-c", PEER, channel],
    }
    figures = {}
    with tempfile.TemporaryDirectory(prefix="channel-bench-") as scratch:
        source = arguments.channel
        if source is None:
            source = pathlib.Path(scratch) / "packages"
            subprocess.run([build / "bench-channel", str(arguments.packages), source], check=True)
        for round in range(arguments.rounds):
            for name, command in tools.items():
                # Each in a folder of its own: deleting files in between would slow the next run.
                channel = pathlib.Path(scratch) / f"{name}-{round}"
                copy(source, channel)
                newest = max(channel.rglob("*.conda"), key=lambda path: path.name)
                held = pathlib.Path(scratch) / f"{name}-{round}-held"
                newest.rename(held)
                os.sync()
                line = command(str(channel))
                for step in ("cold", "unchanged", "one added"):
                    if step == "one added":
                        held.rename(newest)
                    figures.setdefault(step, {}).setdefault(name, []).append(run(line))
    print(f"medians of {arguments.rounds} rounds: wall s, CPU s, peak MiB")
    for step, names in figures.items():
        medians = {name: [statistics.median(column) for column in zip(*rows)]
                   for name, rows in names.items()}
        for name, (wall, cpu, memory) in medians.items():
            print(f"{step:10} {name:14} {wall:8.3f} {cpu:8.3f} {memory:8.1f}")
        ours, peer = medians["channel-index"], medians["rattler"]
        ratios = [peer[0] / ours[0], peer[1] / ours[1], ours[2] / peer[2]]
        print(f"{step:10} {'':14} {ratios[0]:7.1f}x {ratios[1]:7.1f}x faster, {ratios[2]:.2f} of its memory")


if __name__ == "__main__":
    main()
