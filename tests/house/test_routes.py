import re
from collections import Counter

import pytest

from ostiary.web.routes import ROWS
from ostiary.web.routing import Row, Who
from tests.house.source import ROOT

TESTS = ROOT / "tests"
OPEN_TO_ANYONE = {"/healthz", "/readyz", "/theme", "/logout", "/", "/login", "/password", "/o", "/saml", "/problems"}


def test_every_route_says_what_it_is_for():
    """One sentence a row: it is what docs/routes.md and a newcomer read."""
    assert [row.path for row in ROWS if not re.fullmatch(r"[A-Z].{8,}\.", row.says)] == []


def test_every_route_is_documented():
    """docs/routes.md has every row; that it has no others, tests/house/test_docs.py says."""
    page = (ROOT / "docs" / "routes.md").read_text()
    assert [row.path for row in ROWS if f"`{row.path}`" not in page] == []


def test_every_route_is_opened_by_a_test():
    """Some test names the address, or opens it under a real id.

    A page that no test opens has been broken for a while in every product; here somebody has to look at it first.
    """
    asked = "\n".join(path.read_text() for path in TESTS.rglob("test_*.py") if path.parent.name != "house")
    untested = [f"{row.method} {row.path}" for row in ROWS if not is_named(row, text=asked)]
    assert untested == []


def test_everything_under_settings_is_for_admins():
    """A settings page whose row forgot to say who may see it would be open to anyone who types its address."""
    assert [row.path for row in ROWS if row.path.startswith("/settings") and row.who is not Who.ADMIN] == []


def test_what_anyone_may_open_is_a_short_list():
    """A new page is closed until somebody adds its first word to the list in this file, and has thought about it."""
    opened = {"/" + row.path.split("/")[1] for row in ROWS if row.who is Who.ANYONE}
    assert opened <= OPEN_TO_ANYONE


def test_only_answers_of_identity_providers_may_come_from_other_sites():
    """Every other form refuses a request that another site's page has sent (cross-site request forgery)."""
    crossing = {row.path for row in ROWS if row.is_cross_site}
    assert {path for path in crossing if not path.startswith("/saml/{connection_id}/")} == set()


def test_no_address_is_given_twice():
    """Of two rows for one address the first wins in silence."""
    assert [address for address, count in Counter((row.method, row.path) for row in ROWS).items() if count > 1] == []


@pytest.mark.parametrize(
    ("path", "text", "is_found"),
    [
        ("/saml/{id}/acs", 'post(f"/saml/{connection_id}/acs")', True),
        ("/saml/{id}/acs", 'post("/saml/c7k/acs")', True),
        ("/saml/{id}", 'post("/saml/c7k/acs")', False),
        ("/login", 'get("/login/sso")', False),
        ("/login", 'get("/login?next=/")', True),
    ],
)
def test_the_rule_tells_an_address_from_a_longer_one(path, text, is_found):
    """Otherwise a test of the longer one would count for both."""
    row = next(iter(ROWS))
    assert is_named(Row(method="GET", path=path, handler=row.handler, says="."), text=text) is is_found


def is_named(row: Row, *, text: str) -> bool:
    """Whether the text holds this address, with anything where the row has a parameter."""
    fixed = [re.escape(part) for part in re.split(r"{\w+}", row.path)]
    pattern = r"[^/\s\"'?#]+".join(fixed)
    return bool(re.search(rf"(?<![\w/]){pattern}(?![\w/{{-])|}}{pattern}(?![\w/{{-])|\d{pattern}(?![\w/{{-])", text))
