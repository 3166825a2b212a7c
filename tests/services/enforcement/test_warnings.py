"""Those whom it would lock out are told by mail before: all of them, once each, however many servers there are."""

import threading
from collections import Counter
from datetime import timedelta

from ostiary.domain.organization import Plan
from tests.services.enforcement.office import Office
from tests.storage.builders import NOW


def test_everybody_concerned_is_told_once(office: Office) -> None:
    office.link(office.admin, office.okta)
    for number in range(230):
        office.hire(f"person.{number:03}@acme.example")
    office.enforce(office.okta, days=7)
    office.mails()
    servers = [
        threading.Thread(target=office.services.housekeeping.enforcement_warnings.tell_due, args=(NOW,))
        for _ in range(3)
    ]
    for server in servers:
        server.start()
    for server in servers:
        server.join(timeout=60)
    told = Counter(to for to, _ in office.mails())
    assert set(told.values()) == {1}
    assert set(told) == {"dana@acme.example", *(f"person.{number:03}@acme.example" for number in range(230))}


def test_the_mail_says_the_day_the_way_and_where_to_try_it(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.hire("pat@acme.example")
    office.enforce(office.okta, days=7)
    _tell(office)
    with office.store.write() as tx:
        due = tx.outbox.claim(limit=100, lease=timedelta(days=1), now=NOW)
    (mail,) = [each.mail for each in due if each.mail.to == "pat@acme.example"]
    assert mail.subject == "Ringline: from 28 November 2026 you sign in with Okta"
    assert f"https://sso.ringline.example/o/{office.organization.slug}" in mail.text
    assert "Your password will no longer be accepted." in mail.text


def test_moving_the_switch_to_and_fro_floods_nobody(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.hire("pat@acme.example")
    for _ in range(5):
        office.enforce(office.okta, days=7)
        _tell(office)
        office.stop(office.okta)
    assert [to for to, subject in office.mails() if "you sign in with" in subject].count("pat@acme.example") == 1
    office.clock.at += timedelta(days=2)
    office.enforce(office.okta, days=7)
    _tell(office)
    assert [to for to, subject in office.mails() if "you sign in with" in subject].count("pat@acme.example") == 1


def test_owners_and_admins_are_told_of_ten_changes_a_day_and_that_more_stand_in_the_audit_log(office: Office) -> None:
    office.link(office.admin, office.okta)
    for _ in range(7):
        office.enforce(office.okta)
        office.stop(office.okta)
    with office.store.write() as tx:
        due = tx.outbox.claim(limit=100, lease=timedelta(days=1), now=office.clock.now())
    texts = [each.mail.text for each in due if each.mail.to == "dana@acme.example"]
    assert len(texts) == 10
    assert ["they stand in the audit log" in text for text in texts].count(True) == 1
    assert len(office.audited("connection.enforced")) == len(office.audited("connection.enforcement_stopped")) == 7
    office.clock.at += timedelta(days=1)
    office.link(office.admin, office.onelogin)
    office.enforce(office.onelogin)
    assert ("dana@acme.example", "OneLogin is enforced from now on") in office.mails()


def test_nobody_is_told_of_what_is_taken_back_or_holds_at_once_or_is_not_in_the_plan(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.hire("pat@acme.example")
    office.enforce(office.okta)
    _tell(office)
    office.stop(office.okta)
    office.enforce(office.okta, days=7)
    office.stop(office.okta)
    _tell(office)
    office.enforce(office.okta, days=60)
    office.services.organizations.set_plan(office.organization.id, Plan.STARTER)
    office.clock.at += timedelta(days=20)
    _tell(office)
    assert [to for to, subject in office.mails() if "you sign in with" in subject] == []


def _tell(office: Office) -> None:
    office.services.housekeeping.enforcement_warnings.tell_due(office.clock.now())
