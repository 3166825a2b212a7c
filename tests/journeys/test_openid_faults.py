"""Every fault of the simulated providers of OpenID Connect leads to its own explanation, in the words of that console.

Each is switched on on the console's own page of faults; then Test Connection, and the report is read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from ostiary.domain.openid.settings import OidcSettings
from ostiary.simulator import OidcFault, ProviderFault
from tests.journeys.openid import Office, open_office
from tests.journeys.steps import DANA
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, a_world

_REPORT = "/settings/security/connections/"
Opener = Callable[[str], Office]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the report of a fault says."""

    fault: OidcFault | ProviderFault
    at: str
    """The provider at which it is looked at."""
    code: str
    title: str
    says: tuple[str, ...]
    """Steps in the words of this console, and what else has to stand there."""


OF_AN_APP = (
    Seen(
        fault=OidcFault.WRONG_ISSUER,
        at="entra",
        code="oidc.issuer_mismatch",
        title="The issuer in the token",
        says=("https://another-provider.example", "App registrations → Ringline → Overview → Directory (tenant) ID"),
    ),
    Seen(
        fault=OidcFault.WRONG_AUDIENCE,
        at="okta",
        code="oidc.audience_mismatch",
        title="The token was made for another application.",
        says=("another-application", "General → Client Credentials → Client ID"),
    ),
    Seen(
        fault=OidcFault.EXPIRED,
        at="keycloak",
        code="oidc.token_expired",
        title="Keycloak's clock is 12 minutes behind Ringline's.",
        says=("Nobody can sign in with Keycloak until the two agree.", "NTP"),
    ),
    Seen(
        fault=OidcFault.WRONG_NONCE,
        at="google",
        code="oidc.nonce_mismatch",
        title="The token answers another sign-in.",
        says=("Sign in once more.",),
    ),
    Seen(
        fault=OidcFault.NO_NONCE,
        at="onelogin",
        code="oidc.nonce_mismatch",
        title="The token answers another sign-in.",
        says=("let OneLogin return the nonce",),
    ),
    Seen(
        fault=OidcFault.UNSIGNED,
        at="keycloak",
        code="oidc.algorithm_mismatch",
        title="The token is not signed (alg: none).",
        says=("RS256",),
    ),
    Seen(
        fault=OidcFault.KEY_UNPUBLISHED,
        at="entra",
        code="oidc.key_unknown",
        title="The token is signed by a key that Microsoft Entra ID does not publish.",
        says=("Signed by", "Published", "Asked Microsoft Entra ID for its keys once more"),
    ),
    Seen(
        fault=OidcFault.NO_EMAIL,
        at="entra",
        code="login.email_missing",
        title="Microsoft Entra ID sent preferred_username, and no email.",
        says=("Token configuration → Optional claims", "Users → Properties"),
    ),
    Seen(
        fault=OidcFault.OTHER_PERSON,
        at="okta",
        code="oidc.subject_changed",
        title="Okta speaks of two different people.",
        says=("Its UserInfo endpoint names another person than the ID token.",),
    ),
    Seen(
        fault=OidcFault.SECRET_WRONG,
        at="entra",
        code="oidc.client_rejected",
        title="Microsoft Entra ID has signed nobody in: AADSTS7000215.",
        says=("its Secret ID was copied in place of its Value", "Certificates & secrets → Client secrets"),
    ),
    Seen(
        fault=OidcFault.SECRET_EXPIRED,
        at="okta",
        code="oidc.client_rejected",
        title="Okta says that the Client Secret has expired.",
        says=("Client Credentials → Client secret", "Generate new secret"),
    ),
    Seen(
        fault=OidcFault.SECRET_WRONG,
        at="keycloak",
        code="oidc.client_rejected",
        title="Keycloak has signed nobody in",
        says=("Credentials",),
    ),
    Seen(
        fault=OidcFault.CONSENT_DECLINED,
        at="entra",
        code="oidc.provider_error",
        title="Microsoft Entra ID has signed nobody in: AADSTS65004.",
        says=("API permissions → Grant admin consent", "User declined to consent"),
    ),
    Seen(
        fault=OidcFault.NOT_ASSIGNED,
        at="okta",
        code="oidc.provider_error",
        title="Okta has signed nobody in: User is not assigned to the client application.",
        says=("Assignments → Assign → Assign to People", DANA),
    ),
    Seen(
        fault=OidcFault.REDIRECT_URI_UNKNOWN,
        at="okta",
        code="oidc.token_refused",
        title="Okta has signed nobody in: The 'redirect_uri' parameter must be a Login redirect URI.",
        says=("Sign-in redirect URIs", f"{PRODUCT}/oauth2/idpresponse/", "Handed the request to Okta"),
    ),
    Seen(
        fault=OidcFault.CLIENT_UNKNOWN,
        at="okta",
        code="oidc.client_rejected",
        title="Okta does not take the Client ID or the Client Secret.",
        says=("General → Client Credentials → Client ID",),
    ),
    Seen(
        fault=OidcFault.OTHER_ISS,
        at="keycloak",
        code="oidc.response_issuer_mismatch",
        title="The issuer of the answer",
        says=("https://another-provider.example", "registered at Keycloak only"),
    ),
    Seen(
        fault=OidcFault.CODE_REFUSED,
        at="entra",
        code="oidc.code_rejected",
        title="Microsoft Entra ID has signed nobody in: AADSTS54005.",
        says=("was used already",),
    ),
    Seen(
        fault=OidcFault.TOKEN_DOWN,
        at="google",
        code="oidc.status",
        title="Google is out of order at the moment: it answered with the status 503.",
        says=("That was the answer of its token endpoint.", "Sign in once more in a few minutes."),
    ),
    Seen(
        fault=OidcFault.USERINFO_DOWN,
        at="okta",
        code="oidc.status",
        title="Okta is out of order at the moment: it answered with the status 503.",
        says=("That was the answer of its UserInfo endpoint.", "Address https://acme.okta.example/oauth2/v1/userinfo"),
    ),
)

OF_A_PROVIDER = (
    Seen(
        fault=ProviderFault.DISCOVERY_DOWN,
        at="okta",
        code="oidc.status",
        title="Okta is out of order at the moment: it answered with the status 503.",
        says=("configuration (discovery document)", "Not run: needs Configuration and keys of Okta"),
    ),
    Seen(
        fault=ProviderFault.DISCOVERY_IS_A_PAGE,
        at="keycloak",
        code="oidc.not_json",
        title="Keycloak answered with something else than JSON.",
        says=("text/html", "Realm settings"),
    ),
    Seen(
        fault=ProviderFault.OTHER_ISSUER,
        at="onelogin",
        code="oidc.discovery_issuer_mismatch",
        title="OneLogin's issuer",
        says=("https://another-provider.example", "As OneLogin names itself"),
    ),
    Seen(
        fault=ProviderFault.SLASH_ISSUER,
        at="keycloak",
        code="oidc.discovery_issuer_mismatch",
        title="Keycloak's issuer ends with a slash. The Discovery URL of this connection does not.",
        says=("1 character too many: a slash at the end",),
    ),
    Seen(
        fault=ProviderFault.KEYS_DOWN,
        at="entra",
        code="oidc.status",
        title="Microsoft Entra ID is out of order at the moment",
        says=("That was the answer of its set of keys (JWKS).",),
    ),
    Seen(
        fault=ProviderFault.KEYS_EMPTY,
        at="google",
        code="oidc.keys_unusable",
        title="Google publishes no key that could verify a sign-in.",
        says=("Google changes its keys by itself.",),
    ),
)

ON_A_PAGE_OF_ITS_OWN = (
    (OidcFault.REDIRECT_URI_UNKNOWN, "entra", "AADSTS50011", "Authentication → Web → Redirect URIs"),
    (OidcFault.REDIRECT_URI_UNKNOWN, "google", "redirect_uri_mismatch", "Authorized redirect URIs"),
    (OidcFault.REDIRECT_URI_UNKNOWN, "onelogin", "redirect_uri did not match any client's registered", "Redirect URIs"),
    (OidcFault.NOT_ASSIGNED, "entra", "AADSTS50105", "Users and groups"),
    (OidcFault.NOT_ASSIGNED, "onelogin", "You do not have access to this application", "Access"),
    (OidcFault.CLIENT_UNKNOWN, "entra", "AADSTS700016", "Application (client) ID"),
    (OidcFault.CLIENT_UNKNOWN, "onelogin", "client is invalid", "Client ID"),
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Acme's connection to the provider of this vendor: one world for each, whose fault is switched off again."""
    opened: dict[str, Office] = {}
    worlds = []

    def open_once(vendor: str) -> Office:
        if vendor not in opened:
            manager = a_world(tmp_path_factory.mktemp(vendor))
            worlds.append(manager)
            opened[vendor] = open_office(manager.__enter__(), vendor, settings=_with_groups)
        return opened[vendor]

    yield open_once
    for manager in worlds:
        manager.__exit__(None, None, None)


@pytest.mark.parametrize("seen", OF_AN_APP, ids=lambda seen: f"{seen.fault.value}-{seen.at}")
def test_a_fault_of_an_application_is_explained(office: Opener, seen: Seen) -> None:
    at = office(seen.at)
    with at.fault(seen.fault):
        report = at.test()
        _require(report, seen)


@pytest.mark.parametrize("seen", OF_A_PROVIDER, ids=lambda seen: f"{seen.fault.value}-{seen.at}")
def test_a_fault_of_a_whole_provider_is_explained(office: Opener, seen: Seen) -> None:
    at = office(seen.at)
    with at.fault(seen.fault):
        _forget(at)
        report = at.test()
        _require(report, seen)


@pytest.mark.parametrize(("fault", "vendor", "says", "where"), ON_A_PAGE_OF_ITS_OWN)
def test_what_a_provider_shows_on_a_page_of_its_own_is_found_by_that_page(
    office: Opener, fault: OidcFault, vendor: str, says: str, where: str
) -> None:
    """It tells us nothing: after 20 seconds of silence the report lists what its page may say, and what to do then."""
    at = office(vendor)
    with at.fault(fault):
        page = at.test()
        assert not page.url.startswith(PRODUCT)
        assert says in page.text
        at.world.pass_time(seconds=24)
        report = at.admin.open(f"{at.page}/test/latest")
        assert "login.no_answer" in report.text
        row = next(row for row in _rows(report) if says in row)
        assert where in row
        assert "Sent to" in " ".join(report.text.split())


@pytest.mark.parametrize("fault", [ProviderFault.NEW_KEY, ProviderFault.KEY_JUST_ROTATED, ProviderFault.SAME_KID])
def test_a_key_that_is_rotated_stops_nobody(office: Opener, fault: ProviderFault) -> None:
    at = office("keycloak")
    at.test()  # its keys are known
    at.world.pass_time(minutes=2)  # at most once a minute it is asked out of turn
    with at.fault(fault):
        report = at.test()
        assert "Test Connection passed" in report.text
        assert "Asked Keycloak for its keys once more" in report.text


def test_an_address_that_nobody_vouches_for_is_worth_a_look(office: Opener) -> None:
    at = office("okta")
    with at.fault(OidcFault.EMAIL_UNVERIFIED):
        report = at.test()
        assert "Test Connection passed" in report.text
        assert f"Okta does not vouch for the address {DANA}: it says that the address is not verified." in report.text
        assert "existing, to be proven" in report.text


def test_groups_that_are_left_out_are_worth_a_look(office: Opener) -> None:
    at = office("entra")
    at.simulator.oidc.change_app(at.app, lambda one: replace(one, groups_claim="groups"))
    with at.fault(OidcFault.GROUPS_OVERAGE):
        report = at.test()
        assert "Test Connection passed" in report.text
        assert "left the groups out and sent a reference to them (_claim_names)" in report.text
        assert "Groups assigned to the application" in report.text


def test_an_answer_with_another_state_is_no_answer_of_this_test(office: Opener) -> None:
    """It can't be told which test it belongs to: the person reads a reference, and the admin finds the story by it."""
    at = office("google")
    with at.fault(OidcFault.OTHER_STATE):
        page = at.test()
        assert page.title == "This sign-in is over"
        reference = page.document.xpath("//dd/text()")[0]
        at.admin.open(f"{PRODUCT}/settings/attempts/{reference}")
        assert "oidc.state_mismatch" in at.admin.text
        assert at.admin.title == "The answer belongs to no sign-in that began in this browser."


def test_every_fault_is_looked_at_here() -> None:
    here = {seen.fault for seen in (*OF_AN_APP, *OF_A_PROVIDER)}
    here |= {OidcFault.EMAIL_UNVERIFIED, OidcFault.GROUPS_OVERAGE, OidcFault.OTHER_STATE}
    here |= {ProviderFault.NEW_KEY, ProviderFault.KEY_JUST_ROTATED, ProviderFault.SAME_KID}
    # What takes time or has no end needs a real server.
    elsewhere = {
        ProviderFault.DISCOVERY_SLOW,
        ProviderFault.DISCOVERY_ENDLESS,
        ProviderFault.DISCOVERY_REDIRECTS,
        ProviderFault.KEYS_SLOW,
    }
    assert here | elsewhere == {*OidcFault, *ProviderFault}


def _with_groups(settings: OidcSettings) -> OidcSettings:
    return replace(settings, claims=replace(settings.claims, groups="groups"))


def _forget(at: Office) -> None:
    """What is kept of the provider grows too old, and so does the session."""
    at.world.pass_time(hours=30)
    at.admin = at.world.signed_in()


def _require(report: Walker, seen: Seen) -> None:
    assert report.url.startswith(f"{PRODUCT}{_REPORT}"), report.url
    assert seen.code in report.text
    assert report.title.startswith(seen.title)
    for text in seen.says:
        assert text in report.text, f"{text!r} is not in {report.text}"
    # Only what came before it has run, and nobody was touched.
    assert "This test changed nothing." in report.text


def _rows(report: Walker) -> list[str]:
    return [
        " ".join(row.text_content().split())
        for row in report.document.xpath("//section[@aria-labelledby='otherwise']//li")
    ]
