"""Whole sign-ins at a real provider on loopback: what it takes to be let in, and what every copy comes to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from ostiary.domain.attempt import Origin, Outcome
from ostiary.domain.errors import AttemptUsed
from ostiary.domain.openid.settings import Authentication, SubjectClaim, UserinfoUse
from ostiary.oidc.relying_party import Method, ResponseMode
from ostiary.services.complete_login import SignedIn
from ostiary.services.oidc.login import MOST_LEAVES
from ostiary.services.refusal_record import LoginRefused
from ostiary.services.saml.request import Departure, LeaveFor
from tests.services.oidc.ground import Ground, a_browser, a_secret, add_connection

JANE = {"email": "jane@acme.example", "email_verified": True, "given_name": "Jane", "family_name": "Doe"}


def test_somebody_who_is_new_gets_an_account_and_is_known_from_then_on(ground: Ground) -> None:
    first = ground.sign_in(**JANE)
    second = ground.sign_in(email=None, email_verified=None)
    assert (first.account.name, str(first.account.email)) == ("Jane Doe", "jane@acme.example")
    assert second.account.id == first.account.id
    assert ground.attempts()[0].outcome is Outcome.SIGNED_IN
    assert first.began_here


def test_the_request_carries_what_binds_the_sign_in_together(ground: Ground) -> None:
    asked = parse_qs(urlsplit(ground.leave()).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"https://sso.ringline.example/oauth2/idpresponse/{ground.connection_id}"]
    assert len(asked["nonce"][0]) == 64


def test_the_documents_are_fetched_once_and_shared(ground: Ground) -> None:
    for _ in range(3):
        ground.sign_in(**JANE)
    assert (ground.provider.count("/jwks"), ground.provider.count("/.well-known/openid-configuration")) == (1, 1)


def refused(ground: Ground, finished: object) -> str:
    assert isinstance(finished, LoginRefused), finished
    assert finished.reference is not None
    view = ground.services.attempts.one(finished.reference, **ground.scope)
    assert (view.attempt.code, view.attempt.outcome) == (finished.refusal.code, Outcome.REFUSED)
    return finished.refusal.code


def test_an_answer_counts_once(ground: Ground) -> None:
    ground.provider.claims = JANE
    answered = ground.provider.approve(ground.leave())
    assert isinstance(ground.answer(answered), SignedIn)
    again = ground.answer(answered)
    assert isinstance(again, LoginRefused)
    assert again.refusal.code == "login.attempt_used"
    assert ground.attempts()[0].outcome is Outcome.SIGNED_IN
    assert ground.provider.count("/token") == 1


@pytest.mark.parametrize("browser", [a_browser(login_key=None), a_browser()], ids=["no cookie", "another browser"])
def test_an_answer_in_another_browser_is_refused_before_the_provider_is_asked(ground: Ground, browser) -> None:
    answered = ground.provider.approve(ground.leave())
    assert refused(ground, ground.answer(answered, browser=browser)) == "login.browser_changed"
    assert ground.provider.count("/token") == 0


def test_an_answer_after_the_time_is_refused(ground: Ground) -> None:
    answered = ground.provider.approve(ground.leave())
    ground.clock.at += timedelta(hours=1)
    assert refused(ground, ground.answer(answered)) == "login.attempt_expired"


def test_an_answer_at_another_connection_is_nobodys(ground: Ground) -> None:
    serving = ground.connection.serving
    assert serving is not None
    other = add_connection(ground.store, ground.organization, ground.owner, serving.oidc)
    answered = ground.provider.approve(ground.leave())
    assert refused(ground, ground.answer(answered, connection_id=other)) == "oidc.state_mismatch"


@pytest.mark.parametrize(
    "change",
    [lambda state: None, lambda state: state[:-1] + "x", lambda state: state.partition(".")[0], lambda _: "t1"],
)
def test_a_state_is_known_in_every_letter_or_it_is_none(ground: Ground, change) -> None:
    answered: dict[str, str | None] = dict(ground.provider.approve(ground.leave()))
    answered["state"] = change(answered["state"])
    pairs = [(name, value) for name, value in answered.items() if value is not None]
    assert refused(ground, ground.answer(pairs)) == "oidc.state_mismatch"
    assert ground.provider.count("/token") == 0


def test_an_answer_that_nobody_asked_for_is_refused(ground: Ground) -> None:
    assert refused(ground, ground.answer([("code", "c1"), ("state", "")])) == "oidc.state_mismatch"


def test_an_answer_by_another_way_than_asked_for_is_refused(ground: Ground) -> None:
    answered = ground.provider.approve(ground.leave())
    assert refused(ground, ground.answer(answered, mode=ResponseMode.FORM_POST)) == "oidc.response_mode_mismatch"


def test_form_post_signs_in_where_it_was_asked_for(ground: Ground) -> None:
    ground.set_up(response_mode=ResponseMode.FORM_POST)
    ground.provider.claims = JANE
    url = ground.leave()
    assert "response_mode=form_post" in url
    assert isinstance(ground.answer(ground.provider.approve(url), mode=ResponseMode.FORM_POST), SignedIn)


def test_the_error_of_a_provider_is_told_in_its_own_words(ground: Ground) -> None:
    answered = ground.provider.approve(
        ground.leave(), code=None, error="access_denied", error_description="AADSTS50105: not assigned"
    )
    assert refused(ground, ground.answer(answered)) == "oidc.provider_error"
    assert ground.attempts()[0].facts["vendor_code"] == "AADSTS50105"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"nonce": "another"}, "oidc.nonce_mismatch"),
        ({"iss": "https://evil.example"}, "oidc.issuer_mismatch"),
        ({"aud": "rp-2"}, "oidc.audience_mismatch"),
        ({"exp": 1}, "oidc.token_expired"),
        ({"sub": ["00u"]}, "oidc.claim_malformed"),
        ({"email": ["a@acme.example", "ceo@acme.example"]}, "oidc.claim_malformed"),
        ({"email": "jane@acme.example@evil.example"}, "login.email_not_an_address"),
        ({"email": None}, "login.email_missing"),
        ({"email": "jane@evil.example"}, "login.domain_not_verified"),
    ],
)
def test_a_token_that_does_not_hold_signs_nobody_in(ground: Ground, claims, code) -> None:
    assert refused(ground, ground.try_in(**{**JANE, **claims})) == code
    with ground.store.read() as tx:
        assert tx.accounts.by_email("jane@acme.example", **ground.scope) is None


def test_what_a_thin_token_lacks_is_looked_up(ground: Ground) -> None:
    ground.set_up(userinfo_method=Method.POST)
    ground.provider.userinfo = JANE
    assert str(ground.sign_in().account.email) == "jane@acme.example"
    assert ground.provider.count("/userinfo") == 1


def test_userinfo_of_somebody_else_lends_no_address(ground: Ground) -> None:
    ground.provider.userinfo = {**JANE, "sub": "another"}
    assert refused(ground, ground.try_in()) == "oidc.subject_changed"


def test_of_several_addresses_at_userinfo_none_is_picked(ground: Ground) -> None:
    """An attacker could name the boss behind themselves."""
    ground.provider.userinfo = {**JANE, "email": ["jane@acme.example", "ceo@acme.example"]}
    assert refused(ground, ground.try_in(email=None)) == "oidc.claim_malformed"


def test_userinfo_is_left_alone_where_the_settings_say_so(ground: Ground) -> None:
    ground.set_up(userinfo_use=UserinfoUse.NEVER)
    ground.provider.userinfo = JANE
    assert refused(ground, ground.try_in()) == "login.email_missing"
    assert ground.provider.count("/userinfo") == 0


def test_while_a_secret_changes_both_are_taken(ground: Ground) -> None:
    with ground.store.write() as tx:
        later = a_secret(ground.connection_id, ground.organization, at=ground.clock.now() + timedelta(hours=1))
        tx.client_secrets.add(later, value="n3w")
    ground.sign_in(**JANE)
    ground.provider.secrets = ["n3w"]
    ground.sign_in()
    ground.provider.secrets = ["neither"]
    assert refused(ground, ground.try_in()) == "oidc.client_rejected"


def test_the_secret_goes_into_the_form_where_the_provider_wants_it_there(ground: Ground) -> None:
    ground.set_up(authentication=Authentication.POST)
    ground.sign_in(**JANE)
    assert ground.provider.seen[-1]["client_secret"] == "s3cret"


def test_one_attempt_asks_the_provider_a_few_times_and_no_more(ground: Ground) -> None:
    """Beginnings are limited; whoever begins once and reloads the next step without end must gain nothing by it."""
    ground.provider.described = {"pushed_authorization_request_endpoint": f"{ground.provider.issuer}/par"}
    departure = Departure(origin=Origin.SIGN_IN_PAGE)
    going = ground.services.start_login.start(ground.connection_id, departure=departure, client=ground.browser)
    for _ in range(MOST_LEAVES):
        left = ground.services.oidc_login.leave(ground.connection_id, going.attempt_id, client=ground.browser)
        assert isinstance(left, LeaveFor)
    pushed = len(ground.provider.pushed)
    for _ in range(2):
        left = ground.services.oidc_login.leave(ground.connection_id, going.attempt_id, client=ground.browser)
        assert isinstance(left, LoginRefused)
        assert isinstance(left.refusal, AttemptUsed)
    assert len(ground.provider.pushed) == pushed == MOST_LEAVES


def test_parameters_are_pushed_where_the_provider_takes_them(ground: Ground) -> None:
    ground.provider.described = {"pushed_authorization_request_endpoint": f"{ground.provider.issuer}/par"}
    ground.provider.claims = JANE
    url = ground.leave()
    assert "request_uri=" in url
    assert "nonce" not in url
    assert isinstance(ground.answer(ground.provider.approve(url)), SignedIn)


def test_the_object_id_is_the_key_where_the_settings_say_so(ground: Ground) -> None:
    ground.set_up(subject_claim=SubjectClaim.OID, userinfo_use=UserinfoUse.NEVER)
    first = ground.sign_in(**JANE, oid="oid-1", tid="tenant-1")
    assert ground.sign_in(sub="another-application", oid="oid-1").account.id == first.account.id
    assert refused(ground, ground.try_in(oid=None)) == "oidc.claim_missing"


def test_our_own_key_proves_us_where_the_settings_say_so(ground: Ground) -> None:
    ground.set_up(authentication=Authentication.PRIVATE_KEY_JWT)
    (published,) = ground.services.oidc_login.published_keys(ground.connection_id)
    ground.provider.client_key = jwt.PyJWK(dict(published)).key
    ground.sign_in(**JANE)
    assertion = ground.provider.seen[-1]["client_assertion"]
    assert jwt.get_unverified_header(assertion)["kid"] == published["kid"]
    said = jwt.decode(assertion, options={"verify_signature": False})
    # One audience, as one text: a list would let another provider use what we have signed for this one.
    assert said["aud"] == ground.provider.issuer
    assert said["exp"] - said["iat"] <= 60
    assert "client_secret" not in ground.provider.seen[-1]


def test_of_two_copies_that_arrive_together_one_trades_the_code_in(ground: Ground) -> None:
    ground.provider.claims = JANE
    answered = ground.provider.approve(ground.leave())
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: ground.answer(answered), range(2)))
    assert sorted(type(each).__name__ for each in both) == ["LoginRefused", "SignedIn"]
    assert ground.attempts()[0].outcome is Outcome.SIGNED_IN
    assert ground.provider.count("/token") == 1


def test_what_binds_a_sign_in_is_sealed_and_gone_after_it(ground: Ground) -> None:
    url = ground.leave()
    state = parse_qs(urlsplit(url).query)["state"][0]
    attempt = ground.attempts()[0]
    with ground.store.read() as tx:
        kept = tx.attempt_secrets.of(attempt.id, **ground.scope)
        assert kept is not None
        assert state in kept
        rows = tx.run.core.exec_driver_sql("SELECT body FROM attempt_secrets").all()
    assert state.encode() not in bytes(rows[0][0])
    ground.answer(ground.provider.approve(url))
    with ground.store.read() as tx:
        assert tx.attempt_secrets.of(attempt.id, **ground.scope) is None


def test_a_third_secret_takes_the_place_of_the_oldest(ground: Ground) -> None:
    with ground.store.write() as tx:
        for number in (1, 2):
            at = ground.clock.now() + timedelta(hours=number)
            tx.client_secrets.add(a_secret(ground.connection_id, ground.organization, at=at), value=f"secret-{number}")
        opened = tx.client_secrets.opened(ground.connection_id, issuer="", **ground.scope)
        assert [each.value for each in opened] == ["secret-2", "secret-1"]
        assert not any(hasattr(each, "value") for each in tx.client_secrets.of(ground.connection_id, **ground.scope))


def test_who_chooses_another_account_is_asked_for_it_before_and_after_the_provider_is_known(ground: Ground) -> None:
    """Without it the provider takes the account once more that has just been refused."""
    asked = [parse_qs(urlsplit(ground.leave(chooses_account=True)).query)["prompt"] for _ in range(2)]
    assert asked == [["login"], ["login"]]
    assert "prompt" not in parse_qs(urlsplit(ground.leave()).query)


def test_a_provider_is_asked_to_have_the_person_prove_themselves_anew(ground: Ground) -> None:
    asked = [parse_qs(urlsplit(ground.leave(asks_anew=True)).query)["prompt"] for _ in range(2)]
    assert asked == [["login"], ["login"]]
    ground.set_up(prompt="consent")
    assert parse_qs(urlsplit(ground.leave(asks_anew=True)).query)["prompt"] == ["login"]
    assert parse_qs(urlsplit(ground.leave()).query)["prompt"] == ["consent"]
