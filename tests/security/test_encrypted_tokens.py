"""Attacks with encrypted tokens: on the envelope and its header, by keys of others, while settings and keys change."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ostiary.domain.openid.settings import OidcSettings
from ostiary.domain.organization import Plan
from ostiary.kernel.ids import ConnectionId
from ostiary.services.refusal_record import LoginRefused
from ostiary.services.saml.logout_record import REFUSED_PER_HOUR
from ostiary.storage import upgrade
from ostiary.storage.schema import attempts
from tests.oidc import evil_provider as evil
from tests.oidc.envelopes import public_key_of, sealed
from tests.services.oidc.ground import Ground, a_ground, add_connection
from tests.services.oidc.provider import CLIENT_ID
from tests.services.oidc.test_logout import is_in, logout_token, take
from tests.services.oidc.test_reports import untested

JANE = {"email": "jane@acme.example", "email_verified": True, "given_name": "Jane", "family_name": "Doe"}
OWNER = "owner@acme.example"
BOTH_ENGINES = pytest.mark.parametrize(
    "ground", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    """Acme, which has agreed on encryption with its provider."""
    url = str(request.getfixturevalue("postgres_url")) if getattr(request, "param", "") == "postgresql" else ""
    if url:
        upgrade(url)
    with a_ground(tmp_path, database_url=url) as made:
        made.set_up(wants_encryption=True)
        made.provider.claims = dict(JANE)
        made.provider.envelope = _around(_our_key(made, made.connection_id))
        yield made


# --- keys of others -------------------------------------------------------------------


@pytest.mark.parametrize("is_named", [True, False])
def test_what_is_encrypted_to_another_customer_is_not_opened_here(ground: Ground, is_named: bool) -> None:
    """Neither by its name nor by trying; and nothing tells whether somebody has that key."""
    theirs = _another_customers_key(ground)
    ground.provider.envelope = _around(theirs, **({} if is_named else {"kid": None}))
    refusal = _refused(ground)
    assert refusal.refusal.code == ("oidc.encryption_key_unknown" if is_named else "oidc.token_not_opened")
    ground.provider.envelope = _around(theirs, kid="nobody's")
    nobodys = _refused(ground)
    if is_named:
        told = {name: value for name, value in refusal.refusal.facts().items() if name != "received"}
        assert told == {name: value for name, value in nobodys.refusal.facts().items() if name != "received"}


# --- the header -------------------------------------------------------------------------


def test_what_the_envelope_claims_of_the_person_is_not_believed(ground: Ground) -> None:
    """RFC 7519 5.3 lets claims stand in the header, where nobody has signed them."""
    claimed = {"sub": "00u-owner", "email": OWNER, "email_verified": True, "nonce": "another", "aud": "another"}
    ground.provider.envelope = _around(_our_key(ground, ground.connection_id), **claimed)
    account = ground.sign_in().account
    assert (str(account.email), account.name) == ("jane@acme.example", "Jane Doe")


def test_the_envelope_brings_no_key_that_its_content_is_verified_by(ground: Ground) -> None:
    """`jwk`, `jku`, `x5u`: of the header nothing is looked up, and the token inside has to be the provider's."""
    mallory = {"kty": "oct", "k": "c2VjcmV0"}
    brought = {"jwk": mallory, "jku": "https://evil.example/keys", "x5u": "https://evil.example/chain"}
    key = _our_key(ground, ground.connection_id)
    forged = evil.signed("k9", {"alg": "RS256", "kid": "k1"}, json.dumps({"sub": "00u-owner", "email": OWNER}))
    ground.provider.envelope = lambda _: _around(key, **brought)(forged)
    assert _refused(ground).refusal.code == "oidc.signature_mismatch"


@BOTH_ENGINES
@pytest.mark.parametrize(
    "header",
    [
        {"kid": "a\u0000b"},
        {"kid": "\u202e../../keys/current' OR 1=1 --"},
        {"kid": ["a"] * 300},
        {"kid": {"a": {"b": 1}}},
        {"kid": 10**400},
        {"kid": "x" * 1200},
        {"kid": ""},
        {"alg": "a\u0000b"},
        {"alg": "dir"},
        {"alg": "RSA1_5"},
        {"enc": "a\u0000b"},
        {"enc": ["A256GCM"]},
        {"zip": "a\u0000b"},
        {"zip": None, "crit": ["a\u0000b"], "a\u0000b": 1},
    ],
    ids=lambda header: str(header)[:40],
)
def test_whatever_a_header_says_ends_no_session_and_fails_no_store(ground: Ground, header: dict[str, Any]) -> None:
    """Anybody may post a logout token: what it says is written down, and PostgreSQL takes no NUL."""
    session = ground.sign_in().session.token
    key = _our_key(ground, ground.connection_id)
    real = _around(key)(logout_token(ground))
    said = {"alg": key["alg"], "enc": "A256GCM", "kid": key["kid"], **header}
    head = evil.text(json.dumps({name: value for name, value in said.items() if value is not None}).encode())
    assert take(ground, ".".join((head, *real.split(".")[1:]))).startswith("oidc.")
    assert is_in(ground, session)
    assert _rows(ground) == 2  # the sign-in, and the refusal that an admin finds
    for attempt in ground.attempts():
        ground.services.attempts.one(attempt.reference, **ground.scope)


def test_a_flood_of_envelopes_leaves_few_rows_and_asks_nobody_for_keys(ground: Ground) -> None:
    """Each costs an operation with our key; nothing that grows, and nobody else's time."""
    ground.sign_in()
    asked, before = ground.provider.count("/jwks"), _rows(ground)
    key = _our_key(ground, ground.connection_id)
    for number in range(REFUSED_PER_HOUR + 10):
        head, wrapped, iv, content, tag = _around(key, kid=None, jti=f"{number}")("a.b.c").split(".")
        assert take(ground, ".".join((head, wrapped, iv, f"{content}AAAA", tag))) == "oidc.token_not_opened"
    assert _rows(ground) - before == REFUSED_PER_HOUR
    assert ground.provider.count("/jwks") == asked


# --- while something changes ---------------------------------------------------------------


def test_switching_it_off_lets_nothing_plain_in_before_a_test_has_passed(ground: Ground) -> None:
    """Settings that somebody has saved, and nobody has tested, take away no protection of what serves."""
    untested(ground, wants_encryption=False)
    ground.provider.envelope = str
    assert _refused(ground).refusal.code == "oidc.token_not_encrypted"
    ground.provider.envelope = _around(_our_key(ground, ground.connection_id))
    ground.sign_in()


def test_while_it_is_switched_on_what_is_inside_has_to_be_signed_all_the_same(ground: Ground) -> None:
    ground.set_up(wants_encryption=False)
    untested(ground, wants_encryption=True)
    key = _our_key(ground, ground.connection_id)
    head, claims = (evil.text(json.dumps(part).encode()) for part in ({"alg": "none"}, {"sub": "00u-owner"}))
    inside = f"{head}.{claims}."
    ground.provider.envelope = lambda _: _around(key)(inside)
    assert _refused(ground).refusal.code == "oidc.algorithm_mismatch"


# --- steps -----------------------------------------------------------------------------------


def _our_key(ground: Ground, connection_id: ConnectionId) -> dict[str, str]:
    """Our public key to encrypt to, as a provider reads it."""
    keys = ground.services.oidc_login.published_keys(connection_id)
    return next(dict(key) for key in keys if key["use"] == "enc")


def _around(key: dict[str, str], **header: Any) -> Callable[[str], str]:
    said = {"alg": key["alg"], "kid": key["kid"], **header}
    return lambda token: sealed(token, to=public_key_of(key), **said)


def _another_customers_key(ground: Ground) -> dict[str, str]:
    made = ground.services.organizations.add(
        "globex", name="Globex", owner_email="x@globex.example", plan=Plan.BUSINESS
    )
    settings = OidcSettings(issuer=ground.provider.issuer, client_id=CLIENT_ID, wants_encryption=True)
    connection_id = add_connection(ground.store, made.organization, made.owner, settings, secret="of globex")
    return _our_key(ground, connection_id)


def _refused(ground: Ground) -> LoginRefused:
    ended = ground.try_in()
    assert isinstance(ended, LoginRefused), ended
    return ended


def _rows(ground: Ground) -> int:
    with ground.store.read() as tx:
        return int(tx.run.rows(select(func.count()).select_from(attempts))[0][0])
