import re
from collections import Counter

from ostiary.web.routes import ROWS
from ostiary.web.routing import Who
from tests.house.source import ROOT

OPEN_TO_ANYONE = {
    "/healthz",
    "/readyz",
    "/theme",
    "/logout",
    "/",
    "/login",
    "/password",
    "/o",
    "/saml",
    "/oidc",
    "/oauth2",
    "/problems",
}


def test_every_route_says_what_it_is_for():
    """One sentence a row: it is what docs/routes.md and a newcomer read."""
    assert [row.path for row in ROWS if not re.fullmatch(r"[A-Z].{8,}\.", row.says)] == []


def test_every_route_is_documented():
    """docs/routes.md has every row; that it has no others, tests/house/test_docs.py says.

    That every row is opened by a test is asked at the end of `make test`: see tests/house/opened_routes.py.
    """
    page = (ROOT / "docs" / "routes.md").read_text()
    assert [row.path for row in ROWS if f"`{row.path}`" not in page] == []


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
    doors = ("/saml/{connection_id}/", "/oauth2/idpresponse/{connection_id}", "/oidc/{connection_id}/")
    assert {path for path in crossing if not path.startswith(doors)} == set()


def test_no_address_is_given_twice():
    """Of two rows for one address the first wins in silence."""
    assert [address for address, count in Counter((row.method, row.path) for row in ROWS).items() if count > 1] == []
