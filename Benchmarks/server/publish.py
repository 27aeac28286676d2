"""Many packages from many clients at once into a large channel, while readers go on reading: none is
lost, generations are shared, and reading is measured before and meanwhile."""
import hashlib
import http.client
import json
import os
import queue
import random
import subprocess
import threading
import time

from trial import Server, build_load, built, check

CLIENTS = 8
CONNECTIONS, RATE = 32, 500  # a second
SUBDIR = "noarch"  # that of all packages that are published, so that its ledger counts generations


def run(server_path, index_path, work, count, uploads, most_generations, seconds):
    root = f"{work}/channel"
    waiting = make_channel(index_path, root, f"{work}/waiting", count, uploads)
    tokens = f"{work}/tokens.json"
    secret = subprocess.run([server_path, "token", "create", "ci", "--publish", "--tokens", tokens],
                            check=True, capture_output=True, text=True).stdout.strip()
    server = Server(server_path, root, "--tokens", tokens)
    write_script(root, f"{work}/script")

    before = Readers(server, work, seconds).wait()
    # Until long after the last upload, so that all of them are among reads.
    readers = Readers(server, work, seconds * 6)
    generations = Generations(root)
    clients = Clients(server, secret, waiting)
    generations.stop()
    during = readers.wait(clients.began, clients.ended)

    took = sorted(clients.took)
    print(f"     {len(took)} uploads by {CLIENTS} clients into {count:,} packages in "
          f"{clients.ended - clients.began:.1f} s: p50 {took[len(took) // 2]:.2f} s, longest "
          f"{took[-1]:.2f} s; {generations.count} generations")
    for words, latencies in (("before", before), ("meanwhile", during)):
        print(f"     {len(latencies):,} reads {words}: p50 {percentile(latencies, 50):.2f} ms, p99 "
              f"{percentile(latencies, 99):.2f} ms, longest {latencies[-1]:.1f} ms")
    check("every upload is answered 201", clients.statuses == [201] * uploads,
          str([status for status in clients.statuses if status != 201][:3] or ""))
    check("reading goes on meanwhile", len(during) > 100 and readers.failed == 0,
          f"{readers.failed} reads failed; p99 "
          f"{percentile(during, 99) / percentile(before, 99):.1f} times what it was before")
    check("generations are shared", 0 < generations.count <= most_generations,
          f"{generations.count} for {uploads} uploads, at most {most_generations} wanted")
    check_listed(server, root, waiting, count)
    verify = subprocess.run([index_path, "verify", root, "--digests"], capture_output=True, text=True)
    check("the channel is as it should be", verify.returncode == 0,
          verify.stdout[-300:].strip() if verify.returncode else "")
    check("nothing is left of the uploads", not os.listdir(f"{root}/.channel/uploads"))
    check("stops with 0", server.stop() == 0)


def make_channel(index_path, root, waiting, count, uploads):
    """A channel of `count` packages, and others that wait to be published."""
    subprocess.run([built("bench-channel"), str(count + uploads), root], check=True)
    os.makedirs(waiting)
    chosen = random.Random(5).sample(sorted(os.listdir(f"{root}/{SUBDIR}")), uploads)
    for name in chosen:
        os.rename(f"{root}/{SUBDIR}/{name}", f"{waiting}/{name}")
    subprocess.run([index_path, root], check=True, stdout=subprocess.DEVNULL)
    return [f"{waiting}/{name}" for name in chosen]


def write_script(root, path):
    """What solvers and installers ask for, most of them what they have already."""
    chance = random.Random(6)
    lines = ["?GET /noarch/repodata.json.zst", "?GET /noarch/repodata_shards.msgpack.zst"] * 40
    lines += ["GET /noarch/repodata_shards.msgpack.zst"] * 8 + ["GET /noarch/repodata.json.zst"] * 2
    for folder in ("noarch", "noarch/shards", "linux-64"):
        names = [name for name in sorted(os.listdir(f"{root}/{folder}"))
                 if name.endswith((".conda", ".tar.bz2", ".msgpack.zst"))]
        lines += [f"GET /{folder}/{name}" for name in chance.sample(names, min(100, len(names)))]
    chance.shuffle(lines)
    with open(path, "w") as file:
        file.writelines(line + "\n" for line in lines)


def percentile(sorted_values, percent):
    return sorted_values[len(sorted_values) * percent // 100]


class Readers:
    """Those who read at a steady rate; their answers are recorded."""

    def __init__(self, server, work, seconds):
        self.record, self.failed = f"{work}/record", 0
        self.process = subprocess.Popen(
            [build_load(), str(server.port), str(CONNECTIONS), str(seconds), "-r", str(RATE),
             "-s", f"{work}/script", "-o", self.record], stdout=subprocess.DEVNULL)

    def wait(self, began=0.0, ended=float("inf")):
        """The latencies of what was asked for within a time, in sorted milliseconds."""
        self.process.wait()
        latencies = []
        with open(self.record) as file:
            for line in file:
                _, status, _, start, end = line.split()
                self.failed += status not in ("200", "304")
                if began <= int(start) / 1e6 <= ended:
                    latencies.append((int(end) - int(start)) / 1000)
        return sorted(latencies)


class Generations:
    """Counts how often the index is replaced."""

    def __init__(self, root):
        self.path, self.count, self.is_over = f"{root}/.channel/{SUBDIR}.ledger", 0, False
        self.thread = threading.Thread(target=self.watch, args=[self.state()])
        self.thread.start()

    def state(self):
        status = os.stat(self.path)
        return status.st_ino, status.st_mtime_ns

    def watch(self, last):
        while not self.is_over:
            state = self.state()
            self.count += state != last
            last = state
            time.sleep(0.002)

    def stop(self):
        self.is_over = True
        self.thread.join()


class Clients:
    """Uploads all there is, and returns when each has its answer."""

    def __init__(self, server, secret, paths):
        self.server, self.secret = server, secret
        self.statuses, self.took = [], []
        self.paths = queue.SimpleQueue()
        for path in paths:
            self.paths.put(path)
        self.began = time.monotonic()
        threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.ended = time.monotonic()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
        while not self.paths.empty():
            try:
                path = self.paths.get_nowait()
            except queue.Empty:
                return
            with open(path, "rb") as file:
                body = file.read()
            begin = time.monotonic()
            try:
                connection.request("PUT", f"/{SUBDIR}/{os.path.basename(path)}", body,
                                   {"Authorization": f"Bearer {self.secret}"})
                answer = connection.getresponse()
                answer.read()
                self.statuses.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                self.statuses.append(str(error))
                connection.close()
            self.took.append(time.monotonic() - begin)


def check_listed(server, root, published, count):
    """All that the index lists can be fetched, and what was published is listed as it was sent."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)

    def fetch(path):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, hashlib.sha256(answer.read()).hexdigest()

    listed = {}
    for subdir in sorted(os.listdir(root)):
        connection.request("GET", f"/{subdir}/repodata.json")
        answer = connection.getresponse()
        content = answer.read()
        if answer.status == 200:
            index = json.loads(content)
            listed |= {f"/{subdir}/{name}": record["sha256"]
                       for kind in ("packages", "packages.conda")
                       for name, record in index[kind].items()}
    lost = []
    for path in published:
        with open(path, "rb") as file:
            if listed.get(f"/{SUBDIR}/{os.path.basename(path)}") != \
                    hashlib.sha256(file.read()).hexdigest():
                lost.append(os.path.basename(path))
    check("no package is lost", not lost and len(listed) == count + len(published),
          f"{len(listed):,} are listed {lost[:3] or ''}")
    wrong = [path for path, digest in listed.items() if fetch(path) != (200, digest)]
    check("all that is listed can be fetched", not wrong, str(wrong[:3] or ""))
