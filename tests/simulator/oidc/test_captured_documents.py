"""The simulated discovery documents are those of the real vendors, as captured."""

from tests.simulator.oidc.captured import COMMON, ENDPOINTS, MEMBERS, VALUES


def test_a_document_has_no_member_that_the_real_one_has_not(party, vendor):
    assert set(party.metadata) <= COMMON | MEMBERS[vendor]
    assert set(party.metadata) >= COMMON - {"response_modes_supported"}


def test_what_never_varies_is_as_captured(party, vendor):
    assert {name: party.metadata[name] for name in VALUES[vendor]} == VALUES[vendor]


def test_entra_does_not_advertise_pkce_and_google_no_end_of_a_session(party, vendor):
    assert ("code_challenge_methods_supported" in party.metadata) is (vendor != "entra")
    assert ("end_session_endpoint" in party.metadata) is (vendor != "google")


def test_endpoints_stand_where_the_vendors_do(party, vendor):
    found = {name: party.metadata[name].removeprefix("http://127.0.0.1:9101") for name in ENDPOINTS[vendor]}
    assert found == ENDPOINTS[vendor]


def test_every_endpoint_of_a_document_answers(party):
    for name, url in party.metadata.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert party.client.get(url).status_code != 404, name


def test_a_key_set_holds_public_keys_only(party, vendor):
    keys = party.client.get(party.metadata["jwks_uri"]).json()["keys"]
    expected = {"kty", "use", "kid", "n", "e"} | ({"issuer"} if vendor == "entra" else set())
    expected |= set() if vendor in {"entra", "onelogin"} else {"alg"}
    assert {frozenset(key) for key in keys} == {frozenset(expected)}
    assert sorted(key["use"] for key in keys) == (["enc", "sig"] if vendor == "keycloak" else ["sig"])
