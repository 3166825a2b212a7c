"""Who would be locked out, and why: what the page shows, page by page, and what the file holds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from ostiary.domain.account import Role
from ostiary.domain.attempt import Outcome
from ostiary.domain.connection import Protocol
from ostiary.domain.enforcement.lockout import Reason
from ostiary.domain.errors import ConnectionUnknown
from ostiary.domain.openid.errors import PossessionNeeded
from ostiary.guides import Guide, guide
from ostiary.oidc.errors import ProviderError
from ostiary.saml.errors import SignatureMissing
from ostiary.storage.statements import Statements
from ostiary.web.admin.enforcement.words import activity
from tests.services.enforcement.office import MOVED, Office
from tests.storage.builders import NOW, an_attempt, an_organization


def test_everybody_is_told_of_by_the_first_reason_that_fits(office: Office) -> None:
    office.link(office.admin, office.okta)
    linked = office.hire("linked@acme.example")
    office.link(linked, office.okta)
    guest_who_came = office.hire("guest@labs.example")
    office.link(guest_who_came, office.okta)
    by_the_other = office.hire("other@acme.example")
    office.link(by_the_other, office.onelogin)
    moved = office.hire("moved@acme.example")
    office.link(moved, office.okta, issuer=MOVED)
    office.hire("outside@labs.example")
    office.hire("not.really@notacme.example")
    shared = office.hire("wallboard@acme.example", password_hash="hash")
    office.sign_in_by_password(shared)
    office.hire("never@acme.example", password_hash="hash")
    gone = office.hire("gone@acme.example")
    with office.store.write() as tx:
        tx.accounts.deactivate(gone.id, at=NOW, **office.scope)
    everybody = office.services.enforcement.everybody(office.okta, organization=office.organization)
    assert [(each.email, each.reason) for each in everybody] == [
        ("dana@acme.example", Reason.OWNER_NOT_LINKED),
        ("moved@acme.example", Reason.OTHER_IDENTITY),
        ("never@acme.example", Reason.NO_SIGN_IN),
        ("other@acme.example", Reason.NO_SIGN_IN),
        ("not.really@notacme.example", Reason.OUTSIDE_DOMAINS),
        ("outside@labs.example", Reason.OUTSIDE_DOMAINS),
        ("wallboard@acme.example", Reason.PASSWORD_ONLY),
    ]
    seen = office.services.enforcement.view(office.okta, visitor=office.sign_in_by(office.okta, office.admin))
    assert seen.lockout.counts == {
        Reason.OWNER_NOT_LINKED: 1,
        Reason.OTHER_IDENTITY: 1,
        Reason.NO_SIGN_IN: 2,
        Reason.OUTSIDE_DOMAINS: 2,
        Reason.PASSWORD_ONLY: 1,
    }
    assert (seen.lockout.active, seen.lockout.locked_out, seen.lockout.let_in) == (10, 7, 3)
    assert [each.id for each in seen.refused] == [office.onelogin]
    assert not seen.is_signed_out
    by_password = office.services.enforcement.view(office.okta, visitor=office.sign_in_by_password(office.admin))
    assert by_password.is_signed_out


def test_without_any_way_in_the_last_who_could_change_it_stand_first(office: Office) -> None:
    office.hire("never@acme.example")
    seen = office.services.enforcement.view(office.okta, visitor=office.sign_in_by_password(office.owner))
    assert list(seen.lockout.counts) == [Reason.LAST_ADMIN, Reason.NO_SIGN_IN]
    assert [each.email for each in seen.lockout.people[Reason.LAST_ADMIN]] == [
        "dana@acme.example",
        "marcus@acme.example",
    ]
    assert seen.lockout.ways_in == ()


def test_what_is_enforced_already_goes_on_counting(office: Office) -> None:
    office.link(office.admin, office.okta)
    by_the_other = office.hire("other@acme.example")
    office.link(by_the_other, office.onelogin)
    office.enforce(office.okta)
    seen = office.services.enforcement.view(office.onelogin, visitor=office.sign_in_by(office.okta, office.admin))
    assert [each.id for each in seen.also] == [office.okta]
    assert [each.email for each in seen.lockout.people[Reason.OWNER_NOT_LINKED]] == ["dana@acme.example"]
    assert seen.lockout.locked_out == 1


def test_the_last_try_of_late_stands_beside_the_name(office: Office) -> None:
    for email, outcome, hours in (
        ("refused@acme.example", Outcome.REFUSED, 2),
        ("refused@acme.example", Outcome.NO_ANSWER, 30),
        ("silent@acme.example", Outcome.NO_ANSWER, 1),
        ("long.ago@acme.example", Outcome.REFUSED, 24 * 40),
    ):
        at = NOW - timedelta(hours=hours)
        attempt = an_attempt(office.connection(office.okta), started_at=at, email_hint=email.upper(), outcome=outcome)
        with office.store.write() as tx:
            tx.attempts.insert(attempt)
    for email in ("refused@acme.example", "silent@acme.example", "long.ago@acme.example"):
        office.hire(email)
    page = office.services.enforcement.page(
        office.okta, organization=office.organization, reason=Reason.NO_SIGN_IN, after=""
    )
    assert [(each.email.split("@")[0], each.outcome, each.tried_at) for each in page.people] == [
        ("long.ago", None, None),
        ("refused", Outcome.REFUSED, NOW - timedelta(hours=2)),
        ("silent", Outcome.NO_ANSWER, NOW - timedelta(hours=1)),
    ]


def test_a_refusal_elsewhere_and_a_cancel_are_no_refusal_here(office: Office) -> None:
    okta = guide("okta", protocol=Protocol.OIDC)
    for email, connection_id, code, facts in (
        ("cancelled@acme.example", office.okta, ProviderError.code, {"error": "access_denied"}),
        ("elsewhere@acme.example", office.onelogin, SignatureMissing.code, {}),
        ("refused@acme.example", office.okta, SignatureMissing.code, {}),
    ):
        office.hire(email)
        attempt = an_attempt(
            office.connection(connection_id),
            started_at=NOW,
            email_hint=email,
            outcome=Outcome.REFUSED,
            code=code,
            facts=facts,
        )
        with office.store.write() as tx:
            tx.attempts.insert(attempt)
    alone = _of_late(office, okta)
    office.link(office.admin, office.onelogin)
    office.enforce(office.onelogin)
    assert alone == _of_late(office, okta)
    assert alone == {
        "cancelled@acme.example": "Turned back just now",
        "elsewhere@acme.example": "Has not tried yet",
        "refused@acme.example": "Refused just now",
    }


def test_who_was_asked_for_a_mailed_code_stands_for_that_reason(office: Office) -> None:
    office.link(office.admin, office.okta)
    asked, elsewhere = office.hire("asked@labs.example"), office.hire("elsewhere@acme.example")
    for person, connection_id in ((asked, office.okta), (elsewhere, office.onelogin)):
        attempt = an_attempt(
            office.connection(connection_id),
            started_at=NOW,
            email_hint=str(person.email),
            outcome=Outcome.REFUSED,
            code=PossessionNeeded.code,
        )
        with office.store.write() as tx:
            tx.attempts.insert(attempt)
    seen = office.services.enforcement.view(office.okta, visitor=office.sign_in_by(office.okta, office.admin))
    (told,) = seen.lockout.people[Reason.CODE_NEEDED]
    assert (told.email, activity(told, guide=None, now=NOW)) == ("asked@labs.example", "Tried just now")
    (other,) = seen.lockout.people[Reason.NO_SIGN_IN]
    assert (other.email, activity(other, guide=None, now=NOW)) == ("elsewhere@acme.example", "Has not tried yet")
    office.link(asked, office.okta)
    seen = office.services.enforcement.view(office.okta, visitor=office.sign_in_by(office.okta, office.admin))
    assert Reason.CODE_NEEDED not in seen.lockout.counts


def test_a_large_organization_is_read_in_pages_and_by_as_many_questions_as_a_small_one(office: Office) -> None:
    office.link(office.admin, office.okta)
    visitor = office.sign_in_by(office.okta, office.admin)
    office.hire("outside@labs.example")
    with counted() as few:
        office.services.enforcement.view(office.okta, visitor=visitor)
    for number in range(230):
        office.hire(f"person.{number:03}@acme.example")
    with counted() as many:
        seen = office.services.enforcement.view(office.okta, visitor=visitor)
    assert len(many) == len(few)
    assert seen.lockout.counts[Reason.NO_SIGN_IN] == 230
    assert len(seen.lockout.people[Reason.NO_SIGN_IN]) == 5
    after, read = "", []
    while True:
        page = office.services.enforcement.page(
            office.okta, organization=office.organization, reason=Reason.NO_SIGN_IN, after=after
        )
        read += [each.email for each in page.people]
        after = page.next_after
        if not after:
            break
    assert read == [f"person.{number:03}@acme.example" for number in range(230)]
    assert len(office.services.enforcement.everybody(office.okta, organization=office.organization)) == 232


def test_another_organizations_connection_is_unknown_and_its_people_are_not_told(office: Office) -> None:
    other = an_organization()
    with office.store.write() as tx:
        tx.organizations.insert(other)
    with pytest.raises(ConnectionUnknown):
        office.services.enforcement.everybody(office.okta, organization=other)
    with pytest.raises(ConnectionUnknown):
        office.services.enforcement.page(office.okta, organization=other, reason=None, after="")
    with pytest.raises(ConnectionUnknown):
        office.services.enforcement.enforce(office.okta, organization=other, begins_on=None, actor=office.actor)
    with pytest.raises(ConnectionUnknown):
        office.services.enforcement.stop(office.okta, organization=other, actor=office.actor)
    with pytest.raises(ConnectionUnknown):
        office.services.enforcement.stopping(office.okta, organization=other)


def test_an_admin_who_may_not_be_an_owner_is_a_way_in_and_a_member_is_none(office: Office) -> None:
    member = office.hire("member@acme.example")
    office.link(member, office.okta)
    visitor = office.sign_in_by_password(office.owner)
    assert office.services.enforcement.view(office.okta, visitor=visitor).lockout.ways_in == ()
    office.link(office.admin, office.okta, at=NOW)
    (way,) = office.services.enforcement.view(office.okta, visitor=visitor).lockout.ways_in
    assert (way.account_id, way.role, way.connection_id, way.at) == (office.admin.id, Role.ADMIN, office.okta, NOW)


def _of_late(office: Office, okta: Guide | None) -> dict[str, str]:
    page = office.services.enforcement.page(
        office.okta, organization=office.organization, reason=Reason.NO_SIGN_IN, after=""
    )
    return {each.email: activity(each, guide=okta, now=NOW) for each in page.people}


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    run: list[str] = []

    def noting(name: str) -> Callable[..., Any]:
        original = getattr(Statements, name)

        def note(self: Statements, asked: object, **values: object) -> object:
            run.append(name)
            return original(self, asked, **values)

        return note

    with pytest.MonkeyPatch.context() as patch:
        for name in ("rows", "one", "every"):
            patch.setattr(Statements, name, noting(name))
        yield run
