"""A day's load in minutes: polls, downloads, ranges and listings on two thousand connections, while a
publisher adds and removes packages and the server is told to reload. Every answer is checked."""
import bisect
import collections
import hashlib
import http.client
import json
import os
import random
import resource
import signal
import subprocess
import threading
import time

from trial import Server, build_load, built, check

CONNECTIONS = 2000
RATE = 3500  # a second; a million in five minutes
RELOADS = 10  # seconds between them
ANYTHING = None
CHANGING, LASTING = ("noarch", "linux-64"), "osx-arm64"
INDEX = ["repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst", "run_exports.json",
         "run_exports.json.zst"]


def now():
    return time.monotonic_ns() // 1000


def digest(content):
    """What the load generator notes of a content."""
    return hashlib.sha256(content).hexdigest()[:16]


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Timeline:
    """What one request may be answered with, at any time."""

    def __init__(self, status, content):
        self.states = [(0, 0, status, content)]

    def change(self, began, done, status, content):
        """From `began` on the new answer may be seen, and from `done` on the old one may not."""
        if self.states[-1][2:] != (status, content):
            self.states.append((began, done, status, content))

    def allows(self, status, content, start, end):
        last = bisect.bisect_right(self.states, end, key=lambda state: state[0])
        for index in range(last - 1, -1, -1):
            state = self.states[index]
            if state[2] == status and state[3] in (ANYTHING, content):
                return True
            if state[1] <= start:
                # It had taken effect before the request, so nothing older may be seen.
                return False
        return False


class Publisher(threading.Thread):
    """Adds and removes packages, and knows what the channel holds at any time."""

    def __init__(self, command, root, reserve, pause):
        super().__init__(daemon=True)
        self.command, self.root, self.pause = command, root, pause
        self.waiting, self.present = reserve, []
        self.documents, self.packages, self.folders = {}, {}, {}
        self.generations = 0
        self.is_over = threading.Event()
        self.failure = None
        self.server = None

    def watch(self, server):
        """Takes down what the channel holds now, and what the server shows of it."""
        self.server = server
        documents = [f"{subdir}/{name}" for subdir in CHANGING for name in INDEX]
        for path in [*documents, "channeldata.json", "index.html"]:
            self.documents[path] = Timeline(200, digest(read(f"{self.root}/{path}")))
        for subdir in [*CHANGING, LASTING]:
            for path in (f"{subdir}/", f"{subdir}/?format=json"):
                self.folders[path] = Timeline(200, self.listing(path))
        for path in self.waiting:
            self.packages[place(path)] = Timeline(404, ANYTHING)

    def listing(self, path):
        """What the server shows of a folder, once that is known to be true."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
        connection.request("GET", f"/{path}")
        content = connection.getresponse().read()
        if path.endswith("json"):
            folder = f"{self.root}/{path.partition('?')[0]}"
            shown = {(entry["name"], entry.get("size")) for entry in json.loads(content)}
            there = {(entry.name, entry.stat().st_size if entry.is_file() else None)
                     for entry in os.scandir(folder) if not entry.name.startswith(".")}
            if shown != there:
                raise RuntimeError(f"{path} is not what is there: {sorted(shown ^ there)[:3]}")
        return digest(content)

    def run(self):
        try:
            while not self.is_over.wait(self.pause):
                if self.waiting and (len(self.present) < 10 or random.random() < 0.5):
                    count = min(len(self.waiting), random.randint(1, 4))
                    self.publish([self.waiting.pop() for _ in range(count)], [])
                elif self.present:
                    random.shuffle(self.present)
                    count = min(len(self.present), random.randint(1, 4))
                    self.publish([], [self.present.pop() for _ in range(count)])
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def publish(self, added, removed):
        began = now()
        for timeline in self.folders.values():
            timeline.change(began, began, 200, ANYTHING)
        for paths, verb in ((added, "add"), (removed, "remove")):
            if not paths:
                continue
            what = paths if verb == "add" else [package_name(path) for path in paths]
            subprocess.run([self.command, verb, self.root, *what], check=True,
                           stdout=subprocess.DEVNULL)
        done = now()
        self.generations += 1
        for path, timeline in self.documents.items():
            timeline.change(began, done, 200, digest(read(f"{self.root}/{path}")))
        for path in added:
            self.present.append(path)
            self.packages[place(path)].change(began, done, 200, digest(read(path)))
        for path in removed:
            self.packages[place(path)].change(began, done, 404, ANYTHING)
        for path, timeline in self.folders.items():
            timeline.change(done, done, 200, self.listing(path))


def place(path):
    """Where a package of the reserve lies in the channel."""
    return "/".join(path.split("/")[-2:])


def package_name(path):
    return place(path).removesuffix(".conda").removesuffix(".tar.bz2")


def make_channel(root, reserve, count):
    """A channel of `count` packages, and a quarter as many that wait to be published."""
    subprocess.run([built("bench-channel"), str(count * 5 // 4), root], check=True)
    packages = sorted(f"{subdir}/{name}" for subdir in os.listdir(root)
                      for name in os.listdir(f"{root}/{subdir}"))
    waiting = []
    for path in packages[::4]:
        if not path.startswith(LASTING):
            os.makedirs(os.path.dirname(f"{reserve}/{path}"), exist_ok=True)
            os.rename(f"{root}/{path}", f"{reserve}/{path}")
            waiting.append(f"{reserve}/{path}")
    for number in range(4):
        for size in (1, 16):
            with open(f"{root}/large-{size}-{number}.bin", "wb") as file:
                file.write(os.urandom(size << 20))
    random.shuffle(waiting)
    return waiting


def requests(root, publisher, chance):
    """What a day is made of, in the order in which it is asked: (line of the script, timeline)."""
    mix = []
    empty = digest(b"")

    def add(times, line, timeline):
        mix.extend([(line, timeline)] * times)

    for path in publisher.documents:
        conditional = "?GET" if "repodata" in path else "GET"
        add(120 if path.endswith("zst") else 30, f"{conditional} /{path}", publisher.documents[path])
    for subdir in CHANGING:
        add(120, f"HEAD /{subdir}/repodata.json.zst", Timeline(200, empty))
        add(60, f"GET /{subdir}/repodata.jlap", Timeline(404, ANYTHING))
        add(20, f"GET /{subdir}/repodata.json Accept-Encoding: zstd",
            publisher.documents[f"{subdir}/repodata.json.zst"])
    for path, timeline in publisher.folders.items():
        add(30, f"GET /{path}", timeline)
    stable = [f"{subdir}/{name}" for subdir in (*CHANGING, LASTING)
              for name in os.listdir(f"{root}/{subdir}") if name.endswith((".conda", ".tar.bz2"))]
    for path in chance.sample(stable, min(600, len(stable))):
        content = read(f"{root}/{path}")
        add(2, f"GET /{path}", Timeline(200, digest(content)))
        first = chance.randrange(len(content))
        last = chance.randrange(first, len(content))
        add(1, f"GET /{path} Range: bytes={first}-{last}",
            Timeline(206, digest(content[first:last + 1])))
    for path, timeline in publisher.packages.items():
        add(1, f"GET /{path}", timeline)
    for name in os.listdir(root):
        if name.startswith("large"):
            content = read(f"{root}/{name}")
            add(4 if len(content) < 2 << 20 else 1, f"GET /{name}",
                Timeline(200, digest(content)))
            add(4, f"GET /{name} Range: bytes=-65536", Timeline(206, digest(content[-65536:])))
    chance.shuffle(mix)
    return mix


def judge(record, mix):
    """Looks at every answer; counts them by status, and collects what is wrong."""
    counts, wrong = collections.Counter(), []
    with open(record) as file:
        for line in file:
            number, status, content, start, end = line.split()
            number, status, start, end = int(number), int(status), int(start), int(end)
            counts[status] += 1
            line, timeline = mix[number]
            if not timeline.allows(200 if status == 304 else status, content, start, end):
                wrong.append(f"{line}: {status} {content}, asked {start}, answered {end}")
    return counts, wrong


def run(server_path, index_path, work, seconds, count):
    root, load = f"{work}/day", build_load()
    os.makedirs(root)
    waiting = make_channel(root, f"{work}/reserve", count)
    subprocess.run([index_path, root], check=True, stdout=subprocess.DEVNULL)
    orders = Orders(work, root)
    server = Server(server_path, root, "--config", orders.file)
    publisher = Publisher(index_path, root, waiting, pause=0.3)
    publisher.watch(server)
    mix = requests(root, publisher, random.Random(1))
    with open(f"{work}/script", "w") as file:
        file.writelines(line + "\n" for line, _ in mix)

    idle, used = server.descriptors(), server.cpu()
    connections = min(CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
    process = subprocess.Popen(
        [load, str(server.port), str(connections), str(seconds), "-r", str(RATE), "-s",
         f"{work}/script", "-o", f"{work}/record"], stdout=subprocess.PIPE, text=True)
    publisher.start()
    samples, begin = [], time.monotonic()
    while process.poll() is None:
        samples.append((server.memory(), server.descriptors()))
        if time.monotonic() - begin > (orders.given + 1) * min(RELOADS, seconds / 4):
            orders.give(server)
        time.sleep(0.25)
    publisher.is_over.set()
    publisher.join()

    done, size, _, p50, p99, longest, elapsed = process.stdout.read().split()
    counts, wrong = judge(f"{work}/record", mix)
    for line in wrong[:5]:
        print(f"     {line}")
    print(f"     {int(done):,} answers, {int(size) / 1e9:.1f} GB in {float(elapsed):.0f} s: "
          + ", ".join(f"{count:,} of {status}" for status, count in sorted(counts.items())))
    print(f"     p50 {int(p50) / 1000:.1f} ms, p99 {int(p99) / 1000:.1f} ms, longest "
          f"{int(longest) / 1000:.0f} ms; {(server.cpu() - used) / float(elapsed):.2f} cores of the "
          f"server; {publisher.generations} generations, {orders.given} reloads")
    check("a day's load: no wrong byte, no failed request", not wrong and len(counts) > 3,
          f"{len(wrong)} of {sum(counts.values()):,}")
    check("the publisher was not disturbed", not publisher.failure and publisher.generations > 1,
          str(publisher.failure or ""))
    verify = subprocess.run([index_path, "verify", root, "--digests"], capture_output=True,
                            text=True)
    check("the channel is as it should be", verify.returncode == 0,
          verify.stdout[-300:].strip() if verify.returncode else "")
    check_flat(samples)
    deadline = time.monotonic() + 10
    # What was opened for speed may stay open.
    while server.descriptors() > idle + 300 and time.monotonic() < deadline:
        time.sleep(0.1)
    check("no connection is left over", server.descriptors() <= idle + 300,
          f"{idle} -> {server.descriptors()} descriptors")
    check("stops with 0", server.stop() == 0)
    said = server.process.stderr.read()
    check("every reload was followed or refused", orders.given == orders.followed(said), said[-300:]
          if orders.given != orders.followed(said) else "")


class Orders:
    """The configurations that the server is told to follow, in turn."""

    def __init__(self, work, root):
        self.file, self.given = f"{work}/server.conf", 0
        self.texts = [
            f"mount = /again={root}\nlisten = unix:{work}/socket\nmax-connections = 10000\n",
            "max-connections = very many\n",
            "# all as at first\n",
        ]
        self.write(self.texts[-1])

    def write(self, text):
        with open(f"{self.file}.new", "w") as file:
            file.write(text)
        os.rename(f"{self.file}.new", self.file)

    def give(self, server):
        self.write(self.texts[self.given % len(self.texts)])
        server.process.send_signal(signal.SIGHUP)
        self.given += 1

    def followed(self, said):
        """How many were followed, or refused for being wrong."""
        wrong = (self.given + 1) // len(self.texts)
        return said.count("was read again") + min(wrong, said.count("the old configuration stays"))


def check_flat(samples):
    quarter = max(1, len(samples) // 4)
    before, after = samples[quarter:2 * quarter], samples[-quarter:]
    memory = [max(sample[0] for sample in part) for part in (before, after)]
    check("memory is flat", memory[1] <= memory[0] * 1.1 + 4000,
          f"{samples[0][0]} -> {memory[0]} -> {memory[1]} kB")
    open_files = [max(sample[1] for sample in part) for part in (before, after)]
    check("descriptors are flat", open_files[1] <= open_files[0] + 100,
          f"{samples[0][1]} -> {open_files[0]} -> {open_files[1]}")
