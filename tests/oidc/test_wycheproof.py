"""Wycheproof's vectors for signed tokens and keys, read where they lie beside this checkout.

They are read as a provider's key set and a token of it. HMAC is refused by design: with a public key set it is the
algorithm confusion that the vectors warn of.
"""

from typing import Any

import pytest

from ostiary.kernel.errors import Refusal
from ostiary.oidc import jose
from ostiary.oidc.keys import key_set_of
from tests.oidc import shared

pytestmark = pytest.mark.shared
LISTED = shared.read("wycheproof/exclusions.json", otherwise={"defective": [], "key_alg_mismatch": []})
FAULTY = {each["tcId"] for each in (*LISTED["defective"], *LISTED["key_alg_mismatch"])}
ALGORITHMS = (*("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), *("ES256", "ES384", "ES512", "EdDSA"))


def _cases(name: str) -> list[tuple[str, dict[str, Any], list[Any]]]:
    found = []
    for group in shared.read(f"wycheproof/{name}", otherwise={"testGroups": []})["testGroups"]:
        published = group.get("public") or group["private"]
        listed = published.get("keys", [published])
        found += [(f"{test['tcId']}-{test['comment']}", test, listed) for test in group["tests"]]
    return found


SIGNATURES = [case for case in _cases("json_web_signature_test.json") if case[1]["tcId"] not in FAULTY]
KEYS = _cases("json_web_key_test.json")


@pytest.mark.parametrize(("test", "listed"), [case[1:] for case in SIGNATURES], ids=[case[0] for case in SIGNATURES])
def test_a_signature_counts_only_where_it_holds(test: dict[str, Any], listed: list[Any]) -> None:
    is_hmac = any(key["kty"] == "oct" for key in listed)
    assert _holds(test["jws"], listed) == (test["result"] == "valid" and not is_hmac)


@pytest.mark.parametrize(("test", "listed"), [case[1:] for case in KEYS], ids=[case[0] for case in KEYS])
def test_a_key_counts_only_for_what_it_is_made_for(test: dict[str, Any], listed: list[Any]) -> None:
    is_hmac = all(key["kty"] == "oct" for key in listed)
    # A valid one beside a symmetric key is verified by the key that the token names.
    assert _holds(test["jws"], listed) == (test["result"] == "valid" and not is_hmac)


def test_most_vectors_are_run() -> None:
    assert len(SIGNATURES) > 390
    assert len(KEYS) == 26


def _holds(text: str, listed: list[Any]) -> bool:
    try:
        jws = jose.read_jws(text)
        jose.require_header(jws, algorithms=ALGORITHMS)
        jose.signer(jws, jose.candidates(jws, key_set_of(listed)))
    except Refusal:
        return False
    return True
