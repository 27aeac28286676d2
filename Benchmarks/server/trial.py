"""What all trials share: a server to try, and a word on each thing that was looked at."""
import atexit
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
failures = []


def check(what, good, detail=""):
    print(f"{'ok  ' if good else 'FAIL'} {what} {detail}", flush=True)
    if not good:
        failures.append(what)


def skip(what, why):
    print(f"skip {what}: {why}", flush=True)


def built(name):
    """The path of a program that only trials need, however it was built."""
    for configuration in ("release", "debug"):
        path = f"{HERE}/../../.build/{configuration}/{name}"
        if os.path.exists(path):
            return path
    sys.exit(f"{name} is missing: swift build --product {name}")


def build_load():
    """Builds the load generator and answers its path."""
    os.makedirs(f"{HERE}/.build", exist_ok=True)
    compiler = shutil.which("cc") or "clang"
    subprocess.run([compiler, "-O2", "-o", f"{HERE}/.build/load", f"{HERE}/load.c", "-lcrypto"],
                   check=True)
    return f"{HERE}/.build/load"


class Server:
    def __init__(self, path, root, *options, descriptors=None):
        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [path, root, "--host", "127.0.0.1", "--port", "0", "--access-log", "off", *options],
            stderr=subprocess.PIPE, text=True, preexec_fn=limit)
        # A trial that fails leaves nothing running.
        atexit.register(self.process.kill)
        line = self.process.stderr.readline()
        self.start = time.monotonic() - self.begin
        self.port = int(re.search(r"http://[^ ]*:(\d+)/", line).group(1))

    def memory(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def connect(self, buffer=None):
        client = socket.socket()
        if buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.connect(("127.0.0.1", self.port))
        client.settimeout(10)
        return client

    def get(self, path="/f"):
        with self.connect() as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            data = bytearray()
            while True:
                block = client.recv(65536)
                if not block:
                    return data
                data += block

    def is_well(self):
        begin = time.monotonic()
        try:
            return self.get().startswith(b"HTTP/1.1 200") and time.monotonic() - begin < 2
        except OSError:
            return False

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)
