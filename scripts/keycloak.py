"""Gets Keycloak from Maven Central, once for this account of the machine: checked, unpacked and built.

Usage: python -m scripts.keycloak

It is 177 MB; a folder of the user's cache keeps it for every checkout. What is kept is what was checked: the hash
stands here, not beside the file. There is no database and no account: H2 in memory, started and ended by the tests.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

VERSION = "26.7.3"
BYTES = 176_710_367
SHA256 = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"
OLDEST_JAVA = 17
BUILD = ("build", "--db=dev-mem", "--cache=local", "--health-enabled=false", "--metrics-enabled=false")

NAME = f"keycloak-{VERSION}"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ostiary"
HOME = CACHE / NAME
SCRIPT = HOME / "bin" / "kc.sh"
_ARCHIVE = f"keycloak-quarkus-dist-{VERSION}.zip"
_URL = f"https://repo1.maven.org/maven2/org/keycloak/keycloak-quarkus-dist/{VERSION}/{_ARCHIVE}"
_STAMP = HOME / "ostiary.stamp"
_PIECE = 1 << 20
_SAID_EVERY = 25 * _PIECE


def main() -> None:
    """Get what is missing. Ends with a sentence where it can't be had."""
    if is_there():
        return
    if _java() < OLDEST_JAVA:
        raise SystemExit(f"Keycloak needs Java {OLDEST_JAVA}: sudo apt-get install openjdk-17-jre-headless")
    CACHE.mkdir(parents=True, exist_ok=True)
    archive = CACHE / _ARCHIVE
    if not _is_genuine(archive):
        _download(archive)
    _unpack(archive)
    say(f"Building {NAME}, about a minute ...")
    if subprocess.run(["sh", str(SCRIPT), *BUILD], stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise SystemExit(f"{NAME} could not be built: run  sh {SCRIPT} {' '.join(BUILD)}")
    _STAMP.write_text(SHA256)
    archive.unlink()
    say(f"{NAME} is in {HOME}.")


def is_there() -> bool:
    """Whether it is built and a Java is here that is new enough."""
    return _STAMP.exists() and _STAMP.read_text() == SHA256 and _java() >= OLDEST_JAVA


def _download(archive: Path) -> None:
    say(f"Fetching {_URL} ({BYTES >> 20} MiB) ...")
    partial = archive.with_suffix(".part")
    try:
        with urllib.request.urlopen(_URL, timeout=60) as answer, partial.open("wb") as file:
            while piece := answer.read(_PIECE):
                if file.tell() // _SAID_EVERY != (file.tell() + len(piece)) // _SAID_EVERY:
                    say(f"  {100 * file.tell() // BYTES} %")
                file.write(piece)
    except OSError as error:
        raise SystemExit(f"Keycloak could not be fetched from Maven Central: {error}") from error
    if not _is_genuine(partial):
        partial.unlink()
        raise SystemExit("What came from Maven Central is not the Keycloak that these tests know. Nothing was kept.")
    partial.replace(archive)


def _is_genuine(archive: Path) -> bool:
    if not archive.exists() or archive.stat().st_size != BYTES:
        return False
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == SHA256


def _unpack(archive: Path) -> None:
    if HOME.exists():
        shutil.rmtree(HOME)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(CACHE)


def _java() -> int:
    """The main version of the machine's Java; 0 where there is none."""
    java = shutil.which("java")
    if java is None:
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def say(text: str) -> None:
    """One line for the person who waits."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
