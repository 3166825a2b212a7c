"""Whose account it is: the shared table of cases, each from a signed ID token on, and SAML cases of the same kind.

A case passes the whole way: the token is judged against the connection, then the person is read, then admitted.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ostiary.domain.account import Account, Role
from ostiary.domain.admission import Confirm, Create, Known, Link, Rules, SignIn, admit, rules_of
from ostiary.domain.connection import SamlSettings
from ostiary.domain.identity import Identity, LinkedIdentity
from ostiary.domain.openid.identity import from_oidc
from ostiary.domain.openid.settings import ClaimNames, LinkPolicy, OidcSettings, SubjectClaim
from ostiary.domain.organization import Organization, Plan
from ostiary.kernel.errors import Refusal
from ostiary.kernel.values import DomainName, EmailAddress
from ostiary.oidc import client_auth
from ostiary.oidc import relying_party as rp
from ostiary.oidc.keys import key_set_of
from tests.oidc import evil_provider as op
from tests.oidc import shared

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
TABLE = shared.read("linking-cases.json", otherwise={"cases": [], "accounts": [], "tenants": {}})
CASES = {case["id"]: case for case in TABLE["cases"]}
TENANT = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"
VERDICTS = {SignIn: "login", Link: "link", Confirm: "confirm", Create: "create"}
POLICIES = {"never": LinkPolicy.NEVER, "verified_domain": LinkPolicy.VERIFIED_DOMAIN, "scim": LinkPolicy.NEVER}
ALLOWED = {
    "confirm-or-reject": {"confirm", "reject"},
    # The person is not let in without an address: their admin is asked to have one sent.
    "create-without-email-or-ask": {"reject"},
}


@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(CASES))
def test_a_case_gets_its_verdict(name: str) -> None:
    case = CASES[name]
    verdict, account = judged(case)
    assert verdict in ALLOWED.get(case["decision"], {case["decision"]})
    if verdict in {"login", "link", "confirm"}:
        assert account == case["account"]


def test_all_of_the_table_is_here() -> None:
    assert len(CASES) == 40 or not CASES


# --- the attacks, one by one ----------------------------------------------------


def test_noauth_an_address_that_another_tenants_admin_wrote_opens_nothing() -> None:
    jane = account("jane@acme.example")
    known = knows(account_with_email=jane)
    said = claims(tid=TENANT, oid="oid-evil", email="jane@acme.example")
    assert admit(person(said), known=known, rules=open_rules()) == Confirm(jane)
    verified = claims(tid=TENANT, oid="oid-jane", email="jane@acme.example", xms_edov=True)
    assert admit(person(verified), known=known, rules=open_rules()) == Link(jane)
    guest = claims(tid=TENANT, oid="oid-guest", email="jane@acme.example", xms_edov=True, acct=1)
    assert admit(person(guest), known=known, rules=open_rules()) == Confirm(jane)


def test_a_recycled_mailbox_does_not_inherit_the_account() -> None:
    jane = account("jane@acme.example")
    known = knows(account_with_email=jane, link_of_that_account=link(jane, subject="00u-before"))
    assert refusal(person(VERIFIED), known) == "login.linked_to_another"


def test_a_domain_that_changed_hands_opens_no_account_of_those_before() -> None:
    jane = account("jane@acme.example")
    known = knows(account_with_email=jane, is_domain_anothers=True)
    assert refusal(person(VERIFIED), known) == "login.domain_not_verified"
    # Whoever is known by their subject is not asked for an address at all.
    known = knows(link=link(jane, subject="00u"), linked_account=jane, is_domain_anothers=True)
    assert admit(person(VERIFIED), known=known, rules=open_rules()) == SignIn(jane)


def test_an_address_in_other_letters_is_the_same_persons() -> None:
    read = person({**VERIFIED, "email": "Jane@ACME.example"})
    assert read.email is not None
    assert read.email.key == "jane@acme.example"
    jane = account("jane@acme.example")
    assert admit(read, known=knows(account_with_email=jane), rules=open_rules()) == Link(jane)


@pytest.mark.parametrize("said", [True, False, "true", "false", 1, None], ids=repr)
def test_an_address_is_verified_by_true_and_by_nothing_else(said: object) -> None:
    assert person({**VERIFIED, "email_verified": said}).is_vouched is (said is True)


def test_a_provider_that_is_authoritative_vouches_but_not_for_guests_nor_against_edov() -> None:
    rules = {"is_authoritative": True}
    said = {"email": "jane@acme.example"}
    assert person(said, **rules).is_vouched
    assert not person({**said, "acct": 1}, **rules).is_vouched
    assert not person({**said, "xms_edov": False}, **rules).is_vouched


def test_the_word_that_an_address_is_verified_speaks_of_no_other_claim() -> None:
    said = {"upn": "jane@acme.example", "email": "mallory@acme.example", "email_verified": True}
    assert not person(said, claims=ClaimNames(email="upn")).is_vouched


# --- SAML cases of the same kind --------------------------------------------------

JANE = {"email": "jane@acme.example"}
SAML_CASES: dict[str, tuple[dict[str, Any], str]] = {
    "known name": ({"linked": True}, "login"),
    "known name, address changed": ({"linked": True, "email": "joseph@acme.example"}, "login"),
    "known name, address of another": ({"linked": True, "email": "joe@acme.example"}, "login"),
    "known name, deactivated": ({"linked": True, "is_active": False}, "login.account_deactivated"),
    "first time, verified domain": (JANE, "link"),
    "first time, letter case": ({"email": "Jane@ACME.example"}, "link"),
    "first time, foreign domain": ({"email": "jane@partner.example"}, "login.domain_not_verified"),
    "first time, suffix": ({"email": "jane@notacme.example"}, "login.domain_not_verified"),
    "first time, subdomain": ({"email": "jane@eu.acme.example"}, "login.domain_not_verified"),
    "domain changed hands": ({**JANE, "is_domain_anothers": True}, "login.domain_not_verified"),
    "deactivated, another name": ({**JANE, "is_active": False}, "login.account_deactivated"),
    "recycled mailbox": ({**JANE, "other_subject": "jane-before"}, "login.linked_to_another"),
    "owner": ({**JANE, "role": Role.OWNER}, "login.link_needs_confirmation"),
    "admin": ({**JANE, "role": Role.ADMIN}, "link"),
    "new": ({"email": "new@acme.example", "is_new": True}, "create"),
    "new, plus sign": ({"email": "jane+x@acme.example", "is_new": True}, "create"),
    "new, no accounts made": ({"email": "new@acme.example", "is_new": True, "creates": False}, "login.no_account"),
}


@pytest.mark.parametrize("name", sorted(SAML_CASES))
def test_a_saml_case_gets_its_verdict(name: str) -> None:
    given, verdict = SAML_CASES[name]
    jane = account("jane@acme.example", role=given.get("role", Role.MEMBER), is_active=given.get("is_active", True))
    is_linked = given.get("linked", False)
    known = knows(
        link=link(jane, subject="jane") if is_linked else None,
        linked_account=jane if is_linked else None,
        account_with_email=None if is_linked or given.get("is_new") else jane,
        link_of_that_account=link(jane, subject=given["other_subject"]) if "other_subject" in given else None,
        is_domain_anothers=given.get("is_domain_anothers", False),
    )
    settings = SamlSettings(
        sso_url="https://idp.example/sso",
        idp_entity_id="https://idp.example",
        certificates=(),
        creates_accounts=given.get("creates", True),
    )
    identity = Identity(
        issuer="https://idp.example",
        subject="jane",
        email=EmailAddress.parse(given.get("email", "jane@acme.example")),
        first_name="",
        last_name="",
        is_vouched=True,
    )
    try:
        found = VERDICTS[type(admit(identity, known=known, rules=rules_of(settings)))]
    except Refusal as refused:
        found = refused.code
    assert found == verdict


# --- what the cases are made of ----------------------------------------------------

VERIFIED = {"email": "jane@acme.example", "email_verified": True}


def judged(case: dict[str, Any]) -> tuple[str, str]:
    """The verdict, and the account that it names."""
    tenant, connection = next(
        (name, each["connections"][case["connection"]])
        for name, each in TABLE["tenants"].items()
        if case["connection"] in each["connections"]
    )
    settings = OidcSettings(
        issuer=connection["issuer"],
        client_id="rp-1",
        creates_accounts=connection["jit"],
        link_policy=POLICIES[connection["link_policy"]],
        subject_claim=SubjectClaim.OID if connection["vendor"] == "entra" else SubjectClaim.SUB,
        tenants=(TENANT,) if connection["vendor"] == "entra" else (),
        hosted_domains=tuple(connection["required_hd"]) if "required_hd" in connection else None,
    )
    try:
        verified = verified_of(case["claims"], settings)
        identity = from_oidc(verified, claims=verified.claims, settings=settings).identity
        admission = admit(identity, known=known_of(case, tenant, identity), rules=rules_of(settings))
    except Refusal:
        return "reject", ""
    owner = "" if isinstance(admission, Create) else admission.account.id
    return VERDICTS[type(admission)], owner


def verified_of(said: dict[str, Any], settings: OidcSettings) -> rp.VerifiedClaims:
    seconds = int(NOW.timestamp())
    claims = {"aud": "rp-1", "iat": seconds, "exp": seconds + 300, "nonce": "n", **said}
    token = op.signed("k1", {"alg": "RS256", "kid": "k1"}, json.dumps(claims))
    is_google = settings.is_google
    expected = rp.Expected(
        client=rp.Client(client_id="rp-1", redirect_uri="", authentication=client_auth.NoSecret()),
        provider=rp.Provider(
            issuer=settings.issuer,
            other_issuers=("accounts.google.com",) if is_google else (),
            tenants=settings.tenants,
            hosted_domains=settings.hosted_domains,
        ),
        metadata=metadata(settings.issuer),
        keys=key_set_of([op.jwk("k1", {"kids": {}})]),
        nonce="n",
        now=NOW,
    )
    return rp.read_id_token(token, expected=expected)


def metadata(issuer: str) -> rp.ProviderMetadata:
    return rp.ProviderMetadata(
        issuer=issuer,
        authorization_endpoint="",
        token_endpoint="",
        jwks_uri="",
        userinfo_endpoint="",
        end_session_endpoint="",
        pushed_authorization_request_endpoint="",
        requires_pushed_requests=False,
        sends_issuer=False,
        algorithms=(),
        authentication_methods=(),
        scopes=(),
        response_modes=(),
    )


def known_of(case: dict[str, Any], tenant: str, identity: Identity) -> Known:
    """What the store of this table's world would know."""
    rows = [row for row in TABLE["accounts"] if row["tenant"] == tenant]
    people = {row["id"]: table_account(row) for row in rows}
    own = {"connection": case["connection"], "iss": identity.issuer, "sub": identity.subject}
    linked = next((row for row in rows if own in row["links"]), None)
    by_email = next((row for row in rows if identity.email and row["email"] == identity.email.key), None)
    others = [each for each in by_email["links"] if each["connection"] == case["connection"]] if by_email else []
    provisioned = next(
        (
            row
            for row in rows
            if row.get("scim", {}).get("connection") == case["connection"]
            and row["scim"]["externalId"] == identity.subject
        ),
        None,
    )
    is_lapsed = case["claims"].get("_domain_state") == "verification expired"
    domains = [] if is_lapsed else TABLE["tenants"][tenant]["verified_domains"]
    foreign = [each for name, of in TABLE["tenants"].items() if name != tenant for each in of["verified_domains"]]
    return knows(
        verified_domains=frozenset(DomainName.parse(each) for each in domains),
        link=link(people[linked["id"]], subject=identity.subject) if linked else None,
        linked_account=people[linked["id"]] if linked else None,
        account_with_email=people[by_email["id"]] if by_email else None,
        link_of_that_account=link(people[by_email["id"]], subject=others[0]["sub"]) if by_email and others else None,
        is_domain_anothers=identity.email is not None and str(identity.email.domain) in foreign,
        account_with_external_id=people[provisioned["id"]] if provisioned else None,
    )


def table_account(row: dict[str, Any]) -> Account:
    return account(
        row["email"],
        id=row["id"],
        role=Role(row.get("role", "member")),
        is_active=row.get("scim", {}).get("active", True),
    )


def account(email: str, **given: Any) -> Account:
    values: dict[str, Any] = {
        "id": "a1",
        "organization_id": "o1",
        "email": EmailAddress.parse(email),
        "first_name": "",
        "last_name": "",
        "role": Role.MEMBER,
        "password_hash": None,
        "is_active": True,
        "created_at": NOW,
    }
    return Account(**{**values, **given})


def link(owner: Account, *, subject: str) -> LinkedIdentity:
    return LinkedIdentity(
        id="i1",  # type: ignore[arg-type]
        organization_id=owner.organization_id,
        connection_id="c1",  # type: ignore[arg-type]
        account_id=owner.id,
        issuer="https://acme.okta.com",
        subject=subject,
        email=owner.email,
        created_at=NOW,
        last_used_at=None,
    )


def knows(**given: Any) -> Known:
    values: dict[str, Any] = {
        "organization": Organization(
            id="o1",  # type: ignore[arg-type]
            slug="acme",
            name="Acme",
            plan=Plan.BUSINESS,
            plan_since=NOW,
            sso_until=None,
            created_at=NOW,
        ),
        "verified_domains": frozenset({DomainName.parse("acme.example")}),
        "link": None,
        "linked_account": None,
        "account_with_email": None,
        "link_of_that_account": None,
    }
    return Known(**{**values, **given})


def open_rules() -> Rules:
    return rules_of(OidcSettings(issuer="https://acme.okta.com", client_id="rp-1", creates_accounts=True))


def claims(**said: Any) -> dict[str, Any]:
    return said


def person(said: dict[str, Any], **settings: Any) -> Identity:
    """The person of these claims at Acme's Okta."""
    chosen = OidcSettings(issuer="https://acme.okta.com", client_id="rp-1", **settings)
    verified = verified_of({"iss": chosen.issuer, "sub": "00u", **said}, chosen)
    return from_oidc(verified, claims=verified.claims, settings=chosen).identity


def refusal(identity: Identity, known: Known) -> str:
    with pytest.raises(Refusal) as refused:
        admit(identity, known=known, rules=open_rules())
    return refused.value.code
