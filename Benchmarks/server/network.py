"""A network that is slow and loses packets: a real client installs through it.

Server and client live in network namespaces of their own. Between them is this script, which hands
packets on late or not at all, as netem does in kernels that have it.
"""
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time

from trial import HERE, built, check, skip

LATENCY, LOSS = 0.05, 0.02
REPOSITORY = f"{HERE}/../.."
PYTHON = f"{REPOSITORY}/.build/venv/bin/python"
ADDRESSES = ("10.213.0.1", "10.213.0.2")


def run(server_path, index_path, work):
    if not os.path.exists(PYTHON):
        return skip("a bad network", "py-rattler is not installed; make test does so")
    try:
        network = Network()
    except (OSError, subprocess.CalledProcessError) as error:
        return skip("a bad network", f"there can be no network namespaces here: {error}")
    with network:
        install(network, server_path, index_path, work)


def install(network, server_path, index_path, work):
    root = f"{work}/channel"
    subprocess.run([built("sample-channel"), root], check=True, stdout=subprocess.DEVNULL)
    with open(f"{root}/large", "wb") as file:
        file.write(os.urandom(1 << 20))
    subprocess.run([index_path, root], check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen(
        network.inside(0, server_path, root, "--host", ADDRESSES[0], "--port", "8080",
                       "--access-log", "off"), stderr=subprocess.PIPE, text=True)
    try:
        server.stderr.readline()
        url, begin = f"http://{ADDRESSES[0]}:8080", time.monotonic()
        client = subprocess.run(
            network.inside(1, PYTHON, f"{REPOSITORY}/Tests/EndToEnd/Clients/install.py", url,
                           f"{work}/prefix", f"{work}/cache", "linux-64", "hello-everything"),
            capture_output=True, text=True)
        try:
            installed = [name for name in os.listdir(f"{work}/prefix/conda-meta")
                         if name.endswith(".json")]
        except FileNotFoundError:
            installed = []
        check("a client installs over a bad network", len(installed) == 4,
              f"{time.monotonic() - begin:.1f} s {client.stderr[-300:] if not installed else ''}")
        begin = time.monotonic()
        subprocess.run(network.inside(1, "curl", "--fail", "--silent", "--output", f"{work}/large",
                                      f"{url}/large"), check=False)
        same = subprocess.run(["cmp", f"{work}/large", f"{root}/large"], capture_output=True)
        check("a mebibyte arrives whole", same.returncode == 0,
              f"{time.monotonic() - begin:.1f} s; {network.lost} of {network.seen} packets lost")
    finally:
        server.terminate()
        check("stops with 0", server.wait() == 0)


class Network:
    """Two namespaces and what is between them."""

    def __init__(self):
        self.names = [f"channel-{os.getpid()}-{side}" for side in range(2)]
        self.tunnels, self.seen, self.lost, self.is_over = [], 0, 0, False
        self.thread = threading.Thread(target=self.hand_on)
        try:
            for side, name in enumerate(self.names):
                self.add(side, name)
        except BaseException:
            self.delete()
            raise
        self.thread.start()

    def add(self, side, name):
        tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        self.tunnels.append(tunnel)
        # TUNSETIFF with IFF_TUN and IFF_NO_PI.
        fcntl.ioctl(tunnel, 0x400454CA, struct.pack("16sH14x", f"channel{side}".encode(), 0x1001))
        for line in (f"ip netns add {name}",
                     f"ip link set channel{side} netns {name}",
                     f"ip -n {name} address add {ADDRESSES[side]}/24 dev channel{side}",
                     f"ip -n {name} link set channel{side} up"):
            subprocess.run(line.split(), check=True, capture_output=True)

    def delete(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        for tunnel in self.tunnels:
            os.close(tunnel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()
        self.delete()

    def inside(self, side, *command):
        return ["ip", "netns", "exec", self.names[side], *command]

    def hand_on(self):
        chance, late = random.Random(4), []
        while not self.is_over:
            wait = max(0, late[0][0] - time.monotonic()) if late else 0.1
            for tunnel in select.select(self.tunnels, [], [], min(wait, 0.1))[0]:
                packet = os.read(tunnel, 65536)
                self.seen += 1
                if chance.random() < LOSS:
                    self.lost += 1
                    continue
                other = self.tunnels[1 - self.tunnels.index(tunnel)]
                heapq.heappush(late, (time.monotonic() + LATENCY / 2, self.seen, other, packet))
            while late and late[0][0] <= time.monotonic():
                _, _, other, packet = heapq.heappop(late)
                try:
                    os.write(other, packet)
                except OSError:
                    self.lost += 1
