"""A demo as a person starts it: a process of its own, on free ports, in a folder of its own."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

OSTIARY = Path(sys.executable).with_name("ostiary")
PORTS = 9
START_SECONDS = 90
STOP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it came, without following anything."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(slots=True)
class RunningDemo:
    """A demo that runs, or has run, in this folder."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes]"

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return (self.folder.parent / "output.txt").read_text(errors="replace")

    @property
    def settings(self) -> dict[str, str]:
        """The environment with which other commands find its database."""
        key = self.folder / "key" / "sealing.key"
        return {"OSTIARY_DATA_DIR": str(self.folder / "data"), "OSTIARY_KEY_FILE": str(key)}

    def get(self, path: str, *, part: int = 0, headers: Mapping[str, str] | None = None) -> Answered:
        """The answer of the product, or of the part that stands at so many ports after it."""
        return self._ask("GET", path, part=part, sent=headers or {})

    def post(self, path: str, form: Mapping[str, str], *, part: int = 0, origin: str | None = None) -> Answered:
        """The answer to a form, sent from a page of that part unless another origin is told."""
        own = f"http://{'localhost' if part == 0 else '127.0.0.1'}:{self.port + part}"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": own if origin is None else origin}
        return self._ask("POST", path, part=part, sent=headers, body=urlencode(form))

    def stop(self) -> int:
        """Stop it as `kill` does. Returns: its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_SECONDS)

    def _ask(self, method: str, path: str, *, part: int, sent: Mapping[str, str], body: str | None = None) -> Answered:
        connection = http.client.HTTPConnection("127.0.0.1", self.port + part, timeout=60)
        try:
            connection.request(method, path, body=body, headers=dict(sent))
            answer = connection.getresponse()
            names = {name.lower() for name in answer.headers}
            headers = {name: ", ".join(answer.headers.get_all(name, ())) for name in names}
            return Answered(answer.status, headers, answer.read().decode("utf-8", "replace"))
        finally:
            connection.close()


@contextmanager
def running(folder: Path, *, port: int) -> Iterator[RunningDemo]:
    """Start the demo of this folder, and stop it at the end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [OSTIARY, "demo", "--port", str(port), "--data-dir", str(folder)],
            env=plain_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    demo = RunningDemo(port, folder, process)
    try:
        _wait(demo)
        yield demo
    finally:
        try:
            demo.stop()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"The demo did not stop within {STOP_SECONDS} s of SIGTERM:\n{demo.output[-2000:]}")


def plain_environment() -> dict[str, str]:
    """The environment without any setting of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OSTIARY_")}


def free_ports() -> int:
    """The first of nine neighbouring ports that nobody holds."""
    for _ in range(50):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = int(probe.getsockname()[1])
        with ExitStack() as stack:
            try:
                for port in range(first, first + PORTS):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                continue
        return first
    raise RuntimeError("no nine neighbouring ports are free")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """A demo for the tests of one file."""
    with running(tmp_path_factory.mktemp("demo") / "kept", port=free_ports()) as started:
        yield started


@pytest.fixture
def run_ostiary() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs a command of `ostiary` to its end."""

    def run(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        environment = {**plain_environment(), **settings}
        return subprocess.run(
            [OSTIARY, *words], env=environment, capture_output=True, text=True, timeout=START_SECONDS, check=False
        )

    return run


def _wait(demo: RunningDemo) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and demo.process.poll() is None:
        # What is printed at the end of the start says that every part answers.
        if "to begin" in demo.output:
            return
        time.sleep(0.02)
    pytest.fail(f"The demo did not start:\n{demo.output[-3000:]}")
