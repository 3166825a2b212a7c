"""Every code of OpenID Connect on the pages where it is read, for every provider: report, attempt, and page of help.

That a text is right is tested where it is made; here that nothing of it is lost, left open or foreign on the way.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, Purpose, TimelineEvent
from ostiary.domain.connection import Connection, Protocol, Revision
from ostiary.domain.connection_report import CheckLine, Result, TestReport
from ostiary.domain.openid.settings import OidcSettings
from ostiary.guides import ConnectionValues, Guide, guides
from ostiary.kernel import ids
from ostiary.kernel.errors import Fact, Refusal
from ostiary.problems.catalogue import BY_CODE, CATALOGUE, facts_of
from ostiary.problems.quoting import FACT_WORDS, placeholders
from ostiary.problems.refining.fetching import FETCHED
from ostiary.services.client import Client
from ostiary.services.saml.request import Departure
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World, a_world

OPENID: Final = guides(protocol=Protocol.OIDC)
NAMES: Final = ConnectionValues(product="Ringline", organization="Acme", acs_url="", entity_id="")
OF_A_SIGN_IN: Final = sorted(
    {named.code for named in CATALOGUE if issubclass(named, Refusal) and named.code.startswith("oidc.")}
    | {"login.email_missing", "login.possession_needed", "login.linking_off", "login.no_account", *FETCHED}
)
MET: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "entra": (
        ("oidc.provider_error", "AADSTS50011"),
        ("oidc.provider_error", "AADSTS50020"),
        ("oidc.provider_error", "AADSTS50105"),
        ("oidc.provider_error", "AADSTS65001"),
        ("oidc.provider_error", "AADSTS700016"),
        ("oidc.client_rejected", "AADSTS7000215"),
        ("oidc.client_rejected", "AADSTS7000222"),
        ("oidc.code_rejected", "AADSTS54005"),
    ),
    "okta": (
        ("oidc.provider_error", "User is not assigned to the client application"),
        ("oidc.provider_error", "The 'redirect_uri' parameter must be a Login redirect URI"),
        ("oidc.client_rejected", "The client secret supplied for a confidential client is invalid"),
    ),
    "google": (
        ("oidc.provider_error", "redirect_uri_mismatch"),
        ("oidc.provider_error", "org_internal"),
        ("oidc.provider_error", "admin_policy_enforced"),
        ("oidc.token_refused", "deleted_client"),
    ),
    "keycloak": (
        ("oidc.client_rejected", "Invalid client or Invalid client credentials"),
        ("oidc.code_rejected", "Code not valid"),
    ),
    "onelogin": (("oidc.provider_error", "client is invalid"),),
}
"""What people really meet, by provider: the code of ours under which it comes, and what it says."""
OPEN = re.compile(r"\{[a-z_]*\}|\(not recorded\)|\*\*|`|→ *(?:→|\.|,|$)|None\b")
SAML_ONLY = re.compile(r"SSO URL|\bACS\b|NameID|SAML|Entity ID|metadata|assertion\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Acme, for all tests of this file."""
    with a_world(tmp_path_factory.mktemp("words")) as made:
        yield made


@pytest.fixture(scope="module")
def admin(world: World) -> Walker:
    """Dana's browser."""
    return world.signed_in()


@pytest.fixture(scope="module")
def connections(world: World) -> Mapping[str, Connection]:
    """A connection to each provider that has a guide."""
    return {guide.key: _connected(world, guide) for guide in OPENID}


@pytest.mark.parametrize("guide", OPENID, ids=lambda guide: guide.key)
def test_every_code_reads_whole_on_the_attempt_and_on_the_report(
    world: World, admin: Walker, connections: Mapping[str, Connection], guide: Guide
) -> None:
    connection = connections[guide.key]
    for code in OF_A_SIGN_IN:
        facts = _facts(code)
        refused = _ended(world, connection, Purpose.LOGIN, code, facts)
        _require_whole(admin.open(f"{PRODUCT}/settings/attempts/{refused.reference}"), code)
        test = _ended(world, connection, Purpose.TEST, code, facts)
        _require_whole(admin.open(f"{PRODUCT}/settings/security/connections/{connection.id}/test/{test.id}"), code)


@pytest.mark.parametrize("what", ["age", "events", "nonce", "subject", "jti"])
def test_a_refused_logout_message_says_which_part_of_it_is_not_right(
    world: World, admin: Walker, connections: Mapping[str, Connection], what: str
) -> None:
    refused = _ended(world, connections["keycloak"], Purpose.LOGOUT, "oidc.logout_token_refused", {"what": what})
    page = admin.open(f"{PRODUCT}/settings/attempts/{refused.reference}")
    _require_whole(page, "oidc.logout_token_refused")
    assert "Sign-out not completed" in page.text
    assert f"The part that is not right: {FACT_WORDS['what', what]}. No session was ended." in page.text
    assert "Backchannel logout URL" in page.text


@pytest.mark.parametrize(("key", "code", "says"), [(key, *each) for key, met in MET.items() for each in met])
def test_what_people_meet_is_recognised_on_the_page(
    world: World, admin: Walker, connections: Mapping[str, Connection], key: str, code: str, says: str
) -> None:
    facts = _facts(code) | {"error": "access_denied", "description": f"{says}: and more.", "vendor_code": ""}
    attempt = _ended(world, connections[key], Purpose.LOGIN, code, facts)
    page = admin.open(f"{PRODUCT}/settings/attempts/{attempt.reference}")
    _require_whole(page, code)
    assert page.title.endswith(f"has signed nobody in: {says}.")
    # The general guide knows it too: a connection without a provider of its own may be of any vendor.
    other = _ended(world, connections["oidc"], Purpose.LOGIN, code, facts)
    assert says in admin.open(f"{PRODUCT}/settings/attempts/{other.reference}").title


@pytest.mark.parametrize("code", [code for code in BY_CODE if code.startswith("oidc.")])
def test_every_code_has_a_page_of_help_for_anybody(admin: Walker, code: str) -> None:
    page = admin.open(f"{PRODUCT}/problems/{code}")
    assert page.status == 200
    _require_whole(page, code)


def _require_whole(page: Walker, code: str) -> None:
    main = page.document.xpath("//main")[0]
    text = " ".join(" ".join(main.text_content().split()).split())
    found = OPEN.search(text)
    assert found is None, f"{code} at {page.url}: {text[max(found.start() - 60, 0) : found.end() + 60]}"
    assert code in text
    foreign = SAML_ONLY.search(text.replace("an address of SAML", "").replace("for a SAML connection", ""))
    is_about_saml = code == "oidc.discovery_url_is_saml"
    assert foreign is None or is_about_saml, f"{code}: {foreign}"


def _facts(code: str) -> dict[str, Fact]:
    return dict(placeholders(facts_of(code), values=NAMES))


def _ended(
    world: World, connection: Connection, purpose: Purpose, code: str, facts: Mapping[str, Fact]
) -> LoginAttempt:
    """An attempt that this code has ended."""
    is_test = purpose is Purpose.TEST
    departure = Departure(
        purpose=purpose,
        origin=Origin.TEST_BUTTON if is_test else Origin.SIGN_IN_PAGE,
        email_hint="jane@acme.example",
        tested_by=world.dana.id if is_test else None,
    )
    client, now = Client(address="203.0.113.7", user_agent="Browser/1", login_key=None), world.clock.now()
    made = world.services.oidc_login.request.attempts.attempt(
        connection, 1, departure=departure, client=client, now=now
    )
    scope = {"organization_id": connection.organization_id}
    with world.store.write() as tx:
        tx.attempts.insert(made)
        tx.attempts.finish(
            made.id,
            outcome=Outcome.TEST_FAILED if is_test else Outcome.REFUSED,
            code=code,
            facts=facts,
            person="",
            email="jane@acme.example",
            account_id=None,
            at=now,
            **scope,
        )
        kind = "test_failed" if is_test else "refused"
        told = TimelineEvent(at=now, kind=kind, facts={"code": code, **facts})
        tx.attempts.add_events(made.id, events=(told,), **scope)
        if is_test:
            tx.attempts.save_report(made.id, report=_report(code, facts).to_json(), **scope)
    return made


def _report(code: str, facts: Mapping[str, Fact]) -> TestReport:
    return TestReport(
        checks=(CheckLine(name="oidc_provider", result=Result.REFUSED, code=code, facts=facts),),
        is_verified=False,
        name_id="",
        name_id_format="",
        attributes=(),
        findings=(),
        would=None,
        identity=None,
        size=0,
    )


def _connected(world: World, guide: Guide) -> Connection:
    now = world.clock.now()
    connection = Connection(
        id=ids.connection_id(world.random),
        organization_id=world.acme.id,
        protocol=Protocol.OIDC,
        provider=guide.key,
        entity_id="",
        created_at=now,
        enabled_at=None,
        was_ever_on=False,
        access_confirmed_at=None,
        access_confirmed_by=None,
        latest=None,
        serving=None,
    )
    revision = Revision(
        connection_id=connection.id,
        organization_id=world.acme.id,
        number=1,
        settings=OidcSettings(issuer="https://login.company.example", client_id="c-1"),
        saved_at=now,
        saved_by=world.dana.id,
        tested_at=None,
        tested_by=None,
    )
    with world.store.write() as tx:
        tx.connections.insert(connection)
        tx.connections.save_revision(revision, organization_id=world.acme.id)
    return connection
