"""Naming an owner, giving them codes and passkeys, getting in, and taking it away."""

import re
from datetime import timedelta

import pytest

from ostiary.domain.account import Role
from ostiary.domain.break_glass.errors import BreakGlassRefused, OwnersOnly, PasskeyRefused, PasskeyUnusable
from ostiary.domain.break_glass.holder import CODES, MOST_PASSKEYS, State, Way
from ostiary.domain.errors import OwnPasswordRefused
from ostiary.kernel.ids import AccountId
from ostiary.services.audit_trail import Actor
from tests.services.break_glass.authenticator import Authenticator
from tests.services.break_glass.ground import PRIYA, SESSION, Emergency

DANA = "dana.whitfield@acme.example"


def test_nobody_gets_in_before_an_owner_is_named(emergency: Emergency) -> None:
    seen = emergency.service.roster.seen(emergency.world.acme.id)
    assert seen.holders == ()
    assert {str(each.email) for each in seen.others} >= {DANA, PRIYA}
    with pytest.raises(BreakGlassRefused):
        emergency.use_code("AAAAA-AAAAA-AAAAA-AAAAA")
    with pytest.raises(OwnersOnly):
        emergency.service.codes.make(
            emergency.priya,
            "a long enough password",
            actor=Actor.of(emergency.priya, client_address=""),
            client=emergency.browser(),
        )
    assert emergency.service.roster.own(emergency.priya) is None


def test_a_code_opens_the_door_once_and_proves_its_holder(emergency: Emergency) -> None:
    codes = emergency.codes()
    assert len(set(codes)) == CODES
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}", code) for code in codes)
    assert emergency.proven() == set()
    new = emergency.use_code(codes[3])
    session, now = new.session, emergency.world.clock.at
    assert (session.amr, session.connection_id, session.is_break_glass) == (("pwd", "recovery_code"), None, True)
    assert session.not_after == now + timedelta(hours=1)
    assert emergency.proven() == {emergency.priya.id}
    with pytest.raises(BreakGlassRefused):
        emergency.use_code(codes[3])
    own = emergency.service.roster.own(emergency.priya)
    assert own is not None
    assert (own.holder.codes_left, own.holder.state, own.holder.proven_by) == (9, State.PROVEN, Way.RECOVERY_CODE)


@pytest.mark.parametrize("typed", ["lower", "spaces", "misread"])
def test_a_code_is_read_as_it_was_meant(emergency: Emergency, typed: str) -> None:
    code = emergency.codes()[0]
    written = {
        "lower": code.lower(),
        "spaces": f"  {code.replace('-', ' ')} ",
        "misread": code.replace("0", "O").replace("1", "l"),
    }[typed]
    assert emergency.use_code(written).session.account_id == emergency.priya.id


def test_new_codes_end_the_old_ones_and_are_proven_anew(emergency: Emergency) -> None:
    old = emergency.codes()
    emergency.use_code(old[0])
    new = emergency.codes()
    assert emergency.proven() == set()
    with pytest.raises(BreakGlassRefused):
        emergency.use_code(old[1])
    emergency.use_code(new[0])
    assert emergency.proven() == {emergency.priya.id}


def test_a_passkey_opens_the_door_and_proves_its_holder(emergency: Emergency) -> None:
    device = emergency.passkey()
    assert emergency.proven() == set()
    session = emergency.use_passkey(device).session
    assert (session.amr, session.account_id, session.is_break_glass) == (("passkey",), emergency.priya.id, True)
    assert emergency.proven() == {emergency.priya.id}
    emergency.use_passkey(device)
    own = emergency.service.roster.own(emergency.priya)
    assert own is not None
    (kept,) = own.passkeys
    assert (kept.name, kept.transports, kept.sign_count) == ("The key in the safe", ("nfc", "usb"), 2)


def test_a_device_that_does_not_count_is_taken_all_the_same(emergency: Emergency) -> None:
    """Synced passkeys send 0 for ever (WebAuthn 6.1.1)."""
    device = emergency.passkey(counts=False)
    for _ in range(3):
        emergency.use_passkey(device)
    assert device.sign_count == 0


def test_every_use_is_told_to_all_owners_and_stands_in_the_audit_log(emergency: Emergency) -> None:
    emergency.world.add_account("admin@acme.example", role=Role.ADMIN)
    codes, device = emergency.codes(), emergency.passkey()
    owners = sorted(str(each.email) for each in _owners(emergency))
    assert {DANA, PRIYA} <= set(owners)
    changes = emergency.mails()
    assert sorted(mail.to for mail in changes) == sorted(owners * 3), "named, codes, passkey"
    emergency.use_code(codes[0])
    told = emergency.mails()
    assert sorted(mail.to for mail in told) == owners
    assert {mail.subject for mail in told} == {"Break-glass access was used at Ringline"}
    by_code = told[0].text
    emergency.use_passkey(device)
    again = emergency.mails()
    assert sorted(mail.to for mail in again) == owners
    assert "with a passkey" in again[0].text
    assert "Priya Raman (priya.raman@acme.example) signed in" in by_code
    assert "From: 198.51.100.7" in by_code
    assert codes[0] not in by_code
    # At a clock that stands, events of one moment have no order.
    assert sorted(emergency.audited()) == [
        "break_glass.codes_made",
        "break_glass.named",
        "break_glass.passkey_added",
        "break_glass.used",
        "break_glass.used",
    ]


def test_the_last_codes_are_told_as_such(emergency: Emergency) -> None:
    codes = emergency.codes()
    emergency.mails()
    said = []
    for code in codes:
        emergency.use_code(code)
        said.append(emergency.mails()[0].text.strip().rpartition("\n\n")[2])
    assert [text.endswith(" left.") or "no recovery code left" in text for text in said] == [False] * 6 + [True] * 4
    assert [said[6], said[8]] == ["Priya Raman has 3 recovery codes left.", "Priya Raman has 1 recovery code left."]
    assert said[9].startswith("Priya Raman has no recovery code left.")
    assert emergency.proven() == set()
    own = emergency.service.roster.own(emergency.priya)
    assert own is not None
    assert own.holder.state is State.NOTHING_TO_USE


@pytest.mark.parametrize("loses", ["role", "account"])
def test_who_is_no_longer_an_owner_stays_outside(emergency: Emergency, loses: str) -> None:
    codes, device = emergency.codes(), emergency.passkey()
    emergency.use_code(codes[0])
    with emergency.world.store.write() as tx:
        if loses == "role":
            tx.accounts.set_role(emergency.priya.id, role=Role.ADMIN, **emergency.scope)
        else:
            tx.accounts.deactivate(emergency.priya.id, at=emergency.world.clock.at, **emergency.scope)
    with pytest.raises(BreakGlassRefused):
        emergency.use_code(codes[1])
    with pytest.raises(PasskeyRefused):
        emergency.use_passkey(device)
    assert emergency.proven() == set()


def test_only_owners_name_and_only_owners_are_named(emergency: Emergency) -> None:
    admin = emergency.world.add_account("admin@acme.example", role=Role.ADMIN)
    roster, dana = emergency.service.roster, emergency.world.dana
    for by, whom in ((admin, emergency.priya), (dana, admin)):
        with pytest.raises(OwnersOnly) as refused:
            roster.name(whom.id, by=by, actor=Actor.of(by, client_address=""))
        assert refused.value.facts() == {"received": "Admin"}
    emergency.name()
    with pytest.raises(OwnersOnly):
        roster.take_away(emergency.priya.id, by=admin, actor=Actor.of(admin, client_address=""))
    assert roster.name(AccountId("a0000"), by=dana, actor=Actor.of(dana, client_address="")) is None
    emergency.name()  # twice is once
    assert emergency.audited() == ["break_glass.named"]


def test_taking_it_away_ends_codes_passkeys_and_the_sessions_by_them(emergency: Emergency) -> None:
    codes, device = emergency.codes(), emergency.passkey()
    began_by_it = emergency.use_code(codes[0])
    dana, priya = emergency.world.dana, emergency.priya
    by_password = emergency.world.services.passwords.sign_in(
        PRIYA, "a long enough password", client=emergency.browser(), replaces=None
    )
    assert emergency.service.roster.take_away(priya.id, by=dana, actor=Actor.of(dana, client_address=""))
    assert emergency.world.services.sessions.visitor(began_by_it.token) is None
    assert emergency.world.services.sessions.visitor(by_password.token) is not None
    with pytest.raises(BreakGlassRefused):
        emergency.use_code(codes[1])
    with pytest.raises(PasskeyRefused):
        emergency.use_passkey(device)
    assert not emergency.service.roster.take_away(priya.id, by=dana, actor=Actor.of(dana, client_address=""))
    # Named once more, nothing of before opens.
    emergency.name()
    with pytest.raises(BreakGlassRefused):
        emergency.use_code(codes[2])
    own = emergency.service.roster.own(priya)
    assert own is not None
    assert (own.passkeys, own.holder.state) == ((), State.NOTHING_TO_USE)


def test_codes_and_passkeys_ask_for_the_password_first(emergency: Emergency) -> None:
    codes = emergency.codes()
    actor = Actor.of(emergency.priya, client_address="")
    with pytest.raises(OwnPasswordRefused):
        emergency.service.codes.make(emergency.priya, "not it", actor=actor, client=emergency.browser())
    with pytest.raises(OwnPasswordRefused):
        emergency.service.keyring.begin(emergency.priya, "not it", session_id=SESSION, client=emergency.browser())
    emergency.use_code(codes[0])  # the codes of before have not ended


def test_a_person_has_a_few_passkeys_and_no_more(emergency: Emergency) -> None:
    for _ in range(MOST_PASSKEYS):
        emergency.passkey()
    with pytest.raises(PasskeyUnusable):
        emergency.passkey()


def test_a_passkey_that_was_removed_opens_nothing(emergency: Emergency) -> None:
    device = emergency.passkey()
    own = emergency.service.roster.own(emergency.priya)
    assert own is not None
    (kept,) = own.passkeys
    dana, actor = emergency.world.dana, Actor.of(emergency.priya, client_address="")
    assert not emergency.service.keyring.remove(dana, kept.id, actor=actor), "somebody else's"
    assert emergency.service.keyring.remove(emergency.priya, kept.id, actor=actor)
    with pytest.raises(PasskeyRefused):
        emergency.use_passkey(device)


def test_the_same_address_in_another_organization_is_somebody_else(emergency: Emergency) -> None:
    """The password and the code decide together whose door it is."""
    made = emergency.world.services.organizations.add("globex", name="Globex", owner_email="x@globex.example")
    twin = emergency.world.add_account(PRIYA, role=Role.OWNER, organization=made.organization)
    codes = emergency.codes()
    session = emergency.use_code(codes[0]).session
    assert session.account_id == emergency.priya.id
    assert session.organization_id == emergency.world.acme.id
    assert twin.id != emergency.priya.id
    with emergency.world.store.read() as tx:
        assert tx.break_glass.of(made.organization.id) == ()


def test_a_name_of_a_device_is_one_line(emergency: Emergency) -> None:
    emergency.name()
    device = Authenticator(origin="https://sso.ringline.example")
    asked = emergency.service.keyring.begin(
        emergency.priya, "a long enough password", session_id=SESSION, client=emergency.browser()
    )
    kept = emergency.service.keyring.add(
        emergency.priya,
        device.make(asked.options),
        sealed=asked.sealed,
        name="  two\nlines\x00 " + "x" * 100,
        session_id=SESSION,
        actor=Actor.of(emergency.priya, client_address=""),
    )
    assert kept.name.startswith("twolines xxx")
    assert len(kept.name) == 60


def _owners(emergency: Emergency):
    with emergency.world.store.read() as tx:
        return tx.break_glass.owners(emergency.world.acme.id)
