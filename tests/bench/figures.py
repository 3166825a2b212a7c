"""Measuring in rounds: what is compared runs in turn, so that a busy machine slows all of it alike."""

import json
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RESULT = ROOT / "build" / "bench.json"
KEPT: dict[str, Mapping[str, object]] = {}
"""What this run has measured; the conftest prints it at the end."""
LIBRARIES = ("lxml", "cryptography", "sqlalchemy", "starlette")


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Seconds a call, of each contender in each round."""

    rounds: Mapping[str, list[float]]

    def microseconds(self, name: str) -> float:
        """The median over the rounds."""
        return round(statistics.median(self.rounds[name]) * 1e6, 1)

    def ratio(self, name: str, *, to: str) -> float:
        """The median over the rounds of one contender's time through the other's in the same round."""
        pairs = zip(self.rounds[name], self.rounds[to], strict=True)
        return round(statistics.median(one / other for one, other in pairs), 2)


def compare(contenders: Mapping[str, Callable[[], object]], *, rounds: int = 15, seconds: float = 0.08) -> Compared:
    """Let each contender work for about so many seconds in each round, one after the other."""
    measured: dict[str, list[float]] = {name: [] for name in contenders}
    calls = {name: _calls_in(run, seconds) for name, run in contenders.items()}
    for _ in range(rounds):
        for name, run in contenders.items():
            measured[name].append(_time(run, calls[name]) / calls[name])
    return Compared(rounds=measured)


def keep(name: str, figures: Mapping[str, object]) -> None:
    """Write these figures into build/bench.json, beside those of the other measurements."""
    RESULT.parent.mkdir(exist_ok=True)
    KEPT[name] = figures
    known = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    known["machine"] = {
        "python": platform.python_version(),
        "processor": _processor(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        **{library: version(library) for library in LIBRARIES},
    }
    known[name] = dict(figures)
    RESULT.write_text(json.dumps(known, indent=2) + "\n")


def _calls_in(run: Callable[[], object], seconds: float) -> int:
    _time(run, 3)
    return max(1, int(seconds / (_time(run, 5) / 5)))


def _time(run: Callable[[], object], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        run()
    return time.perf_counter() - began


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
