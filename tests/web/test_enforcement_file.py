"""Who would be locked out, as a file: read back by a reader of RFC 4180, and harmless in a spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.domain.account import Role
from ostiary.domain.enforcement.lockout import LockedOut, Reason
from ostiary.kernel.ids import AccountId
from ostiary.web.admin.enforcement.csv_file import csv_of

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


def somebody(name: str, email: str = "jane@acme.example", reason: Reason = Reason.NO_SIGN_IN) -> LockedOut:
    return LockedOut(account_id=AccountId("a1"), email=email, name=name, role=Role.MEMBER, reason=reason)


def read(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize(
    "name",
    [
        "=1+2",
        "+1",
        "-1",
        "@SUM(A1)",
        '=HYPERLINK("https://evil.example")',
        "\t=1",
        "\r=1",
        "=cmd|' /C calc'!A0",
        "\uff1d1",
        "\n=1",
        " =1",
    ],
)
def test_no_cell_begins_a_formula(name: str) -> None:
    (_, row) = read(csv_of([somebody(name, email="=x@acme.example")], provider="@Okta"))
    assert row[0] == f"'{name}"
    assert row[1] == "'=x@acme.example"
    assert [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@given(names=st.lists(NAMES, max_size=5))
def test_every_name_comes_back_letter_by_letter(names: list[str]) -> None:
    rows = read(csv_of([somebody(name) for name in names], provider="Okta"))[1:]
    assert [
        row[0].removeprefix("'") if row[0] != name else row[0] for row, name in zip(rows, names, strict=True)
    ] == names
    assert {len(row) for row in rows} <= {5}


def test_lines_end_as_the_standard_says_and_letters_survive_a_spreadsheet() -> None:
    file = csv_of([somebody('Inês "Nina" Carvalho, Dr.')], provider="Okta")
    assert file.startswith(b"\xef\xbb\xbf")
    assert file.endswith(b"\r\n")
    assert file.count(b"\n") == file.count(b"\r\n") == 2
    assert '"Inês ""Nina"" Carvalho, Dr."'.encode() in file


def test_every_reason_has_its_words() -> None:
    rows = read(csv_of([somebody("Jane", reason=reason) for reason in Reason], provider="Okta"))[1:]
    assert len({row[3] for row in rows}) == len({row[4] for row in rows}) == len(Reason)
    assert not any("{" in cell for row in rows for cell in row)
