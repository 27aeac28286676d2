#!/usr/bin/env python3
"""Time all documents of a large subdir against repodata.json and shards alone.

    Benchmarks/index/documents.py [--repodata FILE | --packages 20000] [--rounds 5]

Writes a channel of small packages, after the records of FILE where one is given, indexes it once, and
then makes its documents again and again, without reading a package: what was published is forgotten
before each run. Times are CPU seconds of whole processes, memory the peak in MiB; the figures are the
least of all rounds, on one machine. TMPDIR says where the channel lies.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

BASE = ["--no-run-exports", "--no-channeldata", "--no-home-page"]
STEPS = {
    "repodata, shards": BASE,
    "and run exports": BASE[1:],
    "and channeldata, home page": [],
    "and a feed": ["--channel-url", "https://example.org/channel"],
    "and current_repodata": ["--channel-url", "https://example.org/channel", "--current-repodata"],
}


def run(command):
    """CPU seconds and peak MiB of one process."""
    child = os.posix_spawn(
        command[0], command, os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repodata", type=pathlib.Path)
    parser.add_argument("--packages", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path(".build/release"))
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    figures = {name: [] for name in STEPS}
    with tempfile.TemporaryDirectory(prefix="channel-bench-") as channel:
        wanted = arguments.repodata or arguments.packages
        subprocess.run([build / "bench-channel", str(wanted), channel], check=True)
        index = [str(build / "channel-index"), "--quiet", channel]
        run(index)
        for _ in range(arguments.rounds):
            for name, options in STEPS.items():
                for generation in pathlib.Path(channel, ".channel").glob("*generation"):
                    generation.unlink()
                figures[name].append(run(index + options))
    least = min(cpu for cpu, _ in figures["repodata, shards"])
    print(f"least of {arguments.rounds} rounds: CPU s, peak MiB, ratio of CPU")
    for name, rows in figures.items():
        cpu, memory = (min(column) for column in zip(*rows))
        print(f"{name:28} {cpu:8.3f} {memory:8.1f} {cpu / least:7.2f}x")


if __name__ == "__main__":
    main()
