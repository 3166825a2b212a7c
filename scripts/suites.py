"""Which suites there are, and what each of them needs from the machine.

Rule: a folder of `tests/` that no suite names belongs to the floors, so that no test can be forgotten.
"""

from dataclasses import dataclass
from pathlib import Path

from scripts.machine import (
    AXE,
    C_LIBRARIES,
    CHROMIUM,
    KEYCLOAK,
    LEMONLDAP,
    NODE_SAML,
    OIDC_PROVIDER,
    PEERS,
    POSTGRES,
    SIMPLESAMLPHP,
    Need,
)

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
NAMED_FOLDERS = {
    "house",
    "property",
    "differential",
    "fuzz",
    "journeys",
    "browser",
    "interop",
    "load",
    "crash",
    "bench",
}
SLOW_FOLDERS = {"abuse", "demo", "outbound", "security", "services", "simulator", "storage"}
"""Whole worlds, attacks that take their time, what waits for disks and servers: `make fast` leaves them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Some folders of tests that run in one go."""

    name: str
    about: str
    folders: tuple[Path, ...]
    marks: str = "not postgres"
    needs: tuple[Need, ...] = ()
    wishes: tuple[Need, ...] = ()
    """Each is needed by some of its tests alone. Where one is missing, those say so and are skipped."""
    profile: str = "ci"
    limit_minutes: int = 30
    """Several times what it takes here: a slow machine is no failure, a test that hangs is one."""
    weight: int = 0
    """About the seconds that it takes: of suites that run side by side the longest begins first."""
    measures_time: bool = False
    """Nothing may run beside it."""

    def test_folders(self) -> tuple[Path, ...]:
        """The folders of this suite that hold a test."""
        return tuple(folder for folder in self.folders if any(folder.rglob("test_*.py")))


def every_suite() -> tuple[Suite, ...]:
    """The suites of `make test`, the quick ones first. Linting comes before them and is no suite of pytest's."""
    return (
        Suite(name="house", about="the rules of the code itself", folders=_named("house"), weight=20),
        Suite(name="floors", about="each floor for itself, on SQLite", folders=_floors(), weight=390),
        Suite(name="property", about="what holds for any input", folders=_named("property"), weight=60),
        Suite(name="corpus", about="what a fuzzer has kept", folders=_named("fuzz")),
        Suite(name="differential", about="xmlsec beside ours", folders=_named("differential"), needs=(PEERS,)),
        Suite(
            name="postgresql",
            about="storage, whole sign-ins and load on PostgreSQL",
            folders=(*_floors(), *_named("journeys", "load")),
            marks="postgres",
            needs=(POSTGRES,),
            weight=260,
        ),
        Suite(name="journeys", about="whole sign-ins, in one process", folders=_named("journeys"), weight=130),
        Suite(
            name="browser", about="the pages, in Chromium", folders=_named("browser"), needs=(CHROMIUM, AXE), weight=430
        ),
        Suite(
            name="interop",
            about="software of others",
            folders=_named("interop"),
            wishes=(SIMPLESAMLPHP, LEMONLDAP, KEYCLOAK, OIDC_PROVIDER),
            weight=160,
        ),
        Suite(
            name="load", about="many at once, and a killed server", folders=_named("load", "crash"), measures_time=True
        ),
    )


def fast_suites() -> tuple[Suite, ...]:
    """The tests of a minute, as two suites of about the same weight that run side by side."""
    halves: tuple[list[Path], list[Path]] = ([], [])
    folders = [folder for folder in (*_named("house", "property"), *_floors()) if folder.name not in SLOW_FOLDERS]
    for folder in sorted(folders, key=_weight, reverse=True):
        min(halves, key=lambda half: sum(_weight(one) for one in half)).append(folder)
    return tuple(
        Suite(
            name=f"fast {number}",
            about=", ".join(sorted(folder.name for folder in half if any(folder.rglob("test_*.py")))),
            folders=tuple(half),
            marks="not postgres and not slow",
            profile="fast",
        )
        for number, half in enumerate(halves, start=1)
    )


def fuzz_suite() -> Suite:
    """The property tests, with many more examples."""
    return Suite(name="fuzz", about="", folders=_named("property"), profile="fuzz", limit_minutes=30)


def bench_suite() -> Suite:
    """The measurements; they write build/bench.json."""
    needs = (C_LIBRARIES, PEERS, NODE_SAML)
    return Suite(name="bench", about="", folders=_named("bench"), needs=needs, limit_minutes=30)


def _named(*names: str) -> tuple[Path, ...]:
    return tuple(TESTS / name for name in names)


def _floors() -> tuple[Path, ...]:
    folders = sorted(path for path in TESTS.iterdir() if path.is_dir() and path.name not in NAMED_FOLDERS)
    loose = list(TESTS.glob("test_*.py"))
    if loose:
        raise SystemExit(f"{loose[0].name} lies loose in tests/: put it into the folder of its floor.")
    return tuple(folders)


def _weight(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("test_*.py"))
