#!/usr/bin/env python3
"""Puts channel-server through what hostile clients, bad networks, busy days and sudden ends do, and
checks that it shows none of it: honest clients get what they want, and memory and descriptors are
back where they were.

    endure.py [--server PATH] [--index PATH] [--only TRIAL,...] [--short]
"""
import argparse
import os
import resource
import sys
import tempfile

import day
import hostile
import killed
import network
import publish
import slow
import trial

# What continuous integration has the time and the quiet for.
SHORT = ["day", "killed", "network", "publish"]
BUILT = f"{trial.HERE}/../../.build/release"


def main():
    trials = {
        "hostile": lambda work: hostile.run(options.server, work, 60),
        "slow": lambda work: slow.run(options.server, work),
        "day": lambda work: day.run(options.server, options.index, work,
                                    *((15, 400) if options.short else (300, 3000))),
        "killed": lambda work: killed.run(options.server, options.index, work,
                                        6 if options.short else 60),
        "publish": lambda work: publish.run(options.server, options.index, work,
                                          *((1000, 40, 20, 3) if options.short else (10_000, 200, 40, 15))),
        "network": lambda work: network.run(options.server, options.index, work),
    }
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=f"{BUILT}/channel-server")
    parser.add_argument("--index", default=f"{BUILT}/channel-index")
    parser.add_argument("--only", help=f"trials, separated by commas: {', '.join(trials)}")
    parser.add_argument("--short", action="store_true",
                        help=f"a minute in all, of {', '.join(SHORT)}")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    chosen = options.only.split(",") if options.only else SHORT if options.short else trials
    for name in chosen:
        print(f"== {name}", flush=True)
        with tempfile.TemporaryDirectory(prefix="channel-endure-") as work:
            trials[name](work)
    sys.exit(1 if trial.failures else 0)


main()
