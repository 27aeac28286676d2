"""Processes that are killed at any moment: what was published stays, and clients get what they want."""
import atexit
import glob
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request

from trial import built, check


def run(server_path, index_path, work, seconds):
    packages = make_packages(f"{work}/packages", 40)
    killed_publisher(index_path, f"{work}/published", packages, seconds / 2)
    killed_server(server_path, index_path, f"{work}/served", packages, seconds / 2)


def make_packages(folder, count):
    subprocess.run([built("bench-channel"), str(count), folder], check=True)
    return sorted(f"{folder}/{subdir}/{name}" for subdir in os.listdir(folder)
                  for name in os.listdir(f"{folder}/{subdir}"))


def digest(content):
    return hashlib.sha256(content).hexdigest()


def listed(root):
    """The packages that the indexes of a channel list, with their digests."""
    packages = {}
    for path in glob.glob(f"{root}/*/repodata.json"):
        subdir = path.split("/")[-2]
        with open(path) as file:
            index = json.load(file)
            for kind in ("packages", "packages.conda"):
                packages |= {f"{subdir}/{name}": record["sha256"]
                             for name, record in index[kind].items()}
    return packages


def killed_publisher(index_path, root, packages, seconds):
    subprocess.run([index_path, "init", root], check=True, stdout=subprocess.DEVNULL)
    chance, kills, published, lost, broken = random.Random(2), 0, set(), [], []
    typical, end = 0.05, time.monotonic() + seconds
    while time.monotonic() < end:
        path = packages[chance.randrange(len(packages))]
        name = "/".join(path.split("/")[-2:])
        if name in published:
            verb, what = "remove", name.removesuffix(".conda").removesuffix(".tar.bz2")
        else:
            verb, what = "add", path
        begin = time.monotonic()
        process = subprocess.Popen([index_path, verb, root, what], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        try:
            _, error = process.communicate(timeout=chance.uniform(0, 1.5 * typical))
            typical = 0.9 * typical + 0.1 * (time.monotonic() - begin)
        except subprocess.TimeoutExpired:
            process.kill()
            _, error = process.communicate()
        if process.returncode == 0:
            published ^= {name}
        elif process.returncode == -signal.SIGKILL:
            # The next run may take back what was begun, or finish it.
            published -= {name}
            kills += 1
        else:
            broken.append(error)
        index = listed(root)
        lost += published - index.keys()
        broken += [there for there, known in index.items() if known != digest(read(root, there))]
    check("a killed publisher loses no package", kills and not lost and not broken,
          f"{kills} killed, {len(published)} published {[*lost, *broken][:2] or ''}")
    restarted = subprocess.run([index_path, root], capture_output=True, text=True)
    verify = subprocess.run([index_path, "verify", root, "--digests"], capture_output=True, text=True)
    check("the next run leaves all as it should be",
          restarted.returncode == 0 and verify.returncode == 0,
          (restarted.stderr + verify.stdout)[-300:] if verify.returncode else "")


def read(root, path):
    try:
        with open(f"{root}/{path}", "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def killed_server(server_path, index_path, root, packages, seconds):
    for path in packages:
        os.makedirs(f"{root}/{path.split('/')[-2]}", exist_ok=True)
        shutil.copy(path, f"{root}/{'/'.join(path.split('/')[-2:])}")
    subprocess.run([index_path, root], check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    supervisor = Supervisor([server_path, root, "--host", "127.0.0.1", "--port", str(port),
                             "--access-log", "off"])
    supervisor.start()
    known = listed(root)
    chance, wrong, served, retried = random.Random(3), [], 0, 0
    end, longest = time.monotonic() + seconds, 0
    next_kill = time.monotonic() + 0.3
    while time.monotonic() < end:
        if time.monotonic() > next_kill:
            supervisor.kill()
            next_kill = time.monotonic() + chance.uniform(0.05, 0.5)
        path, begin = chance.choice(sorted(known)), time.monotonic()
        while time.monotonic() < begin + 10:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
                    content = answer.read()
                break
            except OSError:
                # What clients do, too.
                retried += 1
                time.sleep(0.005)
        else:
            wrong.append(f"{path} is not served")
            break
        longest = max(longest, time.monotonic() - begin)
        served += 1
        if digest(content) != known[path]:
            wrong.append(path)
    supervisor.stop()
    check("a killed server is back with everything", not wrong and supervisor.starts > 1,
          f"{supervisor.starts - 1} killed, {served} packages served after {retried} retries, none "
          f"later than {longest * 1000:.0f} ms {wrong[:2] or ''}")


class Supervisor(threading.Thread):
    """Starts a program again whenever it ends, as `restart: always` and systemd do."""

    def __init__(self, command):
        super().__init__(daemon=True)
        atexit.register(self.stop)
        self.command, self.starts, self.process = command, 0, None
        self.is_over = False

    def run(self):
        while not self.is_over:
            self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)
            self.starts += 1
            self.process.wait()

    def kill(self):
        if self.process:
            self.process.send_signal(signal.SIGKILL)

    def stop(self):
        self.is_over = True
        while self.is_alive():
            self.kill()
            self.join(0.01)
