"""Write every SAML vector: `python -m tests.vectors.generate`. The same bytes on every run.

To add a case, add it to the file that it belongs to (accepted.py, refused.py, allowances.py, encrypted.py, attacks.py,
published.py, wrapping.py) and run this. The verdict is yours to know: a vector is never made from what the code under
test says.
Files larger than 100 KB are made by the tests themselves (test_limits.py) and not kept.
"""

import shutil

from tests.vectors.accepted import accepted
from tests.vectors.allowances import allowances
from tests.vectors.attacks import attacks
from tests.vectors.encrypted import encrypted
from tests.vectors.published import published
from tests.vectors.refused import refused
from tests.vectors.vector import ROOT, Vector, write


def all_vectors() -> list[Vector]:
    """Every vector, freshly made."""
    return [*accepted(), *refused(), *attacks(), *published(), *allowances(), *encrypted()]


def main() -> None:
    """Replace the three folders."""
    for kind in ("accepted", "refused", "attacks"):
        shutil.rmtree(ROOT / kind, ignore_errors=True)
    for vector in all_vectors():
        write(vector)


if __name__ == "__main__":
    main()
