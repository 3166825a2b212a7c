"""Attacks on the door for emergencies: replayed codes, guesses, other organizations, other origins, copied devices."""

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ostiary.domain.account import Account, Role
from ostiary.domain.break_glass.errors import (
    BreakGlassRefused,
    OwnersOnly,
    PasskeyRefused,
    PasskeyUnusable,
    SignInNotFresh,
)
from ostiary.domain.errors import OwnPasswordRefused, PasswordTooShort, TooManyAttempts
from ostiary.domain.session import Session
from ostiary.kernel.ids import ConnectionId, SessionId
from ostiary.services.audit_trail import Actor
from ostiary.services.break_glass.door import TRIES_PER_ADDRESS, TRIES_PER_CLIENT
from ostiary.services.client import Client
from ostiary.storage.schema import METADATA
from tests.journeys.world import PASSWORD, PRODUCT, a_world
from tests.services.break_glass.authenticator import PRESENT, VERIFIED, Authenticator
from tests.services.break_glass.ground import PRIYA, SESSION, Emergency, an_emergency
from tests.storage.builders import a_session

CHOSEN = "a sentence of my own"
NOT_A_CODE = "AAAAA-AAAAA-AAAAA-AAAAA"


@pytest.fixture
def emergency(tmp_path: Path) -> Iterator[Emergency]:
    """Acme with two owners."""
    with a_world(tmp_path) as world:
        yield an_emergency(world)


# --- codes --------------------------------------------------------------------


def test_of_many_who_send_one_code_at_once_one_gets_in(emergency: Emergency) -> None:
    code = emergency.codes()[0]
    let_in: list[str] = []
    gate = threading.Barrier(4)

    def come(number: int) -> None:
        gate.wait()
        try:
            let_in.append(emergency.use_code(code, client=emergency.browser(f"198.51.100.{number}")).token)
        except BreakGlassRefused:
            return

    threads = [threading.Thread(target=come, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(let_in) == 1


def test_codes_are_guessed_a_few_times_and_the_right_one_waits_too(emergency: Emergency) -> None:
    code, attacker = emergency.codes()[0], emergency.browser("203.0.113.9")
    for _ in range(TRIES_PER_ADDRESS):
        with pytest.raises(BreakGlassRefused):
            emergency.use_code(NOT_A_CODE, client=attacker)
    with pytest.raises(TooManyAttempts):
        emergency.use_code(code, client=attacker)
    # The owner, from elsewhere, is not kept out of the door for emergencies by somebody's guesses.
    assert emergency.use_code(code).session.account_id == emergency.priya.id


def test_one_network_tries_many_addresses_a_few_times_only(emergency: Emergency) -> None:
    attacker = emergency.browser("203.0.113.9")
    for number in range(TRIES_PER_CLIENT):
        with pytest.raises(BreakGlassRefused):
            emergency.use_code(NOT_A_CODE, email=f"person{number}@acme.example", client=attacker)
    with pytest.raises(TooManyAttempts):
        emergency.use_code(NOT_A_CODE, email="one.more@acme.example", client=attacker)


def test_a_network_without_tries_leaves_no_rows_at_the_door(emergency: Emergency) -> None:
    attacker = emergency.browser("203.0.113.9")
    for _ in range(TRIES_PER_CLIENT):
        with pytest.raises((PasskeyRefused, TooManyAttempts)):
            emergency.service.door.by_passkey("{}", sealed="", client=attacker, replaces=None)
    before = _rows(emergency)
    for number in range(20):
        with pytest.raises(TooManyAttempts):
            emergency.use_code(NOT_A_CODE, email=f"person{number}@acme.example", client=attacker)
    assert _rows(emergency) == before


def test_a_code_alone_and_a_password_alone_open_nothing(emergency: Emergency) -> None:
    codes = emergency.codes()
    for password, code in (("not the password", codes[0]), (PASSWORD, NOT_A_CODE), (PASSWORD, ""), ("", codes[0])):
        with pytest.raises(BreakGlassRefused):
            emergency.use_code(code, password=password)
    emergency.use_code(codes[0])  # none of these has used it up


def test_the_door_takes_as_long_for_nobody_as_for_somebody(emergency: Emergency) -> None:
    """By the time of the processor: the clock on the wall tells what else the machine does."""
    emergency.codes()
    emergency.world.add_account("not.named@acme.example", role=Role.OWNER)
    tries = (
        (PRIYA, PASSWORD),
        (PRIYA, "not the password"),
        ("not.named@acme.example", PASSWORD),
        ("nobody@acme.example", PASSWORD),
    )
    taken: dict[tuple[str, str], list[float]] = {each: [] for each in tries}
    for number in range(7):
        for email, password in tries:
            began = time.process_time()
            with pytest.raises(BreakGlassRefused):
                emergency.use_code(
                    NOT_A_CODE, email=email, password=password, client=emergency.browser(f"10.0.{number}.1")
                )
            taken[email, password].append(time.process_time() - began)
    medians = {each: statistics.median(times) for each, times in taken.items()}
    assert max(medians.values()) < 1.5 * min(medians.values()), medians


def test_the_code_of_one_owner_is_none_of_another(emergency: Emergency) -> None:
    """Not in the same organization, and not in another one: the hash is bound to its account."""
    codes = emergency.codes()
    emergency.codes(emergency.world.dana)
    with pytest.raises(BreakGlassRefused):
        emergency.use_code(codes[0], email=str(emergency.world.dana.email))
    made = emergency.world.services.organizations.add("globex", name="Globex", owner_email="x@globex.example")
    mallory = emergency.world.add_account("mallory@globex.example", role=Role.OWNER, organization=made.organization)
    actor = Actor.of(mallory, client_address="")
    emergency.service.roster.name(mallory.id, by=mallory, actor=actor)
    theirs = emergency.service.codes.make(mallory, PASSWORD, actor=actor, client=emergency.browser())
    with pytest.raises(BreakGlassRefused):
        emergency.use_code(theirs[0])
    with pytest.raises(BreakGlassRefused):
        emergency.use_code(codes[1], email="mallory@globex.example")
    assert emergency.service.roster.name(emergency.priya.id, by=mallory, actor=actor) is None
    assert not emergency.service.roster.take_away(emergency.priya.id, by=mallory, actor=actor)
    emergency.use_code(codes[0])


def test_a_stolen_database_tells_no_code(emergency: Emergency) -> None:
    """Neither the codes nor what their hashes are keyed with stand in the file."""
    codes = emergency.codes()
    database = emergency.world.store.database.path
    assert database is not None
    raw = b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))
    assert PRIYA.encode() in raw
    for code in codes:
        assert code.encode() not in raw
        assert code.replace("-", "").encode() not in raw
    with emergency.world.store.read() as tx:
        key = tx.break_glass.code_key(emergency.priya.id, **emergency.scope)
    assert key is not None
    assert key not in raw


# --- passkeys -----------------------------------------------------------------


def _other_origin(device: Authenticator) -> None:
    device.origin = "https://sso.ringline.example.evil.example"


def _http(device: Authenticator) -> None:
    device.origin = PRODUCT.replace("https", "http")


def _other_port(device: Authenticator) -> None:
    device.origin = f"{PRODUCT}:8443"


def _other_party(device: Authenticator) -> None:
    device.rp_id = "evil.example"


def _nobody_verified(device: Authenticator) -> None:
    device.flags = PRESENT


def _nobody_present(device: Authenticator) -> None:
    device.flags = VERIFIED


def _other_key(device: Authenticator) -> None:
    device.key = Authenticator(origin="").key


def _other_person(device: Authenticator) -> None:
    device.user_handle = "YW5vYm9keQ"


def _no_person(device: Authenticator) -> None:
    device.user_handle = ""


@pytest.mark.parametrize(
    "goes_wrong",
    [
        _other_origin,
        _http,
        _other_port,
        _other_party,
        _nobody_verified,
        _nobody_present,
        _other_key,
        _other_person,
        _no_person,
    ],
)
def test_an_answer_with_something_else_in_it_opens_nothing(
    emergency: Emergency, goes_wrong: Callable[[Authenticator], None]
) -> None:
    device = emergency.passkey()
    goes_wrong(device)
    with pytest.raises(PasskeyRefused):
        emergency.use_passkey(device)
    assert emergency.proven() == set()


@pytest.mark.parametrize("given", [{"type": "webauthn.create"}, {"challenge": "AAAA"}])
def test_what_the_browser_has_signed_must_be_what_was_asked(emergency: Emergency, given: dict[str, Any]) -> None:
    device = emergency.passkey()
    client = emergency.browser()
    asked = emergency.service.door.ask(client).ceremony
    kind = given.get("type", "webauthn.get")
    answer = device.sign(asked.options, **{**given, "type": kind})
    with pytest.raises(PasskeyRefused):
        emergency.service.door.by_passkey(answer, sealed=asked.sealed, client=client, replaces=None)


def test_a_challenge_counts_once(emergency: Emergency) -> None:
    """Neither the same answer again, nor a fresh signature over the same challenge."""
    device, client = emergency.passkey(), emergency.browser()
    asked = emergency.service.door.ask(client).ceremony
    answer = device.sign(asked.options)
    emergency.service.door.by_passkey(answer, sealed=asked.sealed, client=client, replaces=None)
    for again in (answer, device.sign(asked.options)):
        with pytest.raises(PasskeyRefused):
            emergency.service.door.by_passkey(again, sealed=asked.sealed, client=client, replaces=None)


def test_a_challenge_is_spent_by_an_answer_that_does_not_hold(emergency: Emergency) -> None:
    device, client = emergency.passkey(), emergency.browser()
    asked = emergency.service.door.ask(client).ceremony
    with pytest.raises(PasskeyRefused):
        emergency.service.door.by_passkey("{}", sealed=asked.sealed, client=client, replaces=None)
    with pytest.raises(PasskeyRefused):
        emergency.service.door.by_passkey(device.sign(asked.options), sealed=asked.sealed, client=client, replaces=None)


def test_a_stolen_challenge_is_worth_nothing_in_another_browser(emergency: Emergency) -> None:
    """An attacker opens the page and has the owner answer its question: the answer counts in that browser only."""
    device, attacker = emergency.passkey(), emergency.browser()
    asked = emergency.service.door.ask(attacker).ceremony
    answer = device.sign(asked.options)
    for other in (emergency.browser(), Client(address="198.51.100.7", user_agent="", login_key=None)):
        with pytest.raises(PasskeyRefused):
            emergency.service.door.by_passkey(answer, sealed=asked.sealed, client=other, replaces=None)


def test_a_challenge_lasts_five_minutes(emergency: Emergency) -> None:
    device, client = emergency.passkey(), emergency.browser()
    asked = emergency.service.door.ask(client).ceremony
    emergency.world.pass_time(minutes=5)
    with pytest.raises(PasskeyRefused):
        emergency.service.door.by_passkey(device.sign(asked.options), sealed=asked.sealed, client=client, replaces=None)


def test_a_challenge_of_one_kind_is_none_of_another(emergency: Emergency) -> None:
    """What was asked for making a passkey signs nobody in, and the other way round."""
    device, client = emergency.passkey(), emergency.browser()
    to_make = emergency.service.keyring.begin(emergency.priya, PASSWORD, session_id=SESSION, client=client)
    with pytest.raises(PasskeyRefused):
        emergency.service.door.by_passkey(
            device.sign(to_make.options), sealed=to_make.sealed, client=client, replaces=None
        )
    to_sign = emergency.service.door.ask(client).ceremony
    with pytest.raises(PasskeyUnusable):
        _add(emergency, Authenticator(origin=PRODUCT), sealed=to_sign.sealed, options=to_make.options)


def test_a_passkey_is_made_in_the_session_that_has_told_the_password(emergency: Emergency) -> None:
    """Not in another session, not for another person, not twice, not from another page."""
    emergency.name(emergency.world.dana)
    device = Authenticator(origin=PRODUCT)
    emergency.name()
    asked = emergency.service.keyring.begin(emergency.priya, PASSWORD, session_id=SESSION, client=emergency.browser())
    with pytest.raises(PasskeyUnusable):
        _add(emergency, device, sealed=asked.sealed, options=asked.options, session_id=SessionId("s2"))
    with pytest.raises(PasskeyUnusable):
        _add(emergency, device, sealed=asked.sealed, options=asked.options, account=emergency.world.dana)
    _add(emergency, device, sealed=asked.sealed, options=asked.options)
    with pytest.raises(PasskeyUnusable):
        _add(emergency, Authenticator(origin=PRODUCT), sealed=asked.sealed, options=asked.options)
    phished = Authenticator(origin="https://evil.example")
    anew = emergency.service.keyring.begin(emergency.priya, PASSWORD, session_id=SESSION, client=emergency.browser())
    with pytest.raises(PasskeyUnusable):
        _add(emergency, phished, sealed=anew.sealed, options=anew.options)


def test_a_device_that_verifies_nobody_makes_no_passkey(emergency: Emergency) -> None:
    with pytest.raises(PasskeyUnusable):
        emergency.passkey(flags=PRESENT)


def test_a_copied_device_is_stopped_and_everybody_is_told(emergency: Emergency) -> None:
    device = emergency.passkey()
    emergency.use_passkey(device)
    copy = device.copied()
    emergency.use_passkey(device)
    emergency.mails()
    with pytest.raises(PasskeyRefused):
        emergency.use_passkey(copy)
    told = emergency.mails()
    assert {mail.subject for mail in told} == {"A break-glass passkey was stopped at Ringline"}
    assert PRIYA in {mail.to for mail in told}
    assert "The key in the safe" in told[0].text
    assert "break_glass.passkey_stopped" in emergency.audited()
    assert emergency.proven() == set()
    # Which of the two is the copy nobody can tell: neither opens anything.
    with pytest.raises(PasskeyRefused):
        emergency.use_passkey(device)
    assert emergency.mails() == []


def test_nobody_without_the_key_can_stop_a_passkey(emergency: Emergency) -> None:
    """A counter that went back counts only under a signature that holds, or anybody could close the door."""
    device = emergency.passkey()
    for _ in range(3):
        emergency.use_passkey(device)
    emergency.mails()
    forged = device.copied()
    forged.key, forged.sign_count = Authenticator(origin="").key, 0
    with pytest.raises(PasskeyRefused):
        emergency.use_passkey(forged)
    assert emergency.mails() == []
    emergency.use_passkey(device)


def test_the_passkey_of_another_organization_signs_in_there_and_nowhere_else(emergency: Emergency) -> None:
    made = emergency.world.services.organizations.add("globex", name="Globex", owner_email="x@globex.example")
    mallory = emergency.world.add_account("mallory@globex.example", role=Role.OWNER, organization=made.organization)
    actor = Actor.of(mallory, client_address="")
    emergency.service.roster.name(mallory.id, by=mallory, actor=actor)
    emergency.passkey()
    device = Authenticator(origin=PRODUCT)
    asked = emergency.service.keyring.begin(mallory, PASSWORD, session_id=SESSION, client=emergency.browser())
    _add(emergency, device, sealed=asked.sealed, options=asked.options, account=mallory)
    session = emergency.use_passkey(device).session
    assert (session.account_id, session.organization_id) == (mallory.id, made.organization.id)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"id": 1}',
        '{"id": "x"}',
        '{"id": "x", "rawId": "x", "type": "public-key", "response": {}}',
        '{"id": "x", "response": null}',
        "[" * 9_000,
        json.dumps({"id": "x", "response": {"clientDataJSON": "A" * 20_000}}),
    ],
    ids=lambda text: text[:30] or "nothing",
)
def test_what_is_no_answer_is_refused_in_words(emergency: Emergency, answer: str) -> None:
    for sealed in ("", "AAAA", "%%%", emergency.service.door.ask(emergency.browser()).ceremony.sealed):
        with pytest.raises(PasskeyRefused):
            emergency.service.door.by_passkey(answer, sealed=sealed, client=emergency.browser(), replaces=None)
    client = emergency.browser()
    asked = emergency.service.door.ask(client).ceremony
    with pytest.raises(PasskeyRefused):
        emergency.service.door.by_passkey(answer, sealed=asked.sealed, client=client, replaces=None)


def test_the_question_names_nobody(emergency: Emergency) -> None:
    """A list of credentials for an address would tell who has break-glass access."""
    emergency.passkey()
    options = json.loads(emergency.service.door.ask(emergency.browser()).ceremony.options)
    assert options["allowCredentials"] == []
    assert set(options) == {"rpId", "challenge", "timeout", "userVerification", "allowCredentials"}


def test_a_page_that_anybody_opens_stores_nothing(emergency: Emergency) -> None:
    door = emergency.world.walker()
    before = _rows(emergency)
    for _ in range(5):
        door.open(f"{PRODUCT}/login/break-glass")
    assert _rows(emergency) == before


# --- what a provider claims -----------------------------------------------------


def test_a_provider_that_claims_these_methods_makes_no_break_glass_session(emergency: Emergency) -> None:
    """`amr` is what an identity provider writes: only a session that none vouches for is one of ours."""
    session = emergency.use_code(emergency.codes()[0]).session
    assert session.is_break_glass
    assert not replace(session, connection_id=ConnectionId("c1")).is_break_glass


def _add(emergency: Emergency, device: Authenticator, *, sealed: str, options: str, **given: Any) -> None:
    account = given.get("account", emergency.priya)
    emergency.service.keyring.add(
        account,
        device.make(options),
        sealed=sealed,
        name="",
        session_id=given.get("session_id", SESSION),
        actor=Actor.of(account, client_address=""),
    )


def _rows(emergency: Emergency) -> dict[str, int]:
    with emergency.world.store.read() as tx:
        return {
            table.name: tx.run.rows(select(func.count()).select_from(table))[0][0] for table in METADATA.sorted_tables
        }


@pytest.mark.parametrize("named", ["\ud800", "\u0000", "x" * 9000])
def test_a_credential_whose_name_is_no_base64url_breaks_nothing(emergency: Emergency, named: str) -> None:
    browser = emergency.browser()
    question = emergency.service.door.ask(browser)
    answer = json.dumps({"id": named})
    with pytest.raises(PasskeyRefused):
        emergency.service.door.by_passkey(answer, sealed=question.ceremony.sealed, client=browser, replaces=None)


# --- an owner without a password ------------------------------------------------


def test_a_sign_in_stands_in_for_no_password_that_there_is(emergency: Emergency) -> None:
    """Whoever speaks for the provider can sign in as an owner; that must not open what asks for the password."""
    session = _by_okta(emergency, emergency.priya)
    emergency.name()
    with pytest.raises(OwnPasswordRefused):
        _make(emergency, emergency.priya, session)
    with pytest.raises(OwnPasswordRefused):
        emergency.service.keyring.begin_after_sign_in(emergency.priya, session=session)
    # Nor does it replace one that was set while the page was open.
    with pytest.raises(OwnPasswordRefused):
        _make(emergency, replace(emergency.priya, password_hash=None), session)
    assert emergency.audited() == ["break_glass.named"]


@pytest.mark.parametrize(
    "given",
    [
        {"created_at": timedelta(minutes=10, seconds=1), "auth_time": timedelta(minutes=10, seconds=1)},
        {"created_at": timedelta(0), "auth_time": timedelta(minutes=10, seconds=1)},
        {"created_at": timedelta(minutes=10, seconds=1), "auth_time": timedelta(0)},
    ],
)
def test_an_old_sign_in_stands_in_for_nothing(emergency: Emergency, given: dict[str, timedelta]) -> None:
    """A session that was left open or stolen, and a provider that asks nobody anything and tells when it last did."""
    owner, now = _without_password(emergency), emergency.world.clock.at
    session = replace(
        _by_okta(emergency, owner), created_at=now - given["created_at"], auth_time=now - given["auth_time"]
    )
    with pytest.raises(SignInNotFresh):
        _make(emergency, owner, session)
    with pytest.raises(SignInNotFresh):
        emergency.service.keyring.begin_after_sign_in(owner, session=session)


def test_only_ones_own_sign_in_by_a_provider_counts(emergency: Emergency) -> None:
    owner = _without_password(emergency)
    by_the_door = replace(_by_okta(emergency, owner), connection_id=None, amr=("passkey",))
    with pytest.raises(SignInNotFresh):
        _make(emergency, owner, by_the_door)
    with pytest.raises(OwnPasswordRefused):
        _make(emergency, owner, _by_okta(emergency, emergency.world.dana))


def test_without_being_named_a_fresh_sign_in_makes_nothing_and_sets_no_password(emergency: Emergency) -> None:
    owner = _without_password(emergency)
    with pytest.raises(OwnersOnly):
        _make(emergency, owner, _by_okta(emergency, owner))
    with pytest.raises(OwnersOnly):
        emergency.service.keyring.begin_after_sign_in(owner, session=_by_okta(emergency, owner))
    # Before the work of a hash, which a password that is too short would end as well: it counts no guesses.
    with pytest.raises(OwnersOnly):
        _make(emergency, owner, _by_okta(emergency, owner), password="short")
    assert _stored(emergency, owner).password_hash is None


def test_a_code_without_the_password_that_was_chosen_with_it_opens_nothing(emergency: Emergency) -> None:
    """A sheet of paper that somebody finds is one of two."""
    owner = _without_password(emergency)
    emergency.name(owner)
    (code, *_) = _make(emergency, owner, _by_okta(emergency, owner))
    for guess in ("", PASSWORD, code):
        with pytest.raises(BreakGlassRefused):
            emergency.use_code(code, email=str(owner.email), password=guess)
    assert emergency.use_code(code, email=str(owner.email), password=CHOSEN).session.account_id == owner.id
    told = [mail.text for mail in emergency.mails() if "one was chosen with them" in mail.text]
    assert len(told) == len({str(owner.email), PRIYA, str(emergency.world.dana.email), "first@acme.example"})
    # Whoever takes the access away reads that the password stays, and where another is set.
    assert all(f"leaves that password; another is set at {PRODUCT}/password/forgot" in text for text in told)


def test_a_fresh_session_that_was_stolen_floods_nobody_with_mail(emergency: Emergency) -> None:
    """Passkeys added and removed in turn, each a mail to every owner: among so many the one that matters is lost."""
    owner = _without_password(emergency)
    emergency.name(owner)
    session, actor = _by_okta(emergency, owner), Actor.of(owner, client_address="")
    emergency.mails()
    keyring = emergency.service.keyring

    def flood() -> None:
        for _ in range(30):
            asked = keyring.begin_after_sign_in(owner, session=session)
            answer = Authenticator(origin=PRODUCT).make(asked.options)
            added = keyring.add(owner, answer, sealed=asked.sealed, name="", session_id=session.id, actor=actor)
            keyring.remove(owner, added.id, actor=actor)

    with pytest.raises(TooManyAttempts):
        flood()
    to_one = [mail for mail in emergency.mails() if mail.to == PRIYA]
    assert len(to_one) == 20


def test_a_first_password_that_fails_with_the_rest_is_not_kept(emergency: Emergency) -> None:
    owner = _without_password(emergency)
    emergency.name(owner)
    with pytest.raises(PasswordTooShort):
        _make(emergency, owner, _by_okta(emergency, owner), password="eleven char")
    assert _stored(emergency, owner).password_hash is None
    assert emergency.audited() == ["break_glass.named"]


def _without_password(emergency: Emergency) -> Account:
    """A third owner, who has only ever come by SSO."""
    owner = emergency.world.add_account("sam.ito@acme.example", role=Role.OWNER)
    none: Any = None  # no page takes a password away
    with emergency.world.store.write() as tx:
        tx.accounts.set_password(owner.id, password_hash=none, **emergency.scope)
    return _stored(emergency, owner)


def _stored(emergency: Emergency, account: Account) -> Account:
    with emergency.world.store.read() as tx:
        found = tx.accounts.by_id(account.id, **emergency.scope)
    assert found is not None
    return found


def _by_okta(emergency: Emergency, account: Account) -> Session:
    """A session that has begun by a provider just now."""
    now = emergency.world.clock.at
    return a_session(account, token="t", connection_id=ConnectionId("c1"), created_at=now, auth_time=now)


def _make(emergency: Emergency, owner: Account, session: Session, *, password: str = CHOSEN) -> tuple[str, ...]:
    actor = Actor.of(owner, client_address="")
    return emergency.service.codes.make_after_sign_in(owner, password, session=session, actor=actor)
