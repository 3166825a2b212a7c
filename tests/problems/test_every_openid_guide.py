"""Every code of OpenID Connect, in the words of every provider, and what vendors say in words of their own."""

import re
from collections.abc import Iterator

import pytest

from ostiary.domain.connection import Protocol
from ostiary.guides import ConnectionValues, Guide, guide, guides
from ostiary.kernel.errors import Fact
from ostiary.problems import Explanation, Reader, explain
from ostiary.problems.catalogue import BY_CODE, facts_of
from ostiary.problems.problem import Fixer
from ostiary.problems.quoting import placeholders
from ostiary.problems.refining.fitting import protocols_of

OPENID = guides(protocol=Protocol.OIDC)
EVERY_GUIDE = pytest.mark.parametrize("guide", OPENID, ids=lambda guide: guide.key)
NAMED = pytest.mark.parametrize("guide", OPENID[:-1], ids=lambda guide: guide.key)
CODES = [code for code in BY_CODE if code.startswith("oidc.")]
REDIRECT_URI = "https://sso.ringline.example/oauth2/idpresponse/c7f3k2m9q4"
VALUES = ConnectionValues(
    product="Ringline",
    organization="Acme",
    acs_url="the ACS URL",
    entity_id="the Entity ID",
    redirect_uri=REDIRECT_URI,
    initiate_login_uri="https://sso.ringline.example/oidc/c7f3k2m9q4/start",
    discovery_url="https://login.idp.example",
    client_id="c-1",
)
FORBIDDEN = re.compile(
    r"\binvalid\b|failed to|\boops\b|\bplease\b|!|try again later|you entered|\bwrongly\b",
    re.IGNORECASE,
)
GENERAL = re.compile(r"your provider|provider's console|the identity provider|admin console of", re.IGNORECASE)
SUPPORT = "send the reference to the support of Ringline, with the name of the identity provider."


@EVERY_GUIDE
def test_every_code_reads_whole_in_the_words_of_every_provider(guide: Guide) -> None:
    for code in BY_CODE:
        read = _read(code, guide)
        for text in _texts(read):
            assert text.strip(), code
            assert not re.search(r"\{[a-z_]*\}|\(not recorded\)|\*\*|→ *(→|\.|,|$)|  ", text), f"{code}: {text}"
            if not text.startswith("Its page says "):
                assert not FORBIDDEN.search(text), f"{code}: {text}"
        assert read.steps, code


@NAMED
def test_where_the_guide_knows_the_provider_no_general_word_is_left(guide: Guide) -> None:
    left = [
        f"{code}: {step.plain}"
        for code in CODES
        for step in _read(code, guide).steps
        if GENERAL.search(step.plain) and SUPPORT not in step.plain
    ]
    assert left == []


def test_a_code_is_never_told_in_the_words_of_a_console_of_the_other_protocol() -> None:
    okta = guide("okta")
    assert okta is not None
    openid = _read("oidc.code_rejected", okta)
    assert any("Sign-in redirect URIs" in step.plain for step in openid.steps)
    saml = explain("saml.audience_mismatch", {}, guide=_of("okta"), values=VALUES, reader=Reader.ADMIN)
    assert any("Audience URI" in step.plain for step in saml.steps)
    # AD FS has no guide of its own over OpenID Connect, and Auth0 none over SAML.
    adfs = guide("adfs")
    assert adfs is not None
    assert "At the identity provider" in _read("oidc.code_missing", adfs).steps[0].plain
    assert explain("saml.audience_mismatch", {}, guide=_of("auth0"), values=VALUES, reader=Reader.ADMIN).steps


def test_codes_of_a_protocol_are_documented_for_its_own_providers_alone() -> None:
    assert {protocols_of(BY_CODE[code], code=code) for code in CODES} == {(Protocol.OIDC,)}
    saml = {protocols_of(problem, code=code) for code, problem in BY_CODE.items() if code.startswith("saml.")}
    assert saml == {(Protocol.SAML,)}


@EVERY_GUIDE
def test_our_redirect_uri_is_offered_to_copy_where_it_is_to_be_put_in(guide: Guide) -> None:
    spans = [span for step in _read("oidc.code_rejected", guide).steps for span in step.spans if span.kind == "copy"]
    assert [span.text for span in spans] == [REDIRECT_URI]


@EVERY_GUIDE
def test_silence_is_explained_with_the_fields_of_openid_connect_and_the_pages_of_the_provider(guide: Guide) -> None:
    read = _read("login.no_answer", guide)
    shown = [each.when.removeprefix("Its page says ") for each in read.otherwise if each.when.startswith("Its page")]
    assert shown == [page.says for page in guide.pages]
    text = " ".join(step.plain for each in read.otherwise for step in each.then)
    assert REDIRECT_URI in text
    assert not re.search(r"SSO URL|ACS|NameID|Entity ID", text)


@EVERY_GUIDE
def test_what_a_provider_says_in_its_own_words_is_recognised_and_explained(guide: Guide) -> None:
    for error in (*guide.messages, *guide.pages):
        facts = {"error": "invalid_request", "description": f"{error.says}: and more. Trace ID: 1", "vendor_code": ""}
        read = explain("oidc.provider_error", facts, guide=guide, values=VALUES, reader=Reader.ADMIN)
        assert read.title == f"{guide.name_at_start} has signed nobody in: {error.says}."
        assert [text for text in _texts(read) if re.search(r"\{[a-z_]*\}|\(not recorded\)|  ", text)] == []
        assert read.steps


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("AADSTS50011", "Authentication → Web → Redirect URIs"),
        ("AADSTS50105", "Users and groups"),
        ("AADSTS65001", "Grant admin consent"),
        ("AADSTS700016", "Application (client) ID"),
        ("AADSTS7000215", "not its Secret ID"),
        ("AADSTS7000222", "New client secret"),
        ("AADSTS90094", "Grant admin consent"),
        ("AADSTS50020", "the company's account"),
        ("AADSTS700027", "Certificates"),
    ],
)
@pytest.mark.parametrize("where", ["oidc.provider_error", "oidc.client_rejected", "oidc.token_refused"])
def test_the_codes_of_microsoft_that_people_meet_say_what_to_change(where: str, code: str, names: str) -> None:
    facts = _facts(where) | {"vendor_code": code, "description": f"{code}: something. Trace ID: 0000aaaa"}
    read = explain(where, facts, guide=_of("entra"), values=VALUES, reader=Reader.ADMIN)
    assert code in read.title
    assert names in " ".join(step.plain for step in read.steps)
    # A connection by the general guide may be Microsoft's all the same.
    general = explain(where, facts, guide=OPENID[-1], values=VALUES, reader=Reader.ADMIN)
    assert code in general.title


def test_a_code_that_begins_like_another_one_is_not_taken_for_it() -> None:
    facts = {"error": "invalid_request", "description": "AADSTS500113: No reply address", "vendor_code": "AADSTS500113"}
    read = explain("oidc.provider_error", facts, guide=_of("entra"), values=VALUES, reader=Reader.ADMIN)
    assert "AADSTS50011" not in read.title


@pytest.mark.parametrize(
    ("key", "code", "facts", "names"),
    [
        ("okta", "oidc.provider_error", ("access_denied", "User is not assigned to the client application."), "Assign"),
        ("okta", "oidc.provider_error", ("access_denied", "Policy evaluation failed for this request"), "Access Pol"),
        (
            "okta",
            "oidc.client_rejected",
            ("", "The client secret supplied for a confidential client is invalid."),
            "Cli",
        ),
        ("google", "oidc.provider_error", ("access_denied", ""), "accept what Google asks"),
        ("google", "oidc.provider_error", ("admin_policy_enforced", ""), "Manage Third-Party App Access"),
        ("google", "oidc.provider_error", ("org_internal", ""), "External"),
        ("keycloak", "oidc.client_rejected", ("", "Invalid client or Invalid client credentials"), "Credentials"),
        ("keycloak", "oidc.code_rejected", ("", "Code not valid"), "Sign in once more"),
        ("onelogin", "oidc.provider_error", ("invalid_client", "client is invalid"), "SSO → Client ID"),
    ],
)
def test_what_other_vendors_say_is_recognised_too(key: str, code: str, facts: tuple[str, str], names: str) -> None:
    known = _facts(code) | {"error": facts[0], "description": facts[1], "vendor_code": ""}
    read = explain(code, known, guide=_of(key), values=VALUES, reader=Reader.ADMIN)
    assert "has signed nobody in" in read.title
    assert names in " ".join(step.plain for step in read.steps)


@pytest.mark.parametrize(
    ("error", "begins", "fixer"),
    [
        ("access_denied", "Okta refuses to sign this person in", Fixer.IDP_ADMIN),
        ("invalid_scope", "Okta does not allow a scope", Fixer.IDP_ADMIN),
        ("consent_required", "Okta asks for consent", Fixer.IDP_ADMIN),
        ("unauthorized_client", "Okta does not let this application", Fixer.IDP_ADMIN),
        ("login_required", "Okta was asked to show no page", Fixer.USER),
        ("server_error", "Okta could not finish", Fixer.IDP_ADMIN),
        ("invalid_request", "Okta does not take the request", Fixer.IDP_ADMIN),
    ],
)
def test_an_error_value_of_the_standard_has_words_of_its_own(error: str, begins: str, fixer: Fixer) -> None:
    facts: dict[str, Fact] = {"error": error, "description": "", "vendor_code": ""}
    read = explain("oidc.provider_error", facts, guide=_of("okta"), values=VALUES, reader=Reader.ADMIN)
    assert read.title.startswith(begins)
    assert read.fixer is fixer
    assert read.steps


@EVERY_GUIDE
@pytest.mark.parametrize(
    ("method", "begins", "step"),
    [
        ("client_secret_basic", "does not take the Client ID or the Client Secret", "ecret"),
        ("private_key_jwt", "does not take the signature by which Ringline proves", "address of our keys"),
        ("none", "wants proof that the caller is Ringline", "ecret"),
    ],
)
def test_who_is_not_taken_as_the_client_reads_how_it_had_proven_itself(
    guide: Guide, method: str, begins: str, step: str
) -> None:
    facts: dict[str, Fact] = {"client_id": "c-1", "method": method, "description": "", "vendor_code": ""}
    read = explain("oidc.client_rejected", facts, guide=guide, values=VALUES, reader=Reader.ADMIN)
    assert begins in read.title
    assert step in read.steps_as_text
    for text in _texts(read):
        assert not re.search(r"\{[a-z_]*\}|\*\*|  ", text), text


@pytest.mark.parametrize("said", ["Invalid client or Invalid client credentials", "invalid_client_credentials", ""])
def test_a_public_client_of_keycloak_is_led_to_the_switch_that_makes_it_one(said: str) -> None:
    """It has no Credentials tab: whoever is sent there finds nothing."""
    facts = _facts("oidc.client_rejected") | {"description": said, "vendor_code": "", "error": ""}
    read = explain("oidc.client_rejected", facts, guide=_of("keycloak"), values=VALUES, reader=Reader.ADMIN)
    assert "Settings → Capability config: Client authentication must be on." in read.steps_as_text


def test_an_error_value_of_the_standard_is_no_vendors_own_where_the_vendor_is_not_known() -> None:
    facts: dict[str, Fact] = {"error": "access_denied", "description": "The person turned back", "vendor_code": ""}
    read = explain("oidc.provider_error", facts, guide=_of("oidc"), values=VALUES, reader=Reader.ADMIN)
    assert read.title == "The identity provider refuses to sign this person in to Ringline."
    assert "Google" not in read.second + read.steps_as_text


def test_an_error_that_nobody_knows_is_quoted_as_it_is() -> None:
    facts = {"error": "over_quota", "description": "Ask later", "vendor_code": ""}
    read = explain("oidc.provider_error", facts, guide=_of("okta"), values=VALUES, reader=Reader.ADMIN)
    assert read.title == "Okta refused the sign-in: over_quota."


@pytest.mark.parametrize(
    ("code", "facts", "title"),
    [
        (
            "oidc.token_not_yet_valid",
            {"claim": "iat", "not_before": "2026-11-14T09:19:12+00:00", "now": "2026-11-14T09:12:12+00:00"},
            "Keycloak's clock is 7 minutes ahead of Ringline's.",
        ),
        (
            "oidc.token_old",
            {"issued_at": "2026-11-14T08:12:10+00:00", "now": "2026-11-14T09:12:12+00:00"},
            "Keycloak's clock is 60 minutes behind Ringline's.",
        ),
        (
            # nbf may lie in the future on purpose.
            "oidc.token_not_yet_valid",
            {"claim": "nbf", "not_before": "2026-11-14T09:19:12+00:00", "now": "2026-11-14T09:12:12+00:00"},
            "The token is valid only in the future.",
        ),
        ("oidc.token_old", {"issued_at": "once", "now": ""}, "The token was issued long before this sign-in."),
    ],
)
def test_a_token_says_how_far_the_clocks_are_apart(code: str, facts: dict[str, Fact], title: str) -> None:
    read = explain(code, facts, guide=_of("keycloak"), values=VALUES, reader=Reader.ADMIN)
    assert read.title == title
    steps = " ".join(step.plain for step in read.steps)
    assert "NTP" in steps
    assert ("time zone" in steps) == (code == "oidc.token_old" and "60" in title)


def test_a_person_tied_to_another_subject_reads_no_word_of_saml() -> None:
    facts = _facts("login.linked_to_another") | {"expected": "00u1", "received": "00u2", "email": "dana@acme.example"}
    read = explain("login.linked_to_another", facts, guide=_of("okta"), values=VALUES, reader=Reader.ADMIN)
    said = " ".join([*_texts(read), *(row.note for row in read.rows)])
    assert "NameID" not in said
    assert "subject" in said


def _of(key: str) -> Guide:
    found = guide(key, protocol=Protocol.OIDC)
    assert found is not None
    return found


def _facts(code: str) -> dict[str, Fact]:
    return dict(placeholders(facts_of(code), values=VALUES))


def _read(code: str, guide: Guide) -> Explanation:
    facts = _facts(code)
    if "allowance" in facts:
        facts["allowance"] = "allow_sha1"
    return explain(code, facts, guide=guide, values=VALUES, reader=Reader.ADMIN, person="dana@acme.example")


def _texts(read: Explanation) -> Iterator[str]:
    yield from (read.title, read.second, read.label)
    yield from (step.plain for step in read.steps)
    for each in read.otherwise:
        yield each.when
        yield from (step.plain for step in each.then)


def test_an_id_in_the_place_of_the_discovery_url_is_called_one() -> None:
    facts = {"received": "6babcaad-604b-40ac-a9d7-9fd97c0b779f"}
    read = explain("oidc.discovery_url_unreadable", facts, guide=_of("okta"), values=VALUES, reader=Reader.ADMIN)
    assert read.title == "This is an ID, and the Discovery URL is an address."
    assert "Okta" in read.steps[0].plain


def test_the_word_for_all_tenants_is_what_a_tenant_takes_the_place_of() -> None:
    facts = {"received": "https://login.microsoftonline.com/common/v2.0", "word": "common"}
    read = explain("oidc.tenant_needed", facts, guide=_of("entra"), values=VALUES, reader=Reader.ADMIN)
    assert read.title == "In the Discovery URL, common is no single tenant."
    assert read.steps[0].plain == "Put your Directory (tenant) ID in the place of common."


@pytest.mark.parametrize(
    ("received", "says"),
    [
        ("RSA1_5", "may ask us often enough"),
        ("dir", "It goes by the Client Secret"),
        ("A256KW", "It goes by the Client Secret"),
        ("PBES2-HS256+A128KW", "It goes by the Client Secret"),
        ("ECDH-ES+A128KW", "those of this connection are RSA keys"),
    ],
)
def test_why_a_way_to_encrypt_is_not_taken_is_told(received: str, says: str) -> None:
    facts: dict[str, Fact] = {"expected": ("RSA-OAEP", "RSA-OAEP-256"), "received": received}
    read = explain("oidc.key_encryption_refused", facts, guide=_of("keycloak"), values=VALUES, reader=Reader.ADMIN)
    assert says in read.second
    assert "It takes RSA-OAEP and RSA-OAEP-256" in read.second
    assert "ID token encryption key management algorithm" in " ".join(step.plain for step in read.steps)


@pytest.mark.parametrize(
    ("key", "what", "says"),
    [
        ("keycloak", "ID token", "turn on Settings"),
        ("keycloak", "answer of UserInfo", "switch off the encryption of the answer of UserInfo"),
        ("google", "ID token", "another server has written this one"),
    ],
)
def test_what_comes_encrypted_leads_to_the_switch_that_is_for_it(key: str, what: str, says: str) -> None:
    read = explain("oidc.token_encrypted", {"what": what}, guide=_of(key), values=VALUES, reader=Reader.ADMIN)
    assert f"has sent an encrypted {what}." in read.title
    assert says in read.steps[0].plain
    assert ("Advanced" in " ".join(step.plain for step in read.steps)) is (key != "google")


@pytest.mark.parametrize("key", ["google", "google_own"])
def test_only_a_client_of_ones_own_has_an_advanced_section(key: str) -> None:
    facts: dict[str, Fact] = {"claim": "hd", "expected": ("acme.example",), "received": "elsewhere.example"}
    read = explain("oidc.tenant_mismatch", facts, guide=_of(key), values=VALUES, reader=Reader.ADMIN)
    assert ("Advanced" in " ".join(step.plain for step in read.steps)) is (key == "google_own")
