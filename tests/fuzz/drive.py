"""Lets atheris loose on one target: `build/fuzz/bin/python -m tests.fuzz.drive TARGET [libFuzzer's arguments]`.

`make fuzz` starts this for each target in turn. atheris watches our code; what it can't watch (libxml2, OpenSSL) is
reached by changes that leave XML well-formed.
"""

import hashlib
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ostiary"]):
    from tests.fuzz.targets import TARGETS

from tests.fuzz.mutation import mutate

OF_XML = {"parse", "metadata", "response", "content", "decryption", "logout"}


PREFIX = "-artifact_prefix="


def main() -> None:
    """Hand over to libFuzzer, which ends the process itself."""
    name = sys.argv.pop(1)
    prefix = next((each.removeprefix(PREFIX) for each in sys.argv if each.startswith(PREFIX)), f"{name}-")

    def watched(octets: bytes) -> None:
        try:
            TARGETS[name](octets)
        except Exception:
            # Written here too: what libFuzzer writes is lost where its own timer ends the process first.
            Path(f"{prefix}fault-{hashlib.sha256(octets).hexdigest()[:16]}").write_bytes(octets)
            raise

    # To compare corpora libFuzzer starts itself anew, by a shell and with what it takes for its own name.
    sys.argv[0] = f"{sys.executable} -m tests.fuzz.drive {name}"
    first = 1 if name == "decryption" else 0

    def changed(octets: bytes, largest: int, seed: int) -> bytes:
        # One in three in bytes, so that what no XML library would write comes too.
        made = mutate(octets[first:], seed=seed) if seed % 3 else None
        if made is None or len(made) + first > largest:
            return atheris.Mutate(octets, largest)
        return octets[:first] + made

    if name in OF_XML:
        atheris.Setup(sys.argv, watched, custom_mutator=changed)
    else:
        atheris.Setup(sys.argv, watched)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
