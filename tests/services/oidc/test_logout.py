"""The end of a session, told by either side."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ostiary.domain.attempt import Outcome, Purpose
from ostiary.domain.session import LogoutOutcome
from ostiary.oidc.errors import StateMismatch
from ostiary.services.saml.logout_record import REFUSED_PER_HOUR
from ostiary.services.saml.request import Redirect
from ostiary.storage import AttemptFilter
from tests.oidc import evil_provider as evil
from tests.services.oidc.ground import Ground, add_connection
from tests.services.oidc.provider import CLIENT_ID

JANE = {"email": "jane@acme.example", "email_verified": True, "sid": "sid-1"}


def logout_token(ground: Ground, **changes: Any) -> str:
    """A logout token of the provider."""
    claims = {
        "iss": ground.provider.issuer,
        "aud": CLIENT_ID,
        "iat": int(ground.clock.now().timestamp()),
        "jti": "jti-1",
        "events": {evil.EVENT: {}},
        "sub": "00u-dana",
        **changes,
    }
    said = {name: value for name, value in claims.items() if value is not None}
    return evil.signed("k1", {"alg": "RS256", "kid": "k1", "typ": "logout+jwt"}, json.dumps(said))


def take(ground: Ground, token: str, *, connection_id: Any = None) -> str:
    refusal = ground.services.oidc_logout.take(connection_id or ground.connection_id, token, client=ground.browser)
    return refusal.code if refusal else ""


def is_in(ground: Ground, token: str) -> bool:
    return ground.services.sessions.visitor(token) is not None


@pytest.mark.parametrize("named", [{"sub": "00u-dana"}, {"sub": None, "sid": "sid-1"}, {"sid": "sid-1"}])
def test_the_provider_ends_the_sessions_that_it_names(ground: Ground, named: dict[str, Any]) -> None:
    session = ground.sign_in(**JANE).session.token
    assert take(ground, logout_token(ground, **named)) == ""
    assert not is_in(ground, session)


@pytest.mark.parametrize("named", [{"sub": "00u-other"}, {"sub": None, "sid": "sid-2"}, {"sid": "sid-2"}])
def test_nobody_elses_session_ends(ground: Ground, named: dict[str, Any]) -> None:
    session = ground.sign_in(**JANE).session.token
    assert take(ground, logout_token(ground, **named)) == ""
    assert is_in(ground, session)


def test_a_copy_of_a_logout_token_ends_no_newer_session(ground: Ground) -> None:
    token = logout_token(ground)
    ground.sign_in(**JANE)
    assert take(ground, token) == ""
    newer = ground.sign_in().session.token
    assert take(ground, token) == "oidc.logout_token_refused"
    assert is_in(ground, newer)


def test_a_logout_token_for_another_client_of_the_same_issuer_is_refused(ground: Ground) -> None:
    serving = ground.connection.serving
    assert serving is not None
    other = add_connection(ground.store, ground.organization, ground.owner, replace(serving.oidc, client_id="rp-2"))
    session = ground.sign_in(**JANE).session.token
    assert take(ground, logout_token(ground), connection_id=other) == "oidc.audience_mismatch"
    assert is_in(ground, session)


@pytest.mark.parametrize("named", [{"sub": "00u-dana"}, {"sid": "sid-of-before"}])
def test_a_late_logout_token_ends_no_session_that_has_begun_since(ground: Ground, named: dict[str, Any]) -> None:
    """It stood in the provider's queue, and the person has signed in once more."""
    older = ground.sign_in(**(JANE | {"sid": None})).session.token
    token = logout_token(ground, **named)
    ground.clock.at += timedelta(minutes=3)
    newer = ground.sign_in(sid=None).session.token
    assert take(ground, token) == ""
    assert not is_in(ground, older)
    assert is_in(ground, newer)


def test_a_provider_whose_clock_is_a_little_behind_ends_the_session_all_the_same(ground: Ground) -> None:
    session = ground.sign_in(**JANE).session.token
    behind = int(ground.clock.now().timestamp()) - 50
    assert take(ground, logout_token(ground, iat=behind)) == ""
    assert not is_in(ground, session)


def test_a_refused_logout_token_stands_among_the_attempts_without_its_signature(ground: Ground) -> None:
    token = logout_token(ground, aud="another-application")
    assert take(ground, token) == "oidc.audience_mismatch"
    [attempt] = ground.attempts()
    assert (attempt.purpose, attempt.outcome, attempt.code) == (
        Purpose.LOGOUT,
        Outcome.REFUSED,
        "oidc.audience_mismatch",
    )
    seen = ground.services.attempts.one(attempt.reference, **ground.scope)
    assert "another-application" in seen.answer
    assert token.rpartition(".")[2] not in seen.answer


def test_a_flood_of_logout_tokens_does_not_fill_the_list(ground: Ground) -> None:
    for _ in range(REFUSED_PER_HOUR + 5):
        assert take(ground, "x.y.z") == "oidc.token_malformed"
    with ground.store.read() as tx:
        filter_ = AttemptFilter(search="", outcome=None, connection_id=None, since=ground.clock.now() - timedelta(1))
        assert tx.attempts.page(filter_, cursor=None, limit=99, **ground.scope).total == REFUSED_PER_HOUR


@pytest.mark.parametrize("token", ["", "x.y.z", "{}"])
def test_what_is_no_token_is_refused(ground: Ground, token: str) -> None:
    assert take(ground, token) == "oidc.token_malformed"


def test_signing_out_here_goes_on_to_the_provider_with_the_token_of_the_session(ground: Ground) -> None:
    ground.provider.described = {"end_session_endpoint": f"{ground.provider.issuer}/logout"}
    visitor = ground.services.sessions.visitor(ground.sign_in(**JANE).session.token)
    assert visitor is not None
    id_token = ground.services.oidc_logout.id_token_of(visitor)
    ground.services.sessions.sign_out(visitor, client=ground.browser)
    going = ground.services.oidc_logout.leave(visitor, ground.connection, id_token=id_token)
    assert going is not None
    assert isinstance(going.way, Redirect)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(going.way.url).query).items()}
    assert (asked["client_id"], asked["id_token_hint"]) == (CLIENT_ID, id_token)
    assert asked["post_logout_redirect_uri"].endswith(f"/oidc/{ground.connection_id}/signed-out")
    logout = ground.services.oidc_logout.returned(ground.connection_id, state=asked["state"])
    answered = ground.services.single_logout.answered(logout.id)
    assert answered is not None
    assert answered.logout.outcome is LogoutOutcome.SIGNED_OUT
    for state in (asked["state"], "", "another"):
        with pytest.raises(StateMismatch):
            ground.services.oidc_logout.returned(ground.connection_id, state=state)


def test_a_session_never_outlives_what_the_provider_allows(ground: Ground) -> None:
    until = int(ground.clock.now().timestamp()) + 600
    session = ground.sign_in(**JANE, session_expiry=until).session.session
    assert session.not_after.timestamp() == until
