"""The shared list of hostile providers: every case that speaks of a message gets its verdict here, for its real reason.

What speaks of cookies, copies, times and the network is the product's, and is tested where the whole product runs.
"""

from pathlib import Path

import pytest

from ostiary.kernel.errors import Refusal
from ostiary.oidc import relying_party as rp
from tests.oidc import evil_provider as op
from tests.oidc import relying, shared
from tests.services.oidc.test_providers import TARGETS

pytestmark = pytest.mark.shared
TESTS = Path(__file__).parent.parent
LIST = shared.read("rp-negative-cases.json", otherwise={"base": {}, "cases": []})
CASES = {case["id"]: case for case in LIST["cases"]}
LOGIN, PROVIDERS = "services/oidc/test_login.py", "services/oidc/test_providers.py"
LOGOUT, PAGES = "services/oidc/test_logout.py", "web/test_oidc_pages.py"
_OTHER_BROWSER = (LOGIN, "test_an_answer_in_another_browser_is_refused_before_the_provider_is_asked")
_HOSTILE = (PROVIDERS, "test_a_hostile_answer_is_refused_with_its_own_code_in_time")
_INSIDE = (PROVIDERS, "test_an_endpoint_that_points_inside_is_not_called")
_LOGOUT_PAGE = (PAGES, "test_a_logout_token_is_answered_as_the_specification_says")
# These need a browser, a store or a network: the test that shows each.
OF_THE_PRODUCT = {
    "cb-cookie-missing": _OTHER_BROWSER,
    "cb-cookie-other-browser": _OTHER_BROWSER,
    "cb-replay": (LOGIN, "test_an_answer_counts_once"),
    "cb-expired-transaction": (LOGIN, "test_an_answer_after_the_time_is_refused"),
    "cb-on-other-connection": (LOGIN, "test_an_answer_at_another_connection_is_nobodys"),
    "cb-other-tenant-host": (
        "security/test_pages.py",
        "test_urls_are_made_of_the_public_address_whatever_host_was_asked",
    ),
    "cb-unsolicited": (LOGIN, "test_an_answer_that_nobody_asked_for_is_refused"),
    "rotate-before-signing": (PROVIDERS, "test_a_key_that_changes_before_it_signs_is_fetched_in_the_same_sign_in"),
    "rotate-between-logins": (PROVIDERS, "test_a_key_that_changes_between_sign_ins_is_fetched_once"),
    "rotate-kid-reused": (PROVIDERS, "test_another_key_under_the_same_name_is_fetched_once"),
    "jwks-flood": (PROVIDERS, "test_keys_that_nobody_publishes_make_us_ask_once_in_a_minute"),
    "jwks-500-then-cached": (PROVIDERS, "test_an_outage_breaks_no_sign_in_whose_key_is_known"),
    "jwks-redirect-private": _HOSTILE,
    "jwks-huge": _HOSTILE,
    "jwks-slowloris": _HOSTILE,
    "tok-huge": _HOSTILE,
    "lo-replayed-jti": (LOGOUT, "test_a_copy_of_a_logout_token_ends_no_newer_session"),
    "lo-other-tenant-same-issuer": (LOGOUT, "test_a_logout_token_for_another_client_of_the_same_issuer_is_refused"),
    "lo-get": _LOGOUT_PAGE,
    "lo-cache-control": _LOGOUT_PAGE,
    "ui-email-array": (LOGIN, "test_of_several_addresses_at_userinfo_none_is_picked"),
    "ssrf-discovery-redirect": _HOSTILE,
    "ssrf-token-endpoint-dns-rebinding": (
        PROVIDERS,
        "test_a_name_that_leads_inside_when_it_is_called_is_not_called",
    ),
    **{name: _INSIDE for name in CASES if name.startswith(("ssrf-token-endpoint-", "ssrf-file")) and "dns" not in name},
}
# By the beginning of a case's id: the codes that name its real reason.
CODES = {
    "iss-": {"issuer_mismatch", "claim_malformed", "claim_missing"},
    "sub-case": {"subject_changed"},
    "sub-": {"claim_malformed", "claim_missing"},
    "aud-multi": {"audience_untrusted"},
    "aud-": {"audience_mismatch", "claim_missing", "claim_malformed"},
    "azp-": {"authorized_party_mismatch"},
    "exp-past": {"token_expired"},
    "exp-": {"claim_missing", "claim_malformed", "token_malformed"},
    "iat-missing": {"claim_missing"},
    "iat-far": {"token_not_yet_valid"},
    "iat-very": {"token_old"},
    "nbf-": {"token_not_yet_valid"},
    "nonce-": {"nonce_mismatch"},
    "auth-time-missing": {"claim_missing"},
    "auth-time-too": {"authentication_old"},
    "acr-": {"authentication_weak"},
    "at-hash-": {"access_token_mismatch"},
    "sig-": {"signature_mismatch"},
    "payload-": {"signature_mismatch"},
    "alg-differs": {"key_unknown"},
    "alg-": {"algorithm_mismatch"},
    "kid-": {"key_unknown"},
    "header-crit": {"header_refused"},
    "header-b64": {"header_refused"},
    "header-": {"signature_mismatch"},
    "typ-": {"token_type_mismatch"},
    "events-": {"token_type_mismatch"},
    "json-": {"token_malformed"},
    "four-": {"token_malformed"},
    "duplicate-": {"token_malformed"},
    "jwk-rsa": {"keys_unusable"},
    "jwk-oct": {"algorithm_mismatch"},
    "id-token-huge": {"token_malformed"},
    "jwks-not-json": {"not_json"},
    "disc-issuer": {"discovery_issuer_mismatch"},
    "disc-404": {"status"},
    "disc-html": {"not_json"},
    "disc-missing": {"discovery_incomplete"},
    "disc-http": {"endpoint_refused"},
    "disc-pkce": {"flow_unsupported"},
    "disc-alg": {"algorithm_mismatch"},
    "cb-state": {"state_mismatch", "parameter_repeated"},
    "cb-iss": {"response_issuer_mismatch"},
    "cb-error-without": {"state_mismatch"},
    "cb-error": {"provider_error"},
    "cb-formpost": {"response_mode_mismatch"},
    "cb-query": {"response_mode_mismatch"},
    "tok-400": {"code_rejected"},
    "tok-200": {"token_refused"},
    "tok-no": {"token_response_incomplete"},
    "tok-id": {"token_response_incomplete"},
    "tok-type": {"token_response_incomplete"},
    "tok-html": {"not_json"},
    "tok-redirect": {"status"},
    "ui-sub-other": {"subject_changed"},
    "ui-sub-missing": {"claim_missing"},
    "ui-401": {"status"},
    "ui-signed": {"issuer_mismatch"},
    "lo-alg": {"algorithm_mismatch"},
    "lo-wrong-alg": {"algorithm_mismatch"},
    "lo-wrong-aud": {"audience_mismatch"},
    "lo-wrong-iss": {"issuer_mismatch"},
    "lo-exp": {"token_expired"},
    "lo-": {"logout_token_refused"},
    "rf-iss": {"issuer_mismatch"},
    "rf-sub": {"subject_changed"},
    "rf-aud": {"audience_mismatch"},
    "tp-iss": {"initiator_unknown"},
    "tp-": {"target_refused"},
    "rl-": {"state_mismatch"},
    "entra-template-tid": {"issuer_mismatch"},
    "entra-template-literal": {"claim_malformed", "issuer_mismatch"},
    "entra-tid": {"tenant_mismatch"},
    "entra-key": {"key_of_another_issuer"},
    "entra-v1": {"issuer_mismatch"},
    "google-hd": {"tenant_mismatch"},
}


@pytest.mark.parametrize("name", sorted(set(CASES) - set(OF_THE_PRODUCT)))
def test_a_case_gets_its_verdict_for_its_real_reason(name: str) -> None:
    case = CASES[name]
    code = _judged(case)
    assert case["verdict"] in {"either", "reject" if code else "accept"}, code
    if code:
        assert code.removeprefix("oidc.") in CODES[_row(name)]


def test_every_case_is_here_or_named_as_the_products() -> None:
    assert set(CASES) >= set(OF_THE_PRODUCT)
    here = set(CASES) - set(OF_THE_PRODUCT)
    assert {_row(name) for name in here if CASES[name]["verdict"] == "reject"} <= set(CODES)


def test_what_is_named_as_the_products_has_its_test_there() -> None:
    missing = [
        f"{name}: {file} has no {test}"
        for name, (file, test) in OF_THE_PRODUCT.items()
        if f"def {test}(" not in (TESTS / file).read_text()
    ]
    assert missing == []


def test_every_target_of_the_list_is_one_that_is_tried() -> None:
    """The very address where the case has one of its own; by number where its host would have to be looked up."""
    tried = {target.replace("93.184.215.14", "op.example") for target in TARGETS}
    asked = {CASES[name]["mutate"][0]["value"] for name, shown in OF_THE_PRODUCT.items() if shown == _INSIDE}
    assert asked <= tried


def test_userinfo_replaces_nothing_that_was_signed() -> None:
    said = relying.sign_in(op.mutated(LIST["base"], CASES["ui-overrides-iss"]["mutate"]))
    assert (said["iss"], said["aud"]) == ("https://op.example/t/acme", "rp-1")


def _row(name: str) -> str:
    return max((start for start in CODES if name.startswith(start)), key=len, default="")


def _judged(case: op.Tree) -> str:
    """The code of the refusal; "" where it is accepted."""
    tree = op.mutated(LIST["base"], case["mutate"])
    try:
        match case["flow"]:
            case "backchannel-logout":
                relying.log_out(tree)
            case "refresh":
                relying.refresh(tree)
            case "initiate-login":
                rp.read_initiation(
                    tree["params"], provider=relying.provider(tree), own_origin="https://app.saas.example"
                )
            case "rp-logout":
                params = {"state": "lo-1"} | tree.get("params", {})
                missing = any(step.get("del") == "params.state" for step in case["mutate"])
                rp.require_logout_state(None if missing else params["state"], expected="lo-1")
            case _:
                relying.sign_in(tree)
    except Refusal as refusal:
        return refusal.code
    return ""
