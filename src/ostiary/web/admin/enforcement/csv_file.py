"""Those who would be locked out as a file for a spreadsheet. RFC 4180.

Rule: names and addresses are what people have typed or a provider has sent. A cell that a spreadsheet would run as a
formula is made text.
"""

import csv
import io
from collections.abc import Iterable
from typing import Final

from ostiary.domain.enforcement.lockout import LockedOut
from ostiary.web.admin.enforcement.words import HEADINGS

HEAD: Final = ("Name", "Email", "Role", "Reason", "What to do")
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width
_MARK: Final = "\ufeff"
"""Without it Excel reads UTF-8 as something else, and Inês becomes InÃªs."""


def csv_of(people: Iterable[LockedOut], *, provider: str) -> bytes:
    """One line for each person, with the reason and what to do."""
    text = io.StringIO()
    text.write(_MARK)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEAD)
    for each in people:
        heading = HEADINGS[each.reason]
        cells = (each.name, each.email, each.role.label, heading.title.format(idp=provider), heading.short)
        writer.writerow([defused(cell) for cell in cells])
    return text.getvalue().encode()


def defused(cell: str) -> str:
    """The cell as text: no spreadsheet takes it for a formula (CSV injection)."""
    # White space before it is dropped by some programs when they read the file.
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) or cell.strip().startswith(_STARTS_A_FORMULA) else cell
