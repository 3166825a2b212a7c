"""What a customer's own OpenID Connect provider puts into the pages of its admin: text, and no more than fits."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.interop.connecting import ALICE, Person
from tests.interop.connecting_openid import OpenidConnected, drafted_openid
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World
from tests.services.oidc.provider import CLIENT_ID, Provider, a_provider, send

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e"
LARGEST_PAGE = 400_000


def nobody_is_asked(walker: Walker, _person: Person) -> Walker:
    """The provider sends the browser back at once."""
    return walker


@pytest.fixture
def provider(world: World) -> Iterator[Provider]:
    """A provider that lets everybody in, by a redirect."""
    world.clock.at = datetime.now(UTC)
    with a_provider(world.clock) as made:
        answers(made)
        made.claims = {"email": ALICE.email, "email_verified": True}
        yield made


@pytest.fixture
def connected(world: World, provider: Provider) -> OpenidConnected:
    """Acme's connection to it, saved on its page."""
    made = drafted_openid(world, nobody_is_asked, provider="Another provider")
    made.save(client_id=CLIENT_ID, client_secret="s3cret", discovery_url=provider.issuer, creates_accounts="yes")
    return made


def answers(provider: Provider, **changes: str | None) -> None:
    """What its sign-in page sends the browser back with."""

    def authorize(handler: Any) -> None:
        pairs = provider.approve(handler.path, **changes)
        [*_, grant] = provider.grants.values()
        redirect_uri = grant.asked["redirect_uri"]
        send(handler, 302, {"location": f"{redirect_uri}?{urlencode(pairs)}"}, b"")

    provider.replies["/authorize"] = authorize


def require_text(walker: Walker) -> None:
    """Nothing of it is markup, nothing turns the line round, and the page is of a size that a browser shows."""
    page = walker.response.text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert len(page) < LARGEST_PAGE


def test_a_flawless_answer_passes(connected: OpenidConnected) -> None:
    connected.passes()


@pytest.mark.parametrize(
    "claims",
    [
        {"given_name": MARKUP, "family_name": MARKUP, "picture": MARKUP, MARKUP: MARKUP},
        {"email": f'"{MARKUP}"@acme.example'},
        {"aud": MARKUP},
        {"iss": MARKUP},
        {"acr": MARKUP, "amr": [MARKUP], "sid": MARKUP},
        {"address": {"street": [{MARKUP: MARKUP}] * 50}},
        {f"claim-{number}": MARKUP[:20] for number in range(800)},
        {"groups": [f"group {number} {MARKUP}" for number in range(200)]},
        {"long": "x" * 40_000},
    ],
)
def test_claims_are_shown_as_text(connected: OpenidConnected, provider: Provider, claims: dict[str, Any]) -> None:
    connected.save(claim_groups="groups")
    provider.claims |= claims
    connected.test()
    assert "/test/" in connected.admin.url
    require_text(connected.admin)
    reader = connected.world.signed_in().open(f"{PRODUCT}/settings/attempts")
    require_text(reader)
    [newest, *_] = [link for link in reader.document.xpath("//td//a/@href") if link.startswith("/settings/attempts/")]
    require_text(reader.open(newest))
    assert "The decoded answer" in reader.text


@pytest.mark.parametrize("error", [MARKUP, "access_denied"])
def test_its_errors_are_shown_as_text(connected: OpenidConnected, provider: Provider, error: str) -> None:
    answers(provider, code=None, error=error, error_description=MARKUP * 40, error_uri="javascript:alert(1)")
    assert "oidc.provider_error" in connected.test()
    require_text(connected.admin)
    assert not connected.admin.document.xpath("//a[starts-with(@href, 'javascript:')]")


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("issuer", f"https://id.acme.example/{MARKUP}", "oidc.discovery_issuer_mismatch"),
        ("authorization_endpoint", "javascript:alert(1)", "oidc.endpoint_refused"),
        ("end_session_endpoint", f"https://id.acme.example/{MARKUP}\n", "oidc.endpoint_refused"),
    ],
)
def test_what_it_publishes_is_shown_as_text(
    connected: OpenidConnected, provider: Provider, member: str, value: str, code: str
) -> None:
    provider.described = {member: value}
    assert code in connected.test()
    require_text(connected.admin)
    assert not connected.admin.document.xpath("//a[starts-with(@href, 'javascript:')]")
