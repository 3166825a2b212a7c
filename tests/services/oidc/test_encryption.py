"""ID tokens that arrive encrypted: opened by the connection's keys, then judged like any other."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ostiary.domain.connection_report import Result
from ostiary.oidc.encryption_errors import KeyEncryptionRefused
from ostiary.services.audit_trail import Actor
from ostiary.services.oidc.opening import TokenOpening
from ostiary.services.refusal_record import LoginRefused
from ostiary.services.saml.keys import SigningKeys
from ostiary.services.saml.request import Redirect
from ostiary.storage import Store
from ostiary.storage.engine import Database
from ostiary.storage.errors import StoreUnreachable
from tests.oidc import evil_provider as evil
from tests.oidc.envelopes import public_key_of, sealed
from tests.services.oidc.ground import RANDOM, Ground
from tests.services.oidc.provider import send
from tests.services.oidc.test_logout import is_in, logout_token, take
from tests.services.oidc.test_reports import report_of, untested

JANE = {"email": "jane@acme.example", "email_verified": True, "given_name": "Jane", "family_name": "Doe"}
NO_ALGORITHM = evil.text(b'{"alg":"none"}')


def published(ground: Ground, use: str = "enc") -> list[dict[str, str]]:
    """Our public keys of the connection, as its provider reads them."""
    keys = ground.services.oidc_login.published_keys(ground.connection_id)
    return [dict(key) for key in keys if key["use"] == use]


def envelope(key: dict[str, str], **header: Any) -> Callable[[str], str]:
    """How the provider encrypts to this key of ours."""
    said = {"alg": key["alg"], "kid": key["kid"], **header}
    return lambda token: sealed(token, to=public_key_of(key), **said)


@pytest.fixture
def encrypting(ground: Ground) -> Ground:
    """Both sides are set to it, and the provider has our key."""
    ground.set_up(wants_encryption=True)
    ground.provider.envelope = envelope(published(ground)[0])
    ground.provider.claims = dict(JANE)
    return ground


def refused(ground: Ground, **claims: Any) -> str:
    """The code with which a sign-in ends."""
    ended = ground.try_in(**claims)
    assert isinstance(ended, LoginRefused), ended
    return ended.refusal.code


def shown(ground: Ground) -> str:
    """What an admin reads of the newest attempt."""
    return ground.services.attempts.one(ground.attempts()[0].reference, **ground.scope).answer


@pytest.mark.parametrize("enc", ["A128CBC-HS256", "A256GCM"])
@pytest.mark.parametrize("number", [0, 1])
def test_an_encrypted_id_token_signs_in(encrypting: Ground, number: int, enc: str) -> None:
    encrypting.provider.envelope = envelope(published(encrypting)[number], enc=enc)
    assert encrypting.sign_in().account.name == "Jane Doe"


def test_a_key_to_encrypt_to_is_published_where_the_settings_say_so(ground: Ground) -> None:
    """One key for each algorithm, the current one alone; that of our signature stands there either way."""
    assert (len(published(ground)), len(published(ground, "sig"))) == (0, 1)
    untested(ground, wants_encryption=True)
    assert [key["alg"] for key in published(ground)] == ["RSA-OAEP", "RSA-OAEP-256"]
    assert len({key["kid"] for key in (*published(ground), *published(ground, "sig"))}) == 3


def test_an_encrypted_one_is_refused_where_nobody_asked_for_it(encrypting: Ground) -> None:
    encrypting.set_up(wants_encryption=False)
    assert refused(encrypting) == "oidc.token_encrypted"


def test_no_sign_in_is_lost_while_it_is_switched_on(ground: Ground) -> None:
    """Saved here first, then set at the provider, then tested: until then, either counts."""
    ground.provider.claims = dict(JANE)
    untested(ground, wants_encryption=True)
    ground.sign_in()
    ground.provider.envelope = envelope(published(ground)[0])
    ground.sign_in()
    assert report_of(ground).passed
    ground.sign_in()
    ground.provider.envelope = str
    assert refused(ground) == "oidc.token_not_encrypted"


def test_a_plain_one_is_refused_where_encryption_was_agreed(encrypting: Ground) -> None:
    encrypting.provider.envelope = str
    assert refused(encrypting) == "oidc.token_not_encrypted"


def test_a_plain_one_asks_the_store_for_no_key(ground: Ground, tmp_path: Path) -> None:
    """A store that nobody can reach would refuse any statement. Nor does one that is refused by its header."""
    away = Store(Database(f"sqlite:///{tmp_path / 'nowhere' / 'ostiary.db'}"), vault=ground.store.vault)
    opening = TokenOpening(keys=SigningKeys(store=away, random=RANDOM))
    serving = ground.connection.serving
    assert serving is not None
    settings = replace(serving.oidc, wants_encryption=True)
    assert opening.opened(ground.connection, serving.oidc, "a.b.c") is None
    key = public_key_of(published(ground, "sig")[0])
    with pytest.raises(KeyEncryptionRefused):
        opening.opened(ground.connection, settings, sealed("a.b.c", to=key, alg="RSA1_5"))
    with pytest.raises(StoreUnreachable):
        opening.opened(ground.connection, settings, sealed("a.b.c", to=key))


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"aud": "another"}, "oidc.audience_mismatch"),
        ({"nonce": "another"}, "oidc.nonce_mismatch"),
        ({"iss": "https://evil.example"}, "oidc.issuer_mismatch"),
        ({"exp": 1}, "oidc.token_expired"),
    ],
)
def test_what_is_inside_is_judged_like_a_plain_one(encrypting: Ground, claims: dict[str, Any], code: str) -> None:
    assert refused(encrypting, **claims) == code


def test_a_key_that_changes_at_the_provider_is_fetched_as_for_a_plain_one(encrypting: Ground) -> None:
    encrypting.sign_in()
    encrypting.provider.signs_with, encrypting.provider.published = "k2", ["k2"]
    encrypting.sign_in()
    encrypting.provider.published = ["k1"]
    encrypting.provider.signs_with = "k3"
    assert refused(encrypting) == "oidc.key_unknown"


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        (lambda token: f"{NO_ALGORITHM}.{token.split('.')[1]}.", "oidc.algorithm_mismatch"),
        (lambda token: f"{token[:-4]}AAAA", "oidc.signature_mismatch"),
        (lambda _: json.dumps(JANE), "oidc.token_unsigned"),
    ],
    ids=["alg none", "another signature", "claims alone"],
)
def test_encryption_stands_for_no_signature(encrypting: Ground, inside: Callable[[str], str], code: str) -> None:
    """Everybody can encrypt to us."""
    around = encrypting.provider.envelope
    encrypting.provider.envelope = lambda token: around(inside(token))
    assert refused(encrypting) == code


def test_what_was_changed_on_the_way_is_not_opened_and_nothing_of_it_is_told(encrypting: Ground) -> None:
    around = encrypting.provider.envelope
    encrypting.provider.envelope = lambda token: f"{around(token)[:-6]}AAAAAA"
    assert refused(encrypting) == "oidc.token_not_opened"
    assert "jane@acme.example" not in shown(encrypting)


def test_a_change_of_our_key_loses_no_sign_in(encrypting: Ground) -> None:
    """The provider may hold the key of any role, and reads our keys when it likes."""
    actor = Actor(name="Dana", account_id=encrypting.owner.id, client_address="203.0.113.7")
    rotation, this = encrypting.services.key_rotation, {**encrypting.scope, "actor": actor}
    before = published(encrypting)
    encrypting.sign_in()
    rotation.prepare(encrypting.connection_id, **this)
    assert published(encrypting) == before  # it signs nothing yet, and nothing is encrypted to it
    encrypting.sign_in()
    rotation.switch(encrypting.connection_id, **this)
    encrypting.sign_in()  # by the key of before
    after = published(encrypting)
    assert {key["kid"] for key in after}.isdisjoint({key["kid"] for key in before})
    encrypting.provider.envelope = envelope(after[1], kid=None)
    encrypting.sign_in()
    encrypting.provider.envelope = envelope(before[0])
    rotation.remove(encrypting.connection_id, **this)
    assert refused(encrypting) == "oidc.encryption_key_unknown"


# --- the report --------------------------------------------------------------------


def test_a_report_says_that_the_token_was_opened_and_how(encrypting: Ground) -> None:
    untested(encrypting, prompt="login")
    report = report_of(encrypting)
    assert report.passed, report.first_refusal
    [line] = [line for line in report.checks if line.name == "oidc_encryption"]
    name = published(encrypting, "sig")[0]["kid"]
    assert (line.result, line.seen) == (Result.PASSED, f"RSA-OAEP, A256GCM, {name}")
    assert {line.name: line.source for line in report.attributes}["email"] == "id_token"


def test_a_report_of_a_plain_token_says_nothing_of_encryption(ground: Ground) -> None:
    ground.provider.claims = dict(JANE)
    untested(ground, prompt="login")
    assert "oidc_encryption" not in [line.name for line in report_of(ground).checks]


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_a_report_goes_no_further_than_a_token_that_comes_in_the_wrong_way(
    encrypting: Ground, is_encrypted: bool
) -> None:
    if not is_encrypted:
        encrypting.provider.envelope = str
    untested(encrypting, wants_encryption=not is_encrypted)
    report = report_of(encrypting)
    assert report.first_refusal is not None
    assert report.first_refusal.name == "oidc_encryption"
    assert report.first_refusal.code == ("oidc.token_encrypted" if is_encrypted else "oidc.token_not_encrypted")
    assert {line.result for line in report.checks[4:]} == {Result.NOT_RUN}
    assert not report.is_verified


def test_what_an_admin_reads_of_it_are_the_claims_inside(encrypting: Ground) -> None:
    assert refused(encrypting, aud="another") == "oidc.audience_mismatch"
    told = json.loads(shown(encrypting))
    assert told["id_token"]["claims"]["email"] == "jane@acme.example"
    assert told["encrypted"]["enc"] == "A256GCM"
    encrypting.clock.at += timedelta(seconds=1)
    encrypting.set_up(wants_encryption=False)
    assert refused(encrypting) == "oidc.token_encrypted"
    told = json.loads(shown(encrypting))
    assert told["id_token"]["header"]["alg"] == "RSA-OAEP"
    assert told["id_token"]["claims"] == "(encrypted)"


# --- beside the ID token -------------------------------------------------------------


def test_a_logout_token_may_be_encrypted_too_and_must_not(encrypting: Ground) -> None:
    """By the same keys (Back-Channel Logout 2.6), or plain: many providers encrypt ID tokens alone."""
    ways: tuple[Callable[[str], str], ...] = (encrypting.provider.envelope, str)
    for number, around in enumerate(ways):
        session = encrypting.sign_in().session.token
        assert take(encrypting, around(logout_token(encrypting, nonce="n"))) == "oidc.logout_token_refused"
        assert is_in(encrypting, session)
        assert take(encrypting, around(logout_token(encrypting, jti=f"jti-{number}"))) == ""
        assert not is_in(encrypting, session)
    token = logout_token(encrypting)
    encrypting.set_up(wants_encryption=False)
    assert take(encrypting, encrypting.provider.envelope(token)) == "oidc.token_encrypted"


def test_the_hint_of_a_sign_out_is_the_signed_token(encrypting: Ground) -> None:
    """Core 3.1.2.1: the provider can't open what was encrypted to us."""
    encrypting.provider.described = {"end_session_endpoint": f"{encrypting.provider.issuer}/logout"}
    visitor = encrypting.services.sessions.visitor(encrypting.sign_in().session.token)
    assert visitor is not None
    id_token = encrypting.services.oidc_logout.id_token_of(visitor)
    going = encrypting.services.oidc_logout.leave(visitor, encrypting.connection, id_token=id_token)
    assert going is not None
    assert isinstance(going.way, Redirect)
    assert parse_qs(urlsplit(going.way.url).query)["id_token_hint"][0].count(".") == 2


@pytest.mark.parametrize("is_plain", [False, True])
def test_userinfo_may_be_encrypted_too_and_must_not(encrypting: Ground, is_plain: bool) -> None:
    """Many providers encrypt the ID token alone. What is encrypted has to be signed inside, as always."""
    provider = encrypting.provider
    said = {"iss": provider.issuer, "aud": "rp-1", "sub": "00u-dana", **JANE}

    def userinfo(handler: BaseHTTPRequestHandler) -> None:
        if is_plain:
            send(handler, 200, {"content-type": "application/json"}, json.dumps(said).encode())
        else:
            send(handler, 200, {"content-type": "application/jwt"}, provider.envelope(provider.signed(said)).encode())

    provider.claims, provider.replies["/userinfo"] = {}, userinfo
    assert str(encrypting.sign_in().account.email) == "jane@acme.example"


def test_userinfo_that_is_encrypted_and_not_signed_or_not_agreed_is_refused(encrypting: Ground) -> None:
    provider = encrypting.provider
    around = provider.envelope
    answers = [around(json.dumps({"sub": "00u-dana", **JANE})), around(provider.signed({"sub": "00u-dana", **JANE}))]
    provider.claims = {}
    provider.replies["/userinfo"] = lambda handler: send(
        handler, 200, {"content-type": "application/jwt"}, answers.pop(0).encode()
    )
    assert refused(encrypting) == "oidc.token_unsigned"
    encrypting.set_up(wants_encryption=False)
    provider.envelope = str
    assert refused(encrypting) == "oidc.token_encrypted"
