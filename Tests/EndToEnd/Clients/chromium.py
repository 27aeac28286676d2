"""Drives a headless Chromium over a pipe, with nothing but Python's own library."""

import json
import os
import shutil
import subprocess
import tempfile
import time


def executable():
    """The path of a Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


class Page:
    """One page of a browser that ends with it."""

    def __init__(self, width=1280, height=800, scheme="light"):
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        requests, self.requests = os.pipe()
        self.answers, answers = os.pipe()
        # The browser expects them as descriptors 3 and 4.
        command = 'exec "$0" "$@" 3<&%d 4>&%d' % (requests, answers)
        self.process = subprocess.Popen(
            ["bash", "-c", command, executable(), "--headless=new", "--remote-debugging-pipe",
             "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--user-data-dir=" + self.profile],
            pass_fds=(requests, answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(requests)
        os.close(answers)
        self.count = 0
        self.received = b""
        self.session = None
        # What went wrong in the page: errors on its console, exceptions, failed requests.
        self.complaints = []
        self.requested = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.resize(width, height)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(10)
        except (EOFError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.requests)
        os.close(self.answers)
        shutil.rmtree(self.profile, ignore_errors=True)

    def message(self):
        while b"\0" not in self.received:
            chunk = os.read(self.answers, 1 << 20)
            if not chunk:
                raise EOFError("the browser ended")
            self.received += chunk
        text, self.received = self.received.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.count += 1
        request = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.requests, data):]
        while True:
            message = self.message()
            if message.get("id") == self.count:
                if "error" in message:
                    raise RuntimeError("%s: %s" % (method, message["error"]))
                return message["result"]
            self.note(message.get("method"), message.get("params", {}))

    def note(self, method, event):
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(event["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning"):
            self.complaints.append(json.dumps(event["args"]))
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            self.complaints.append(event["entry"]["text"])
        elif method == "Page.javascriptDialogOpening":
            self.complaints.append("a dialog: " + event["message"])
        elif method == "Network.requestWillBeSent":
            self.requested.append(event["request"]["url"])

    def resize(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=scale, mobile=width < 600)

    def evaluate(self, expression):
        """The value of a JavaScript expression, or what its promise comes to."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError("%s: %s" % (expression, answer["exceptionDetails"]))
        return answer["result"].get("value")

    def until(self, expression, seconds=60):
        """Waits until an expression is true, and answers its value."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            value = self.evaluate(expression)
            if value:
                return value
            time.sleep(0.02)
        raise TimeoutError("never true: %s; complaints: %s" % (expression, self.complaints))

    def open(self, url):
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        self.until("document.body && document.body.getAttribute('aria-busy') !== 'true'"
                   " && location.href !== 'about:blank'")

    def type(self, text):
        for character in text:
            self.press(character, character)

    def press(self, key, text=None):
        codes = {"Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "Backspace": 8}
        event = {"key": key, "windowsVirtualKeyCode": codes.get(key, 0)}
        if text or key == "Enter":
            event["text"] = text or "\r"
        self.call("Input.dispatchKeyEvent", type="keyDown", **event)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def text(self, selector):
        return self.evaluate(
            "(document.querySelector(%s) || {}).innerText || ''" % json.dumps(selector))

    def picture(self):
        import base64
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
