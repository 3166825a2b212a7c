"""An address alone proves too little: the person shows once that the account is theirs."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from ostiary.domain.account import Role
from ostiary.domain.attempt import Outcome
from ostiary.domain.errors import (
    AccountDeactivated,
    BrowserChanged,
    ConnectionOff,
    LinkedToAnother,
    OwnPasswordRefused,
    TooManyAttempts,
)
from ostiary.domain.openid.errors import CodeExpired, CodeWrong, PossessionNeeded
from ostiary.domain.openid.possession import MOST_TRIES
from ostiary.domain.openid.settings import UserinfoUse
from ostiary.services.possession import CODES_PER_ACCOUNT
from ostiary.services.possession.proving import DIGITS
from ostiary.services.refusal_record import LoginRefused
from tests.services.oidc.ground import Ground, a_browser

NOT_VERIFIED = {"email": "jane@acme.example", "email_verified": False}


def waiting(ground: Ground, email: str = "jane@acme.example", **claims: object):
    """The attempt of somebody whose account exists and is not proven."""
    finished = ground.try_in(**{**NOT_VERIFIED, "email": email, **claims})
    assert isinstance(finished, LoginRefused)
    assert isinstance(finished.refusal, PossessionNeeded)
    assert finished.attempt is not None
    return finished.attempt


def mailed_code(ground: Ground, attempt) -> str:
    ground.services.possessions.mail_code(attempt.id, client=ground.browser)
    return ground.mails()[-1].split()[0]


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OWNER])
def test_a_mailed_code_ties_the_identity_to_the_account(ground: Ground, role: Role) -> None:
    account = ground.add_account("jane@acme.example", role=role)
    attempt = waiting(ground, email_verified=role is Role.OWNER)
    assert ground.attempts()[0].outcome is Outcome.REFUSED
    code = mailed_code(ground, attempt)
    signed_in = ground.services.possessions.prove_by_code(attempt.id, code, client=ground.browser)
    assert signed_in.account.id == account.id
    assert ground.attempts()[0].outcome is Outcome.SIGNED_IN
    assert ground.sign_in().account.id == account.id


def test_two_tabs_of_one_person_are_both_signed_in_and_tied_once(ground: Ground) -> None:
    account = ground.add_account("jane@acme.example")
    first, second = waiting(ground), waiting(ground)
    for attempt in (first, second):
        code = mailed_code(ground, attempt)
        assert ground.services.possessions.prove_by_code(attempt.id, code, client=ground.browser).account == account
    assert [attempt.outcome for attempt in ground.attempts()] == [Outcome.SIGNED_IN] * 2
    with ground.store.read() as tx:
        tied = [event for event in tx.audit.page(**ground.scope) if event.action == "account.identity_linked"]
        assert len(tx.identities.all_of_account(account.id, **ground.scope)) == len(tied) == 1


def test_another_person_at_the_provider_does_not_get_the_account_too(ground: Ground) -> None:
    ground.add_account("jane@acme.example")
    hers = waiting(ground)
    another = waiting(ground, sub="00u-somebody-else", given_name="J", family_name="D")
    for attempt, ends in ((hers, None), (another, LinkedToAnother)):
        code = mailed_code(ground, attempt)
        with pytest.raises(ends) if ends else nullcontext():
            ground.services.possessions.prove_by_code(attempt.id, code, client=ground.browser)


def test_a_code_counts_once_and_only_the_newest(ground: Ground) -> None:
    ground.add_account("jane@acme.example")
    attempt = waiting(ground)
    older, newer = mailed_code(ground, attempt), mailed_code(ground, attempt)
    if older != newer:
        with pytest.raises(CodeWrong):
            ground.services.possessions.prove_by_code(attempt.id, older, client=ground.browser)
    ground.services.possessions.prove_by_code(attempt.id, f" {newer[:3]} {newer[3:]} ", client=ground.browser)
    with pytest.raises(CodeExpired):
        ground.services.possessions.prove_by_code(attempt.id, newer, client=ground.browser)


def test_after_five_wrong_codes_the_right_one_opens_nothing(ground: Ground) -> None:
    ground.add_account("jane@acme.example")
    attempt = waiting(ground)
    code = mailed_code(ground, attempt)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(MOST_TRIES):
        with pytest.raises(CodeWrong):
            ground.services.possessions.prove_by_code(attempt.id, wrong, client=ground.browser)
    with pytest.raises(CodeExpired):
        ground.services.possessions.prove_by_code(attempt.id, code, client=ground.browser)


def test_a_code_ends_after_ten_minutes_and_counts_in_one_browser(ground: Ground) -> None:
    ground.add_account("jane@acme.example")
    attempt = waiting(ground)
    code = mailed_code(ground, attempt)
    with pytest.raises(BrowserChanged):
        ground.services.possessions.prove_by_code(attempt.id, code, client=a_browser())
    ground.clock.at += timedelta(minutes=10)
    with pytest.raises(CodeExpired):
        ground.services.possessions.prove_by_code(attempt.id, code, client=ground.browser)


def test_mails_and_so_guesses_are_few_for_one_account(ground: Ground) -> None:
    ground.add_account("jane@acme.example")
    for _ in range(CODES_PER_ACCOUNT):
        mailed_code(ground, waiting(ground))
    with pytest.raises(TooManyAttempts):
        mailed_code(ground, waiting(ground))


def test_without_a_mail_no_code_is_right(ground: Ground) -> None:
    ground.add_account("jane@acme.example")
    with pytest.raises(CodeExpired):
        ground.services.possessions.prove_by_code(waiting(ground).id, "", client=ground.browser)


def test_the_password_of_the_account_proves_it(ground: Ground) -> None:
    account = ground.add_account("jane@acme.example")
    hashed = ground.services.passwords.hash("a long enough password")
    with ground.store.write() as tx:
        tx.accounts.set_password(account.id, password_hash=hashed, **ground.scope)
    attempt = waiting(ground)
    assert ground.services.possessions.view(attempt.id, client=ground.browser).tries_left
    with pytest.raises(OwnPasswordRefused):
        ground.services.possessions.prove_by_password(attempt.id, "another", client=ground.browser)
    signed_in = ground.services.possessions.prove_by_password(
        attempt.id, "a long enough password", client=ground.browser
    )
    assert signed_in.account.id == account.id


def test_what_was_turned_off_meanwhile_is_off(ground: Ground) -> None:
    ground.add_account("jane@acme.example")
    attempt = waiting(ground)
    code = mailed_code(ground, attempt)
    with ground.store.write() as tx:
        tx.connections.set_enabled(ground.connection_id, at=None, **ground.scope)
    with pytest.raises(ConnectionOff):
        ground.services.possessions.prove_by_code(attempt.id, code, client=ground.browser)


def test_a_deactivated_account_is_neither_asked_about_nor_made_anew(ground: Ground) -> None:
    ground.add_account("jane@acme.example", is_active=False)
    ground.set_up(userinfo_use=UserinfoUse.NEVER)
    for claims in (NOT_VERIFIED, {**NOT_VERIFIED, "email_verified": True}, {"sub": "another"}):
        finished = ground.try_in(**claims)
        assert isinstance(finished, LoginRefused)
        assert finished.refusal.code == "login.account_deactivated"


def test_an_account_outside_the_verified_domains_is_asked_about(ground: Ground) -> None:
    account = ground.add_account("ext@partner.example")
    attempt = waiting(ground, email="ext@partner.example", email_verified=True)
    code = mailed_code(ground, attempt)
    assert ground.services.possessions.prove_by_code(attempt.id, code, client=ground.browser).account == replace(
        account, password_hash=None
    )


def test_the_mail_says_who_asks_and_that_the_code_is_for_nobody_else(ground: Ground) -> None:
    ground.add_account("jane@acme.example")
    attempt = waiting(ground)
    ground.services.possessions.mail_code(attempt.id, client=ground.browser)
    with ground.store.write() as tx:
        (due,) = tx.outbox.claim(limit=9, lease=timedelta(days=1), now=ground.clock.now())
    mail = due.mail
    assert mail.to == "jane@acme.example"
    assert mail.subject == "Your code for Ringline"
    code = mail.text.split()[0]
    assert code.isdigit()
    assert len(code) == DIGITS
    assert code not in mail.subject
    for said in ("Ringline", "Acme", "Okta", "jane@acme.example", "ten minutes", "give it to nobody"):
        assert said in mail.text


def test_who_is_refused_after_the_proof_is_told_so_in_the_attempt(ground: Ground) -> None:
    account = ground.add_account("jane@acme.example")
    attempt = waiting(ground)
    code = mailed_code(ground, attempt)
    with ground.store.write() as tx:
        tx.accounts.deactivate(account.id, at=ground.clock.now(), **ground.scope)
    with pytest.raises(AccountDeactivated):
        ground.services.possessions.prove_by_code(attempt.id, code, client=ground.browser)
    ended = ground.attempts()[0]
    assert (ended.outcome, ended.code) == (Outcome.REFUSED, "login.account_deactivated")
    with pytest.raises(CodeExpired):
        ground.services.possessions.prove_by_code(attempt.id, code, client=ground.browser)
