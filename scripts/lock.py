"""Resolves the dependencies anew and writes the locks in `requirements/`: run and dev for `.venv`, two for beside it.

Usage: python scripts/lock.py [--upgrade]

The files hold versions for every platform and Python that we support, with hashes, and say nothing about where
packages come from: that is the business of the machine that installs them.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.8"
LOCKS = {
    "run.txt": ("pyproject.toml", "--extra", "build"),
    "dev.txt": ("pyproject.toml", "--extra", "build", "--extra", "dev"),
    "peers.txt": ("--group", "pyproject.toml:peers"),
    "fuzz.txt": ("--group", "pyproject.toml:fuzz"),
}
OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate", "--quiet")


def main() -> None:
    """Write the locks and refuse a line that names an index."""
    uv = find_uv()
    for name, source in LOCKS.items():
        lock = ROOT / "requirements" / name
        command = [uv, "pip", "compile", *OPTIONS, *source, *sys.argv[1:], "-o", str(lock)]
        subprocess.run(command, cwd=ROOT, check=True)
        lines = lock.read_text().splitlines()
        named = [line for line in lines if line.startswith("-") or "://" in line]
        if named:
            raise SystemExit(f"requirements/{name} names an index, which it must not: {named[0]}")
        print(f"requirements/{name}: {sum(line[:1].isalnum() for line in lines)} packages")


def find_uv() -> str:
    """The path of uv; where there is none, one is installed for this purpose alone."""
    on_path = shutil.which("uv")
    if on_path is not None:
        return on_path
    environment = ROOT / "build" / "lock-environment"
    if not (environment / "bin" / "uv").exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        subprocess.run([environment / "bin" / "pip", "install", "--quiet", UV], check=True)
    return str(environment / "bin" / "uv")


if __name__ == "__main__":
    main()
