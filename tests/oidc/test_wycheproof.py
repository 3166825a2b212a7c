"""Wycheproof's vectors for signed and encrypted tokens and keys, read where they lie beside this checkout.

Signed ones are read as a provider's key set and a token of it, encrypted ones by the private key as one of ours. HMAC
is refused by design: with a public key set it is the algorithm confusion that the vectors warn of.
"""

from typing import Any

import pytest
from joserfc.jwk import RSAKey

from ostiary.kernel.errors import Refusal
from ostiary.oidc import encryption, jose
from ostiary.oidc.encryption_errors import TokenUnsigned
from ostiary.oidc.keys import key_set_of
from ostiary.oidc.own_keys import KEY_ENCRYPTIONS, OwnKey
from tests.oidc import shared

pytestmark = pytest.mark.shared
LISTED = shared.read("wycheproof/exclusions.json", otherwise={"defective": [], "key_alg_mismatch": []})
FAULTY = {each["tcId"] for each in (*LISTED["defective"], *LISTED["key_alg_mismatch"])}
ALGORITHMS = (*("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), *("ES256", "ES384", "ES512", "EdDSA"))


def _cases(name: str, *, half: str = "public") -> list[tuple[str, dict[str, Any], list[Any]]]:
    found = []
    for group in shared.read(f"wycheproof/{name}", otherwise={"testGroups": []})["testGroups"]:
        published = group.get(half) or group["private"]
        listed = published.get("keys", [published])
        found += [(f"{test['tcId']}-{test['comment']}", test, listed) for test in group["tests"]]
    return found


SIGNATURES = [case for case in _cases("json_web_signature_test.json") if case[1]["tcId"] not in FAULTY]
KEYS = _cases("json_web_key_test.json")
ENVELOPES = _cases("json_web_encryption_test.json", half="private")


@pytest.mark.parametrize(("test", "listed"), [case[1:] for case in SIGNATURES], ids=[case[0] for case in SIGNATURES])
def test_a_signature_counts_only_where_it_holds(test: dict[str, Any], listed: list[Any]) -> None:
    is_hmac = any(key["kty"] == "oct" for key in listed)
    assert _holds(test["jws"], listed) == (test["result"] == "valid" and not is_hmac)


@pytest.mark.parametrize(("test", "listed"), [case[1:] for case in KEYS], ids=[case[0] for case in KEYS])
def test_a_key_counts_only_for_what_it_is_made_for(test: dict[str, Any], listed: list[Any]) -> None:
    is_hmac = all(key["kty"] == "oct" for key in listed)
    # A valid one beside a symmetric key is verified by the key that the token names.
    assert _holds(test["jws"], listed) == (test["result"] == "valid" and not is_hmac)


@pytest.mark.parametrize(("test", "listed"), [case[1:] for case in ENVELOPES], ids=[case[0] for case in ENVELOPES])
def test_an_envelope_is_opened_only_where_it_holds_in_a_way_that_we_take(
    test: dict[str, Any], listed: list[Any]
) -> None:
    """What is inside is no signed token in any of them: that is what the opened ones are refused for."""
    [private] = listed
    is_ours = private["alg"] in KEY_ENCRYPTIONS and test.get("enc", "") in encryption.CONTENT_ENCRYPTIONS
    assert _opens(test["jwe"], private) == (test["result"] == "valid" and is_ours)


def test_most_vectors_are_run() -> None:
    assert len(ENVELOPES) == 139
    assert sum(_opens(test["jwe"], private) for _, test, [private] in ENVELOPES) == 12
    assert len(SIGNATURES) > 390
    assert len(KEYS) == 26


def _opens(text: str, private: dict[str, Any]) -> bool:
    try:
        jwe = encryption.read_jwe(text)
        encryption.open_jwe(jwe, keys=(OwnKey(key=RSAKey.import_key(private), name=private["kid"]),))
    except Refusal as refusal:
        return isinstance(refusal, TokenUnsigned)
    return True


def _holds(text: str, listed: list[Any]) -> bool:
    try:
        jws = jose.read_jws(text)
        jose.require_header(jws, algorithms=ALGORITHMS)
        jose.signer(jws, jose.candidates(jws, key_set_of(listed)))
    except Refusal:
        return False
    return True
