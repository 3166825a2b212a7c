"""Throws inputs at whatever reads untrusted bytes, for so many minutes in total: `make fuzz MINUTES=30`.

Usage: python -m scripts.fuzz [--minutes 30] [--keep] [TARGET ...]

A crash, a hang, an exception that is no refusal, or a message that is believed though nobody has signed it ends with
status 1; the input lies in `build/fuzzing/found`. `--keep` puts the inputs that reach new lines, where they are small,
into `tests/fuzz/corpus`, which every run of the tests plays again.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import machine
from scripts.machine import FUZZ_PYTHON, FUZZER, ROOT

WORK = ROOT / "build" / "fuzzing"
FOUND = WORK / "found"
KEPT = ROOT / "tests" / "fuzz" / "corpus"
WEIGHTS = {"response": 5, "content": 4, "parse": 3, "decryption": 3, "decode": 1} | dict.fromkeys(
    ("certificates", "metadata", "logout", "doctor"), 2
)
"""The share of the minutes that each target gets."""
LARGEST_KEPT = 20_000
MOST_KEPT = 100_000
"""Bytes of one input, and of all that are kept for one target."""
LIMITS = ("-timeout=10", "-rss_limit_mb=2048", "-max_len=20000")


def main() -> int:
    """Run each target for its share; the exit status is 0 only if nothing was found."""
    asked = argparse.ArgumentParser()
    asked.add_argument("targets", nargs="*", help="all, where none is named")
    asked.add_argument("--minutes", type=float, default=30)
    asked.add_argument("--keep", action="store_true")
    given = asked.parse_args()
    targets = given.targets or list(WEIGHTS)
    unknown = [each for each in targets if each not in WEIGHTS]
    if unknown:
        raise SystemExit(f"There is no target {unknown[0]}. There are: {', '.join(WEIGHTS)}.")
    machine.obtain((FUZZER,))
    if machine.missing((FUZZER,)):
        raise SystemExit(f"atheris is missing. To get it: {machine.advice((FUZZER,))}")
    FOUND.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "tests.fuzz.seeds", str(WORK / "seeds")], cwd=ROOT, check=True)
    whole = sum(WEIGHTS[each] for each in targets)
    failed = [each for each in targets if not _run(each, seconds=round(given.minutes * 60 * WEIGHTS[each] / whole))]
    if given.keep:
        for each in targets:
            _keep(each)
    print(f"{len(targets) - len(failed)} passed, {len(failed)} failed", flush=True)
    return 1 if failed else 0


def _run(target: str, *, seconds: int) -> bool:
    """Whether this target has stood so many seconds."""
    print(f"\n== {target}: {seconds} s", flush=True)
    corpus = _folder("corpus", target)
    kept = KEPT / target
    folders = [corpus, WORK / "seeds" / target, *([kept] if kept.is_dir() else [])]
    log = WORK / f"{target}.log"
    with log.open("wb") as output:
        ended = _drive(
            target,
            f"-max_total_time={seconds}",
            f"-artifact_prefix={FOUND}/{target}-",
            *map(str, folders),
            output=output,
        )
    lines = log.read_text(errors="replace").splitlines()
    if ended != 0:
        print("\n".join(lines[-40:]), flush=True)
    done = [line for line in lines if line.startswith(("Done ", "#")) and ("DONE" in line or "Done" in line)]
    print("\n".join(done) or f"ended with status {ended}", flush=True)
    return ended == 0


def _keep(target: str) -> None:
    """Add to the kept corpus what reaches more than the seeds do, the smallest first, as far as there is room."""
    kept = KEPT / target
    kept.mkdir(parents=True, exist_ok=True)
    seeds = WORK / "seeds" / target
    merged = _folder("merged", target)
    shutil.rmtree(merged)
    shutil.copytree(seeds, merged)
    with (WORK / f"{target}-merge.log").open("wb") as output:
        _drive(target, "-merge=1", str(merged), str(kept), str(_folder("corpus", target)), output=output)
    beyond = sorted((path for path in merged.iterdir() if not (seeds / path.name).exists()), key=_size)
    for path in kept.iterdir():
        path.unlink()
    room = MOST_KEPT
    for path in beyond:
        room -= _size(path)
        if room < 0 or _size(path) > LARGEST_KEPT:
            break
        shutil.copy(path, kept / path.name)
    print(f"{target}: {len(list(kept.iterdir()))} of {len(beyond)} inputs kept", flush=True)


def _drive(target: str, *arguments: str, output: object) -> int:
    """The exit status of libFuzzer, on one core and behind everything else that runs there."""
    command = [str(FUZZ_PYTHON), "-m", "tests.fuzz.drive", target, *LIMITS, *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    ran = subprocess.run(
        ["nice", "-n", "19", *command],
        cwd=ROOT,
        env=environment,
        stdout=output,  # type: ignore[call-overload] # a file
        stderr=subprocess.STDOUT,
        check=False,
    )
    return int(ran.returncode)


def _folder(name: str, target: str) -> Path:
    folder = WORK / name / target
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _size(path: Path) -> int:
    return path.stat().st_size


if __name__ == "__main__":
    raise SystemExit(main())
