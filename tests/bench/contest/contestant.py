"""A contestant reads an answer so many times and says how many seconds of processor time that took.

Each of the others is a worker: a process that gets the folder of the answers as its last argument, says "ready", and
then answers each line "NAME TIMES" (of NAME.b64) with a number of seconds. It loads keys and settings before "ready".
"""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ostiary import saml
from scripts.machine import C_LIBRARIES, NODE_SAML, PEERS, PEERS_PYTHON
from tests.saml.circumstances import SERVICE_PROVIDER, usual
from tests.vectors.message import KEYS

Timing = Callable[[str, int], float]
"""The name of an answer and how often to read it, to seconds of processor time."""

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent.parent.parent / "build" / "contest"


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """One of those who are compared."""

    name: str
    start: Callable[[Path], Timing | None]
    """Ready for the answers of this folder; None where this machine lacks what it needs."""
    unable: frozenset[str] = frozenset()
    """The answers that it can't read."""


_RUNNING: list[subprocess.Popen[str]] = []


def stop_workers() -> None:
    """End every worker: each ends when its input does."""
    while _RUNNING:
        _RUNNING.pop().communicate(timeout=60)


def worker(command: Sequence[str | Path], *, folder: Path) -> Timing:
    """A contestant in a process of its own."""
    running = subprocess.Popen([*command, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    _RUNNING.append(running)
    asked, answered = running.stdin, running.stdout
    assert asked is not None
    assert answered is not None
    assert answered.readline().strip() == "ready", command

    def seconds(name: str, times: int) -> float:
        asked.write(f"{name} {times}\n")
        asked.flush()
        return float(answered.readline())

    return seconds


def start_ours(folder: Path) -> Timing:
    """`read_response` with every check."""
    keys = (saml.read_decryption_key((KEYS / "sp.key").read_bytes()),)
    service_provider = saml.ServiceProvider(
        entity_id=SERVICE_PROVIDER.entity_id, acs_url=SERVICE_PROVIDER.acs_url, decryption_keys=keys
    )
    arguments = usual(service_provider=service_provider)
    forms: dict[str, bytes] = {}

    def seconds(name: str, times: int) -> float:
        form_value = forms.setdefault(name, (folder / f"{name}.b64").read_bytes())
        began = time.process_time()
        for _ in range(times):
            saml.read_response(form_value, **arguments)
        return time.process_time() - began

    return seconds


def start_floor(folder: Path) -> Timing | None:
    """The bare work in C, compiled anew."""
    if not C_LIBRARIES.is_there():
        return None
    BUILT.mkdir(parents=True, exist_ok=True)
    flags = subprocess.run(C_LIBRARIES.version, capture_output=True, text=True, check=True)
    program = BUILT / "floor"
    subprocess.run(["cc", "-O2", HERE / "floor" / "floor.c", "-o", program, *flags.stdout.split()], check=True)
    return worker([program], folder=folder)


def start_python3_saml(folder: Path) -> Timing | None:
    """Its whole `is_valid`, strict, with the request's ID."""
    return worker([PEERS_PYTHON, HERE / "python3_saml_worker.py"], folder=folder) if PEERS.is_there() else None


def start_signxml(folder: Path) -> Timing | None:
    """The assertion's signature and nothing else; it can't open an encrypted one."""
    return worker([PEERS_PYTHON, HERE / "signxml_worker.py"], folder=folder) if PEERS.is_there() else None


def start_node_saml(folder: Path) -> Timing | None:
    """Its whole `validatePostResponseAsync`, with the request's ID."""
    return worker(["node", HERE / "node" / "worker.js"], folder=folder) if NODE_SAML.is_there() else None


OURS = Contestant(name="ours", start=start_ours)
FLOOR = Contestant(name="floor", start=start_floor)
PYTHON3_SAML = Contestant(name="python3_saml", start=start_python3_saml)
SIGNXML = Contestant(name="signxml", start=start_signxml, unable=frozenset({"encrypted"}))
NODE_SAML_5 = Contestant(name="node_saml", start=start_node_saml)
CONTESTANTS: list[Contestant] = [OURS, FLOOR, PYTHON3_SAML, NODE_SAML_5, SIGNXML]
"""Those whom `make bench` compares, ours first. Add yours here: its ratio is kept as `ratio_to_NAME`."""
