"""A demo, started as a person starts it: on free ports, with data of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

START_SECONDS = 120
PORTS_OF_A_DEMO = 12


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """The demo, started as a person starts it."""

    url: str
    port: int
    folder: Path

    @property
    def log(self) -> str:
        """What it has printed so far."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def simulator_url(self, number: int) -> str:
        """The address of the simulator at this place, counted from 1."""
        return f"http://127.0.0.1:{self.port + number}"


@contextmanager
def running_demo(folder: Path, **brand: str) -> Iterator[RunningDemo]:
    """Start `ostiary demo` on free ports with its data in this folder, and stop it at the end.

    `brand`: variables of the product's brand, such as OSTIARY_PRODUCT_NAME.
    """
    port = _free_ports(PORTS_OF_A_DEMO)
    demo = RunningDemo(url=f"http://localhost:{port}", port=port, folder=folder)
    ostiary = Path(sys.executable).with_name("ostiary")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OSTIARY_")}
    with (folder / "output.txt").open("wb") as output:
        server = subprocess.Popen(
            [ostiary, "demo", "--port", str(port), "--data-dir", str(folder / "data")],
            cwd=folder,
            env=kept | brand,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(demo, server=server)
        yield demo
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
            pytest.fail("the demo did not stop within 20 seconds of SIGTERM:\n" + demo.log[-3000:])


def _wait_until_ready(demo: RunningDemo, *, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail("the demo did not start:\n" + demo.log[-3000:])


def _free_ports(count: int) -> int:
    """The first of this many neighbouring ports that nobody holds."""
    for _ in range(50):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        with ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                continue
        return int(first)
    raise RuntimeError(f"no {count} neighbouring ports are free")
