"""What hostile or unlucky clients do."""
import os
import random
import signal
import socket
import time

from trial import Server, check


def run(path, root, drop_seconds):
    with open(f"{root}/f", "w") as file:
        file.write("hello")
    with open(f"{root}/large", "wb") as file:
        file.write(os.urandom(32 << 20))
    os.makedirs(f"{root}/many")
    for index in range(1000):
        open(f"{root}/many/{index}", "w").close()
    signals(path, root)
    mangled(path, root, 10)
    starved(path, root)
    idle(path, root)
    stalled(path, root)
    dropped(path, root, drop_seconds)


def idle(path, root):
    server = Server(path, root, "--threads", "1")
    check("ready within 30 ms", server.start < 0.03, f"{server.start * 1000:.0f} ms")
    server.get()
    before = server.memory()
    check("a started server is under 12 MB", before < 12_000, f"{before} kB")
    clients = []
    for _ in range(8000):
        client = server.connect()
        client.sendall(b"GET /f HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(4096)
        clients.append(client)
    after = server.memory()
    each = (after - before) * 1024 / 8000
    check("an idle connection is under 1 KiB", each < 1024, f"{each:.0f} bytes")
    check("8000 of them are under 20 MB", after < 20_000, f"{after} kB")
    for client in clients:
        client.close()
    check("stops with 0", server.stop() == 0)


def dropped(path, root, seconds):
    server = Server(path, root)
    # Afterwards whatever is kept for speed is in place.
    for _ in range(1000):
        server.get()
        server.get("/many/")
    for _ in range(40):
        server.get("/large")
    memory, descriptors = server.memory(), server.descriptors()
    clients, opened, end = [], 0, time.monotonic() + seconds
    requests = [b"", b"G", b"GET /f HTTP/1.1\r\nHost: a\r\n", b"GET /f HTTP/1.1\r\nHost: a\r\n\r\n",
                b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n" * 3, b"\x16\x03\x01", b"GET /many/ HTTP/1.1\r\n"
                b"Host: a\r\n\r\n", b"POST /f HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc"]
    while opened < 20_000 or time.monotonic() < end:
        if len(clients) < 5000:
            client = server.connect()
            opened += 1
            request = random.choice(requests)
            try:
                client.sendall(request)
            except OSError:
                pass
            clients.append(client)
        if len(clients) >= 5000 or random.random() < 0.4:
            client = clients.pop(random.randrange(len(clients)))
            if random.random() < 0.5:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
    check("served throughout", server.is_well(), f"{opened} connections")
    for client in clients:
        client.close()
    deadline = time.monotonic() + 20
    # Memory is given back a few seconds after the connections have gone.
    while time.monotonic() < deadline and (
            server.descriptors() > descriptors or server.memory() >= memory + 2000):
        time.sleep(0.2)
    check("no descriptor is lost", server.descriptors() <= descriptors,
          f"{descriptors} -> {server.descriptors()}")
    after = server.memory()
    check("no memory is lost", after < memory + 2000, f"{memory} -> {after} kB")
    check("stops with 0", server.stop() == 0)


def stalled(path, root):
    """The three slow attacks: heads that trickle, bodies that trickle, readers that do not read."""
    server = Server(path, root)
    server.get()
    memory = server.memory()
    heads = [server.connect() for _ in range(300)]
    for client in heads:
        client.sendall(b"GET /f HTTP/1.1\r\nHost: a\r\nX: ")
    bodies = [server.connect() for _ in range(300)]
    for client in bodies:
        client.sendall(b"POST /f HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
    readers = [server.connect(4096) for _ in range(200)]
    for client in readers:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    begin, used, well = time.monotonic(), server.cpu(), True
    while time.monotonic() - begin < 26:
        for client in heads + bodies:
            try:
                client.sendall(b"x")
            except OSError:
                pass
        well = well and server.is_well()
        time.sleep(1)
    check("slow attackers hold up nobody", well)
    check("they cost no CPU", server.cpu() - used < 1, f"{server.cpu() - used:.2f} s in 26 s")
    check("200 stalled readers of 32 MiB are under 30 MB", server.memory() < 30_000,
          f"{memory} -> {server.memory()} kB")
    closed = sum(1 for client in heads if is_closed(client))
    check("trickled heads are cut after 20 s", closed == 300, f"{closed} of 300")
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    server.process.send_signal(signal.SIGTERM)
    check("a second signal does not wait", server.process.wait(timeout=5) == 1)


def is_closed(client):
    client.setblocking(False)
    try:
        while True:
            if not client.recv(65536):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def starved(path, root):
    server = Server(path, root, "--threads", "1", descriptors=64)
    clients = []
    for _ in range(200):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", server.port))
        clients.append(client)
    time.sleep(0.5)
    for client in clients:
        try:
            client.send(b"GET /f HTTP/1.1\r\nHost: a\r\n")
        except OSError:
            pass
    used = server.cpu()
    time.sleep(3)
    check("no spinning without descriptors", server.cpu() - used < 0.3,
          f"{server.cpu() - used:.2f} s in 3 s")
    for client in clients:
        client.close()
    time.sleep(0.5)
    check("serves again with descriptors", server.is_well())
    check("stops with 0", server.stop() == 0)


def mangled(path, root, seconds):
    """Requests with bytes changed, dropped and doubled, several behind each other."""
    server = Server(path, root, "--access-log", f"{root}/mangled.log")
    requests = [
        b"GET /f HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1,3-\r\nIf-Range: \"x\"\r\n\r\n",
        b"POST /t/token/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5;a=b\r\nhello\r\n0\r\nT: v\r\n\r\n",
        b"GET http://a/many/?format=json&sort=size HTTP/1.0\r\nAccept-Encoding: gzip;q=0.5, *\r\n"
        b"Connection: keep-alive\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
        b"HEAD /%2e/many/..//f?x HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 3\r\n"
        b"If-None-Match: W/\"a\", *\r\nUser-Agent: x\"\\\r\nExpect: 100-continue\r\n\r\nabc",
    ]
    chance, sent, end = random.Random(1), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        data = bytearray(b"".join(chance.choices(requests, k=chance.randint(1, 4))))
        for _ in range(chance.choice([0, 1, 1, 2, 5])):
            at = chance.randrange(len(data))
            kind = chance.random()
            if kind < 0.5:
                data[at] = chance.randrange(256)
            elif kind < 0.75:
                del data[at:at + chance.randint(1, 9)]
            else:
                data[at:at] = data[at:at + 20] * chance.randint(1, 5)
        try:
            with server.connect() as client:
                client.sendall(data[:len(data) // 2])
                client.sendall(data[len(data) // 2:])
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
        except (ConnectionResetError, BrokenPipeError):
            pass
        sent += 1
    check("mangled requests harm nobody", server.is_well(), f"{sent} connections")
    check("stops with 0", server.stop() == 0)


def signals(path, root):
    server = Server(path, root)
    for number in (signal.SIGHUP, signal.SIGUSR1):
        server.process.send_signal(number)
    time.sleep(0.2)
    check("HUP and USR1 harm nobody", server.is_well())
    check("stops with 0", server.stop() == 0)
