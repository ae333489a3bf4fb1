"""A real browser without a window, driven through its DevTools pipe: open a page, ask it things, take pictures."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-extensions", "--remote-debugging-pipe",
)  # fmt: skip


def find_browser() -> str | None:
    """Path of a Chromium on this machine; $FORECAST_BROWSER names another."""
    return os.environ.get("FORECAST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


class Tab:
    """One tab: commands go out and answers come in as JSON texts that end in a NUL byte."""

    def __init__(self, writing: int, reading: int) -> None:
        self.writing, self.reading = writing, reading
        self.count, self.rest, self.session = 0, b"", None
        self.seen: list[dict[str, Any]] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Answer to one command; what the browser tells meanwhile is kept in `seen`."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self.writing, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.seen.append(answer)

    def receive(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            piece = os.read(self.reading, 1 << 20)
            if not piece:
                raise RuntimeError("the browser has gone")
            self.rest += piece
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def open(self, file: Path, *, width: int = 1280, height: int = 900, scheme: str = "light", media: str = "") -> None:
        """Open a file at a size of the window (CSS pixels), in light or dark, for screen or print."""
        phone = width < 600
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=2 if phone else 1, mobile=phone)  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", media=media, features=[feature])
        self.seen.clear()
        self.ask("Page.navigate", url=file.resolve().as_uri())
        while not any(found.get("method") == "Page.loadEventFired" for found in self.seen):
            self.seen.append(self.receive())

    def evaluate(self, code: str) -> Any:
        """Value of an expression in the page."""
        result = self.ask("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    def picture(self, file: Path, *, top: int = 0, height: int | None = None) -> None:
        """PNG of the page from `top` on; the whole page by default."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": top, "width": size["width"], "height": height or size["height"] - top, "scale": 1}
        shot = self.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def told(self, method: str) -> list[dict[str, Any]]:
        """Parameters of what the browser told under a name since the page was opened."""
        return [found["params"] for found in self.seen if found.get("method") == method]


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """Start a browser with a profile in `folder`, and end it."""
    path = find_browser()
    assert path is not None
    to_browser, writing = os.pipe()
    reading, from_browser = os.pipe()

    def wire() -> None:  # copies on numbers that nothing else holds first: a pipe may itself stand on 3 or 4
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 5) for end in (to_browser, from_browser)]
        for number, end in enumerate(ends, start=3):
            os.dup2(end, number)

    process = subprocess.Popen(
        [path, *FLAGS, f"--user-data-dir={folder}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        close_fds=False, preexec_fn=wire,
    )  # fmt: skip
    os.close(to_browser)
    os.close(from_browser)
    try:
        yield Tab(writing, reading)
    finally:
        os.close(writing)
        process.terminate()
        process.wait(timeout=30)
        os.close(reading)
