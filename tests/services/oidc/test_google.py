"""Google by the operator's client: one address for all its connections, which takes nobody else's answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ostiary.domain.connection import google_redirect_uri
from ostiary.domain.errors import AttemptUnknown
from ostiary.domain.openid.errors import GoogleClientMissing
from ostiary.domain.openid.settings import OidcSettings
from ostiary.kernel.ids import ConnectionId
from ostiary.oidc.relying_party import ResponseMode
from ostiary.services.complete_login import SignedIn
from ostiary.services.oidc.story import Answer
from ostiary.services.refusal_record import LoginRefused
from tests.services.oidc.ground import PRODUCT, Ground, a_browser, a_ground, add_connection
from tests.services.oidc.provider import CLIENT_ID

JANE = {"email": "jane@acme.example", "email_verified": True, "hd": "acme.example"}


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Acme, whose provider plays Google for the operator's client and for a client of Acme's own."""
    with a_ground(tmp_path, google_client_id=CLIENT_ID) as made:
        made.provider.claims = JANE
        yield made


@pytest.fixture
def shared(ground: Ground) -> ConnectionId:
    """A connection of the operator's client."""
    settings = OidcSettings(
        issuer=ground.provider.issuer, client_id="", is_operators_client=True, creates_accounts=True
    )
    made: ConnectionId = add_connection(ground.store, ground.organization, ground.owner, settings)
    return made


def at_google(ground: Ground, pairs: list[tuple[str, str]]) -> object:
    """What follows from an answer at the address that the operator's connections share."""
    answer = Answer(parameters=tuple(pairs), mode=ResponseMode.QUERY)
    return ground.services.oidc_login.finish_at_google(answer, client=ground.browser)


def test_the_request_names_the_one_address_and_the_operators_client(ground: Ground, shared: ConnectionId) -> None:
    asked = parse_qs(urlsplit(ground.leave(connection_id=shared)).query)
    assert asked["redirect_uri"] == [google_redirect_uri(PRODUCT)]
    assert asked["client_id"] == [CLIENT_ID]
    assert asked["hd"] == ["*"]


def test_an_answer_counts_only_at_the_address_that_its_request_named(ground: Ground, shared: ConnectionId) -> None:
    """Mix-up: what was asked for a connection of its own is unknown at Google's address, and the other way round."""
    own = ground.provider.approve(ground.leave())
    refused = at_google(ground, own)
    assert isinstance(refused, LoginRefused)
    assert refused.refusal.code == "oidc.state_mismatch"
    assert isinstance(ground.answer(own), SignedIn), "the attempt was not used up by that"

    operators = ground.provider.approve(ground.leave(connection_id=shared))
    for elsewhere in (shared, ground.connection_id):
        refused = ground.answer(operators, connection_id=elsewhere)
        assert isinstance(refused, LoginRefused)
        assert refused.refusal.code == "oidc.state_mismatch"
    assert isinstance(at_google(ground, operators), SignedIn)


@pytest.mark.parametrize("state", ["", "x", "t" * 500, "t.0"])
def test_a_state_that_names_no_attempt_leads_nowhere(ground: Ground, state: str) -> None:
    with pytest.raises(AttemptUnknown):
        at_google(ground, [("code", "c"), ("state", state)])


def test_the_state_of_another_browser_is_refused(ground: Ground, shared: ConnectionId) -> None:
    answered = ground.provider.approve(ground.leave(connection_id=shared))
    stranger = Answer(parameters=tuple(answered), mode=ResponseMode.QUERY)
    refused = ground.services.oidc_login.finish_at_google(stranger, client=a_browser())
    assert isinstance(refused, LoginRefused)
    assert refused.refusal.code == "login.browser_changed"


def test_google_lets_the_person_choose_the_account(ground: Ground, shared: ConnectionId) -> None:
    for wish in ("chooses_account", "asks_anew"):  # Google knows no prompt=login
        wishes: dict[str, Any] = {wish: True}
        asked = parse_qs(urlsplit(ground.leave(connection_id=shared, **wishes)).query)
        assert asked["prompt"] == ["select_account"]


def test_a_domain_that_is_lost_lets_nobody_in_any_more(ground: Ground, shared: ConnectionId) -> None:
    """The verified domains are looked up at each sign-in, and not when the connection was saved."""
    assert isinstance(at_google(ground, ground.provider.approve(ground.leave(connection_id=shared))), SignedIn)
    with ground.store.write() as tx:
        for domain in tx.domains.of(ground.organization.id):
            tx.domains.delete(domain.id, organization_id=ground.organization.id)
    refused = at_google(ground, ground.provider.approve(ground.leave(connection_id=shared)))
    assert isinstance(refused, LoginRefused)
    assert refused.refusal.code == "oidc.tenant_mismatch"


def test_without_the_operators_client_nobody_leaves(tmp_path: Path) -> None:
    with a_ground(tmp_path) as ground:
        settings = OidcSettings(issuer=ground.provider.issuer, client_id="", is_operators_client=True)
        made = add_connection(ground.store, ground.organization, ground.owner, settings)
        with pytest.raises(GoogleClientMissing):
            ground.leave(connection_id=made)
