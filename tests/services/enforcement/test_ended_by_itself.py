"""Enforcement that ends although nobody took it back: owners and admins are told by mail, once each, and why."""

import threading
from contextlib import suppress
from datetime import datetime, timedelta

from ostiary.domain.attempt import Purpose
from ostiary.domain.mail import OutboxMail
from ostiary.domain.organization import Plan
from ostiary.services.answered import put_to_work
from tests.services.enforcement.office import MOVED, Office
from tests.storage.builders import an_attempt

BOTH = ["dana@acme.example", "marcus@acme.example"]


class Undone(Exception):
    """What a transaction is left by, so that nothing of it stays."""


def test_a_newly_tested_issuer_that_ends_it_is_told_to_owners_and_admins_with_the_way_on(office: Office) -> None:
    office.hire("pat@acme.example")
    _enforced_and_forgotten(office)
    _pass_a_test_of_another_issuer(office)
    dana, marcus = _mails(office)
    assert [dana.to, marcus.to] == BOTH
    assert dana.subject == marcus.subject == "Okta is no longer enforced"
    assert dana.text == marcus.text
    assert dana.text == (
        "Okta is no longer enforced for Acme. New settings of Okta have passed their test and serve now. No owner or "
        "admin has come in by what they say yet: enforced, they would have shut out everybody who could take that "
        "back. Before it can be enforced again, an owner or admin signs in with it once.\n\n"
        "People can sign in with a Ringline password, and with every connection that is enabled. Whoever has no "
        "password sets one here:\nhttps://sso.ringline.example/password/forgot\n\n"
        "Enforce again here:\nhttps://sso.ringline.example/settings/security/single-sign-on\n"
    )


def test_two_that_end_at_once_are_one_mail_for_each(office: Office) -> None:
    _enforced_and_forgotten(office)
    office.enforce(office.onelogin)
    office.mails()
    _pass_a_test_of_another_issuer(office)
    assert office.mails() == [(to, "Okta and OneLogin are no longer enforced") for to in BOTH]
    assert len(office.audited("connection.enforcement_stopped")) == 2


def test_what_is_undone_is_told_to_nobody(office: Office) -> None:
    _enforced_and_forgotten(office)
    with suppress(Undone):
        _pass_a_test_of_another_issuer(office, fails=True)
    assert office.connection(office.okta).is_enforced
    assert office.mails() == []
    assert office.audited("connection.enforcement_stopped") == []


def test_settings_that_end_nothing_are_told_to_nobody(office: Office) -> None:
    _enforced_and_forgotten(office)
    office.link(office.owner, office.onelogin)
    office.enforce(office.onelogin)
    office.mails()
    _pass_a_test_of_another_issuer(office)
    assert office.mails() == []


def test_who_turns_one_of_two_off_tells_what_stays_enforced(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.link(office.admin, office.onelogin)
    office.enforce(office.okta)
    office.enforce(office.onelogin)
    office.mails()
    connections = office.services.connections
    connections.turn_off(office.okta, actor=office.actor, is_confirmed=True, **office.scope)
    says = _mails(office)[0].text
    assert "has turned it off or deleted it." in says
    assert "OneLogin is still enforced." in says
    assert "password" not in says
    connections.delete(office.onelogin, actor=office.actor, is_confirmed=True, **office.scope)
    assert "People can sign in with a Ringline password" in _mails(office)[0].text


# --- the plan ----------------------------------------------------------------------


def test_the_end_of_the_plan_is_told_when_the_days_of_grace_are_over_and_not_before(office: Office) -> None:
    _enforced_and_forgotten(office)
    ends = _downgrade(office)
    office.clock.at = ends - timedelta(seconds=1)
    _run(office)
    assert office.mails() == []
    office.clock.at = ends
    _run(office)
    dana, marcus = _mails(office)
    assert [dana.to, marcus.to] == BOTH
    assert dana.subject == "Okta is no longer enforced: sign-in with SSO has ended"
    assert "it is on Starter now, which does not include single sign-on. So Okta is no longer enforced." in dana.text
    assert "People sign in with a Ringline password now." in dana.text
    assert "https://sso.ringline.example/password/forgot" in dana.text
    assert "https://sso.ringline.example/settings/security/single-sign-on" in dana.text
    policy, _ = office.services.enforcement.policy(office.reloaded)
    assert policy.takes_passwords
    assert office.audited("organization.enforcement_ended") == [{"why": "plan_ended", "connections": office.okta}]


def test_of_several_servers_one_tells_of_the_plan_and_each_end_is_told_once(office: Office) -> None:
    _enforced_and_forgotten(office)
    office.clock.at = _downgrade(office)
    servers = [threading.Thread(target=_run, args=(office,)) for _ in range(3)]
    for server in servers:
        server.start()
    for server in servers:
        server.join(timeout=60)
    office.clock.at += timedelta(days=1)
    _run(office)
    assert [to for to, _ in office.mails()] == BOTH
    office.services.organizations.set_plan(office.organization.id, Plan.BUSINESS)
    office.clock.at = _downgrade(office)
    _run(office)
    assert [to for to, _ in office.mails()] == BOTH


def test_a_plan_that_ends_is_news_to_nobody_where_nothing_was_enforced_or_it_was_bought_again(office: Office) -> None:
    office.clock.at = _downgrade(office)
    _run(office)
    office.services.organizations.set_plan(office.organization.id, Plan.BUSINESS)
    _enforced_and_forgotten(office)
    office.clock.at = _downgrade(office)
    office.services.organizations.set_plan(office.organization.id, Plan.BUSINESS)
    _run(office)
    assert office.mails() == []


def test_what_was_to_begin_after_the_plan_has_ended_never_held(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.enforce(office.okta, days=60)
    office.clock.at = _downgrade(office) + timedelta(days=1)
    _run(office)
    assert office.mails() == []


def test_what_ended_months_ago_is_no_news(office: Office) -> None:
    _enforced_and_forgotten(office)
    office.clock.at = _downgrade(office) + timedelta(days=31)
    _run(office)
    assert office.mails() == []


def _enforced_and_forgotten(office: Office) -> None:
    """Okta is enforced, the admin has come in by it, and the mails of that have left."""
    office.link(office.admin, office.okta)
    office.enforce(office.okta)
    office.clock.at += timedelta(hours=1)
    office.mails()


def _downgrade(office: Office) -> datetime:
    """The plan no longer includes SSO. Until when it goes on."""
    office.services.organizations.set_plan(office.organization.id, Plan.STARTER)
    office.mails()
    ends = office.reloaded.sso_until
    assert ends is not None
    return ends


def _run(office: Office) -> None:
    office.services.housekeeping.plan_ends.tell_due(office.clock.now())


def _pass_a_test_of_another_issuer(office: Office, *, fails: bool = False) -> None:
    office.another_revision(office.okta, issuer=MOVED, tested=False)
    connection, now = office.connection(office.okta), office.clock.now()
    assert connection.latest is not None
    attempt = an_attempt(connection, purpose=Purpose.TEST, tested_by=office.admin.id)
    letters = office.services.passwords.letters
    with office.store.write() as tx:
        put_to_work(tx, connection, connection.latest, attempt=attempt, letters=letters, now=now)
        if fails:
            raise Undone


def _mails(office: Office) -> list[OutboxMail]:
    """Every mail that waits, by recipient; they leave."""
    with office.store.write() as tx:
        due = tx.outbox.claim(limit=100, lease=timedelta(days=1), now=office.clock.now())
        for each in due:
            tx.outbox.sent(each.mail.id)
    return sorted((each.mail for each in due), key=lambda mail: mail.to)
