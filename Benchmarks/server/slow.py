"""slowhttptest's three attacks with a thousand connections, and what a normal client notices."""
import os
import shutil
import subprocess
import time

from trial import Server, build_load, check, skip

CONNECTIONS = "1000"
SECONDS = 30
ATTACKS = {
    "heads": ["-H", "-i", "2", "-x", "24"],
    "bodies": ["-B", "-i", "2", "-x", "24", "-s", "8192"],
    "readers": ["-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3"],
}
# A client that keeps its connections, and one that makes a new one for each request.
CLIENTS = {"kept": [], "new": ["-c"]}


def run(server_path, root):
    if not shutil.which("slowhttptest"):
        return skip("slow attackers", "slowhttptest is not installed")
    load = build_load()
    with open(f"{root}/f", "w") as file:
        file.write("hello")
    with open(f"{root}/large", "wb") as file:
        file.write(os.urandom(32 << 20))
    server = Server(server_path, root)
    measure(load, server)
    quiet = measure(load, server)
    for name, options in ATTACKS.items():
        held = kernel_memory()
        attack = subprocess.Popen(
            ["slowhttptest", *options, "-c", CONNECTIONS, "-r", "500", "-l", str(SECONDS), "-p", "3",
             "-u", f"http://127.0.0.1:{server.port}/large"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=step_back)
        while server.descriptors() < int(CONNECTIONS) and attack.poll() is None:
            time.sleep(0.1)
        # In full swing: what the kernel can be made to hold, it holds.
        time.sleep(5)
        connected, used, held = server.descriptors(), server.cpu(), kernel_memory() - held
        under = measure(load, server)
        used = server.cpu() - used
        attack.terminate()
        attack.communicate()
        check(f"slow {name} are there", connected >= int(CONNECTIONS), f"{connected} descriptors")
        for client in CLIENTS:
            check(f"slow {name} hold up nobody, with connections {client}",
                  under[client][0] < 5 * quiet[client][0] and not under[client][1],
                  f"p99 {quiet[client][0] / 1000:.2f} -> {under[client][0] / 1000:.2f} ms, "
                  f"{under[client][1]} failed")
        check(f"slow {name} have the kernel hold little", held < 500, f"{held} MB")
        print(f"     {used:.2f} s of processor time in 10 s, {server.memory()} kB")
    check("stops with 0", server.stop() == 0)


def step_back():
    """Has attackers, who would be on other machines, take no processor time from the server."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.nice(10)


def kernel_memory():
    """Megabytes in the buffers of all TCP connections of the machine."""
    with open("/proc/net/sockstat") as file:
        line = next(line for line in file if line.startswith("TCP:"))
    return int(line.split()[-1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def measure(load, server):
    """The p99 in microseconds and the failures of each kind of client."""
    results = {}
    for name, options in CLIENTS.items():
        line = subprocess.run([load, str(server.port), "8", "5", "-r", "500", *options, "/f"],
                              check=True, capture_output=True, text=True).stdout.split()
        results[name] = (int(line[4]), int(line[2]))
    return results
