#!/usr/bin/env python3
"""Runs channel-server, nginx and lighttpd in turn under the same load and prints ratios.

The server has one core and the load the other. Wall figures change from hour to hour on a shared
machine, so what counts are the ratios of one round, and the server's own CPU time. Of all rounds the
median is printed.

New connections are wrk's, which closes them as browsers do; a load that resets them spares the server
its part in the end. For the first listing of 10,000 files each server is started anew and has both
cores, as it would have; its p50 is what counts.

Two loops share nothing, so they answer nearly twice as much as one if a request costs them no more
processor time. `--kinds ours,ours-two` compares that: since the load leaves no second core free, two
processes of it and the servers share both, and twice the ratio of the processor times is what two
loops are worth.

    compare.py [--server PATH] [--seconds N] [--rounds N] [--only SCENARIO,...] [--rate N]

Without a rate each connection asks again at once, so a fast server is waited for by nobody and what
the latencies tell is how long answers lie with the load. `--rate 30000` asks all servers the same.

Needs nginx, lighttpd and wrk (apt-get install nginx lighttpd wrk) and a C compiler.
"""
import argparse
import http.client
import math
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TICK = os.sysconf("SC_CLK_TCK")


def make_tree(root):
    os.makedirs(f"{root}/small")
    for index in range(1000):
        write(f"{root}/small/{index:04}.bin", 4096)
    write(f"{root}/4k.bin", 4096)
    for index in range(16):
        write(f"{root}/1m-{index}.bin", 1 << 20)
    write(f"{root}/256m.bin", 256 << 20)
    write(f"{root}/repodata.json", 50 << 20)
    os.makedirs(f"{root}/many")
    for index in range(10_000):
        open(f"{root}/many/package-{index}-1.{index}.0-py312_0.conda", "w").close()


def write(path, size):
    with open(path, "wb") as file:
        block = os.urandom(min(size, 1 << 20))
        for _ in range(0, size, len(block)):
            file.write(block)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


NGINX = """
daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/nginx.err;
events {{ worker_connections {connections}; }}
http {{
  include /etc/nginx/mime.types; {options}
  client_body_temp_path {work}/t1; proxy_temp_path {work}/t2; fastcgi_temp_path {work}/t3;
  uwsgi_temp_path {work}/t4; scgi_temp_path {work}/t5;
  server {{ listen 127.0.0.1:{port}; root {root}; autoindex on; }}
}}
"""
NGINX_KINDS = {
    "nginx-tuned": (16384, """sendfile on; tcp_nopush on; access_log off; keepalive_requests 1000000000;
        open_file_cache max=20000 inactive=60s; open_file_cache_valid 60s;
        open_file_cache_errors on;"""),
    "nginx-fresh": (16384, "sendfile on; tcp_nopush on; access_log off; keepalive_requests 1000000000;"),
    "nginx-seed": (512, "access_log {work}/access.log; keepalive_requests 1000000000;"),
}
# Loops, and where the access log goes.
OURS = {"ours": ("1", "off"), "ours-two": ("2", "off"), "ours-log": ("1", "{work}/ours.log")}
LIGHTTPD = """
server.document-root = "{root}"
server.port = {port}
server.bind = "127.0.0.1"
server.errorlog = "{work}/lighttpd.err"
server.max-keep-alive-requests = 1000000000
server.max-connections = 16384
server.max-fds = 32768
server.modules = ("mod_dirlisting")
dir-listing.activate = "enable"
mimetype.assign = (".bin" => "application/octet-stream", ".json" => "application/json")
"""


def command(kind, server, root, port, work):
    if kind in OURS:
        loops, log = OURS[kind]
        return [server, root, "--host", "127.0.0.1", "--port", str(port), "--threads", loops,
                "--access-log", log.format(work=work)]
    config = f"{work}/{kind}.conf"
    with open(config, "w") as file:
        if kind == "lighttpd":
            file.write(LIGHTTPD.format(root=root, port=port, work=work))
        else:
            connections, options = NGINX_KINDS[kind]
            file.write(NGINX.format(root=root, port=port, work=work, connections=connections,
                                    options=options.format(work=work)))
    return ["lighttpd", "-D", "-f", config] if kind == "lighttpd" else ["nginx", "-c", config]


class Server:
    def __init__(self, kind, cores, server, root, work):
        self.port = free_port()
        line = command(kind, server, root, self.port, work)
        self.process = subprocess.Popen(["taskset", "-c", cores] + line,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        sys.exit(f"{kind} does not start: {' '.join(line)}")

    def processes(self):
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True,
                                  text=True).stdout.split()
        return [str(self.process.pid)] + children

    def cpu(self):
        total = 0.0
        for pid in self.processes():
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / TICK
        return total

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


RATE = []
CORES = {"server": "0", "load": ["1"]}


def load(port, connections, seconds, *arguments):
    processes = [subprocess.Popen(
        ["taskset", "-c", cores, f"{HERE}/.build/load", str(port),
         str(connections // len(CORES["load"])), str(seconds)] + RATE + list(arguments),
        stdout=subprocess.PIPE, text=True) for cores in CORES["load"]]
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        sys.exit("load failed")
    done, size, failures, p50, p99, longest, elapsed = zip(
        *[map(float, output.split()) for output in outputs])
    return {"done": int(sum(done)), "bytes": int(sum(size)), "failures": int(sum(failures)),
            "p50": max(p50), "p99": max(p99), "max": max(longest), "elapsed": max(elapsed)}


def new_connections(port, seconds):
    """A connection a request, by wrk, which knows whole seconds alone."""
    output = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t", "1", "-c", "32", "-d", str(math.ceil(seconds)),
         "--latency", "-H", "Connection: close", f"http://127.0.0.1:{port}/4k.bin"],
        capture_output=True, text=True).stdout
    units = {"us": 1, "ms": 1e3, "s": 1e6}
    times = {name: float(value) * units[unit]
             for name, value, unit in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s)", output)}
    done = int(re.search(r"(\d+) requests in", output)[1])
    failures = sum(map(int, re.findall(r"(?:connect|read|write|timeout|responses:) (\d+)", output)))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    return {"done": done, "bytes": done * 4096, "failures": failures, "p50": times["50"],
            "p99": times["99"], "max": times["99"], "elapsed": done / rate}


def first_listing(port):
    """How long a server that has just been started takes for a long listing."""
    client = http.client.HTTPConnection("127.0.0.1", port)
    client.request("GET", "/4k.bin")
    client.getresponse().read()
    begin = time.perf_counter()
    client.request("GET", "/many/")
    size = len(client.getresponse().read())
    elapsed = time.perf_counter() - begin
    return {"done": 1, "bytes": size, "failures": 0, "p50": elapsed * 1e6, "p99": elapsed * 1e6,
            "max": elapsed * 1e6, "elapsed": elapsed}


def tag_of(port, path):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(f"HEAD {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        text = client.makefile("rb").read().decode("latin-1")
    return next(line.split(": ", 1)[1] for line in text.split("\r\n")
                if line.lower().startswith("etag"))


ROTATED = [f"/small/{index:04}.bin" for index in range(1000)]
SCENARIOS = {
    "4k": lambda p, s: load(p, 64, s, "/4k.bin"),
    "rotated": lambda p, s: load(p, 64, s, *ROTATED),
    "304": lambda p, s: load(p, 64, s, "-H", f"If-None-Match: {tag_of(p, '/repodata.json')}",
                             "/repodata.json"),
    "head": lambda p, s: load(p, 64, s, "-X", "HEAD", "/repodata.json"),
    "404": lambda p, s: load(p, 64, s, "/missing.json.zst"),
    "connect": new_connections,
    "range64k": lambda p, s: load(p, 16, s, "-H", "Range: bytes=65536-131071", "/256m.bin"),
    "1m": lambda p, s: load(p, 16, s, *[f"/1m-{index}.bin" for index in range(16)]),
    "256m": lambda p, s: load(p, 4, s, "-b", "131072", "/256m.bin"),
    "listing": lambda p, s: load(p, 4, s, "/many/"),
}


def mixed(port, seconds):
    """Small requests at a steady rate beside four downloads at full speed."""
    downloads = subprocess.Popen(
        ["taskset", "-c", "1", f"{HERE}/.build/load", str(port), "4", str(seconds + 2),
         "/256m.bin"], stdout=subprocess.DEVNULL)
    time.sleep(1)
    result = load(port, 64, seconds, "-r", "2000", "/4k.bin")
    downloads.wait()
    return result


SCENARIOS["mixed"] = mixed
SCENARIOS["first"] = lambda p, s: first_listing(p)
KINDS = ["ours", "ours-log", "nginx-tuned", "nginx-fresh", "nginx-seed", "lighttpd"]


def measure(scenario, server, seconds):
    before = server.cpu()
    result = SCENARIOS[scenario](server.port, seconds)
    used = server.cpu() - before
    result["each"] = used * 1e6 / max(1, result["done"])
    result["cost"] = used / max(1, result["bytes"]) * 1e9
    result["rate"] = result["done"] / result["elapsed"]
    result["speed"] = result["bytes"] / result["elapsed"] / 1e6
    return result


def compare(scenario, kinds, options, root, work):
    """Asks all servers in turn, round after round, every second time in the other order."""
    rounds = {kind: [] for kind in kinds}
    if scenario == "first":
        for kind in kinds * options.rounds:
            server = Server(kind, "0,1", options.server, root, work)
            rounds[kind].append(measure(scenario, server, options.seconds))
            server.stop()
        return rounds
    servers = {kind: Server(kind, CORES["server"], options.server, root, work)
               for kind in kinds}
    try:
        for server in servers.values():
            SCENARIOS[scenario](server.port, 0.3)
        for number in range(options.rounds):
            for kind in kinds if number % 2 == 0 else reversed(kinds):
                rounds[kind].append(measure(scenario, servers[kind], options.seconds))
    finally:
        for server in servers.values():
            server.stop()
    return rounds


def ratio(ours, others, name):
    """The first server's figure to that of another in the same round, in most rounds."""
    return statistics.median(mine[name] / max(other[name], 1e-9)
                             for mine, other in zip(ours, others))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default=f"{HERE}/../../.build/release/channel-server")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", help="scenarios, separated by commas")
    parser.add_argument("--kinds", default=",".join(KINDS), help="servers, separated by commas")
    parser.add_argument("--rate", type=int, help="requests a second of all connections together")
    options = parser.parse_args()
    if options.rate:
        RATE[:] = ["-r", str(options.rate)]
    kinds = options.kinds.split(",")
    if "ours-two" in kinds:
        CORES.update(server="0,1", load=["0,1", "0,1"])
    for tool in ["cc", "wrk", "nginx", "lighttpd"]:
        if not shutil.which(tool) and any(kind.startswith(tool) for kind in [*kinds, "cc", "wrk"]):
            sys.exit(f"{tool} is missing: apt-get install gcc nginx-light lighttpd wrk")
    scenarios = options.only.split(",") if options.only else list(SCENARIOS)

    os.makedirs(f"{HERE}/.build", exist_ok=True)
    subprocess.run(["cc", "-O2", "-o", f"{HERE}/.build/load", f"{HERE}/load.c", "-lcrypto"],
                   check=True)
    work = tempfile.mkdtemp(prefix="channel-bench-")
    os.chmod(work, 0o755)
    root = f"{work}/root"
    try:
        make_tree(root)
        print(f"{'scenario':10}{'server':13}{'per s':>10}{'MB/s':>8}{'us CPU':>12}{'s/GB':>9}"
              f"{'p50 us':>8}{'p99 us':>9}{'failed':>7}{'ours to this: CPU':>19}{'p99':>6}")
        for scenario in scenarios:
            taking = [kind for kind in kinds if scenario != "mixed" or kind != "ours-log"]
            rounds = compare(scenario, taking, options, root, work)
            for kind in taking:
                result = {name: statistics.median(round[name] for round in rounds[kind])
                          for name in rounds[kind][0]}
                ratios = [ratio(rounds[taking[0]], rounds[kind], name) for name in ("each", "p99")]
                print(f"{scenario:10}{kind:13}{result['rate']:>10.0f}{result['speed']:>8.0f}"
                      f"{result['each']:>12.2f}{result['cost']:>9.3f}{result['p50']:>8.0f}"
                      f"{result['p99']:>9.0f}{result['failures']:>7.0f}"
                      f"{ratios[0]:>19.2f}{ratios[1]:>6.2f}", flush=True)
    finally:
        shutil.rmtree(work)


main()
