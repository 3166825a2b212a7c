"""Makes `.venv` and fills it from a lock file; does nothing, in milliseconds, when that has been done.

Usage: python3 scripts/set_up.py run|dev|node|peers|fuzz|node-saml|oidc-provider

Standard library only, and in words that old interpreters understand: it runs before there is an environment,
and its first job is to say which Python is missing.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)
BESIDE = {"peers": "what others verify SAML with", "fuzz": "the fuzzer"}
NODE_FOLDERS = {
    "node": ROOT,
    "node-saml": ROOT / "tests" / "bench" / "contest" / "node",
    "oidc-provider": ROOT / "tests" / "interop" / "node",
}
NAMES_OF_PYTHON = ("python3.11", "python3.12", "python3.13", "python3.14", "python3")


def main() -> None:
    """Set up what the command line names."""
    for name in sys.argv[1:] or ["run"]:
        if name in NODE_FOLDERS:
            set_up_node(NODE_FOLDERS[name])
        elif name in {"run", "dev"}:
            set_up_python(name)
        elif name in BESIDE:
            set_up_beside(name)
        else:
            raise SystemExit(
                "Say what to set up: run (the product), dev (its tests too), node (axe-core),"
                " peers (xmlsec, python3-saml), fuzz (atheris), node-saml or oidc-provider."
            )


def set_up_python(name: str) -> None:
    """Bring `.venv` in step with `requirements/<name>.txt` and with this package."""
    lock = ROOT / "requirements" / f"{name}.txt"
    if not VENV_PYTHON.exists() or read(VENV / "place.stamp") != str(ROOT):
        make_environment()
    if read(VENV / f"lock-{name}.stamp") != fingerprint(lock.read_text()):
        say(f"Installing what requirements/{name}.txt lists ...")
        pip("install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(lock))
        write_lock_stamps(name)
    package = fingerprint(package_part((ROOT / "pyproject.toml").read_text()))
    if read(VENV / "package.stamp") != package:
        pip("install", "--no-deps", "--no-build-isolation", "-e", str(ROOT))
        (VENV / "package.stamp").write_text(package)


def make_environment() -> None:
    """Make an empty `.venv` of a Python that is new enough, or say what is missing."""
    python = find_python()
    say("Making .venv ...")
    if VENV.exists():
        shutil.rmtree(str(VENV))
    made = subprocess.run([python, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        shutil.rmtree(str(VENV), ignore_errors=True)
        raise SystemExit(
            "Python's venv module can't make an environment here. On Debian and Ubuntu it is a package of its own:\n"
            "    sudo apt-get install python3-venv\n"
            f"What it said: {(made.stderr or made.stdout).strip()}"
        )
    (VENV / "place.stamp").write_text(str(ROOT))


def find_python() -> str:
    """The path of a Python that is new enough."""
    candidates = [os.environ.get("PYTHON"), sys.executable, *[shutil.which(name) for name in NAMES_OF_PYTHON]]
    for candidate in candidates:
        if candidate and not candidate.startswith(str(VENV)) and version_of(candidate) >= OLDEST_PYTHON:
            return candidate
    here = ".".join(str(part) for part in sys.version_info[:3])
    raise SystemExit(
        f"Ostiary needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer; here is {here}.\n"
        "On Debian 12 and Ubuntu 24.04:  sudo apt-get install python3 python3-venv\n"
        "Elsewhere, install one and name it:  make PYTHON=/path/to/python3.11 run"
    )


def version_of(python: str) -> tuple[int, ...]:
    """The version of this interpreter; (0,) where it does not start."""
    question = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", question], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    return tuple(int(part) for part in answer.stdout.split()) if answer.returncode == 0 else (0,)


def write_lock_stamps(name: str) -> None:
    """Note that a lock is installed; where the tests' lock holds all of the product's, note that one too."""
    locks = {kind: (ROOT / "requirements" / f"{kind}.txt").read_text() for kind in ("run", "dev")}
    (VENV / f"lock-{name}.stamp").write_text(fingerprint(locks[name]))
    if name == "dev" and pins(locks["run"]) <= pins(locks["dev"]):
        (VENV / "lock-run.stamp").write_text(fingerprint(locks["run"]))


def set_up_beside(name: str) -> None:
    """Bring the environment `build/<name>` in step with its lock: `.venv` stays small, and free of other libraries."""
    environment = ROOT / "build" / name
    lock = ROOT / "requirements" / f"{name}.txt"
    wanted = fingerprint(lock.read_text() + str(environment))
    if read(environment / "lock.stamp") == wanted:
        return
    say(f"Installing {BESIDE[name]} into build/{name} ...")
    if environment.exists():
        shutil.rmtree(str(environment))
    run([str(VENV_PYTHON), "-m", "venv", str(environment)])
    python = str(environment / "bin" / "python")
    pip("install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(lock), python=python)
    if name == "fuzz":
        # The fuzzer runs the product and what it stands on: both are in .venv.
        [packages] = VENV.glob("lib/python*/site-packages")
        [own] = environment.glob("lib/python*/site-packages")
        (own / "product.pth").write_text(f"import site; site.addsitedir({str(packages)!r})\n")
    (environment / "lock.stamp").write_text(wanted)


def set_up_node(folder: Path) -> None:
    """Install what the `package-lock.json` of this folder lists: the accessibility checker, or a peer."""
    lock = fingerprint((folder / "package-lock.json").read_text())
    stamp = folder / "node_modules" / ".ostiary.stamp"
    if read(stamp) == lock:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is missing. On Debian and Ubuntu:  sudo apt-get install npm")
    say("Installing what package-lock.json lists ...")
    run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], folder=folder)
    stamp.write_text(lock)


def pip(*arguments: str, python: str = str(VENV_PYTHON)) -> None:
    """Run an environment's pip, quietly."""
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-warn-script-location"]
    run([python, "-m", "pip", *arguments, *options])


def run(command: list[str], folder: Path = ROOT) -> None:
    """Run a command that must succeed; a second try covers a registry that did not answer."""
    for _ in range(2):
        if subprocess.run(command, cwd=str(folder), check=False).returncode == 0:
            return
        say("That did not work.")
    raise SystemExit("This command did not succeed, twice:\n    " + " ".join(command))


def package_part(pyproject: str) -> str:
    """What the installed package depends on: everything above the settings of the tools."""
    return pyproject.split("\n[tool.ruff", maxsplit=1)[0]


def pins(lock: str) -> set[str]:
    """The `name==version` of every line of a lock file."""
    return set(re.findall(r"^[A-Za-z0-9._-]+==[^ \\;]+", lock, re.MULTILINE))


def fingerprint(text: str) -> str:
    """A hash of the text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(stamp: Path) -> str:
    """The text of a stamp; empty where there is none."""
    return stamp.read_text() if stamp.exists() else ""


def say(text: str) -> None:
    """One line for the person who waits."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
