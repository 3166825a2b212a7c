"""Sign-in answers where they don't belong: another browser, connection, organization, purpose or time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ostiary.domain.account import Role
from ostiary.domain.attempt import Outcome
from ostiary.domain.connection import Connection
from ostiary.domain.organization import Plan
from ostiary.kernel.ids import AccountId, AttemptId
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import Saved
from tests.journeys.world import PASSWORD, World
from tests.security.attacker import (
    Browser,
    Departed,
    answer,
    code_of,
    connect,
    departed,
    form,
    hidden_fields,
    verify_domain,
)
from tests.vectors.message import IDP_ENTITY_ID, SSO_URL
from tests.vectors.vector import pem

MEMBER = "marcus.oyelaran@acme.example"
OWNER = "dana.whitfield@acme.example"


@pytest.fixture
def acme(world: World) -> Connection:
    verify_domain(world, world.acme, world.dana, "acme.example")
    world.add_account(MEMBER, role=Role.MEMBER)
    return connect(world, world.acme, world.dana)


@pytest.fixture
def twin(world: World) -> Connection:
    """Another organization's connection to the very same identity provider: same entity ID, same key."""
    made = world.services.organizations.add(
        "mallory", name="Mallory", owner_email="m@mallory.example", plan=Plan.BUSINESS
    )
    world.add_account("eve@mallory.example", role=Role.ADMIN, organization=made.organization)
    verify_domain(world, made.organization, made.owner, "mallory.example")
    return connect(world, made.organization, made.owner)


def marcus(world: World, connection: Connection, left: Departed, **changes: object) -> bytes:
    return form(answer(world, connection, request_id=left.request_id, email=MEMBER, **changes))  # type: ignore[arg-type]


def mallory(world: World, connection: Connection, left: Departed, **changes: object) -> bytes:
    return form(
        answer(world, connection, request_id=left.request_id, email="x@mallory.example", **changes)  # type: ignore[arg-type]
    )


def outcome_of(world: World, left: Departed) -> Outcome:
    with world.store.read() as tx:
        attempt = tx.attempts.by_id(AttemptId(left.relay_state))
    assert attempt is not None
    return attempt.outcome


# --- another browser -----------------------------------------------------------------------------


def test_an_answer_counts_only_in_the_browser_that_asked(world: World, acme: Connection) -> None:
    """Login CSRF: the attacker's own answer, posted by the victim's browser, with and without a cookie of its own."""
    attacker, bystander, victim = Browser(world), Browser(world), Browser(world)
    left = attacker.leave(acme)
    victim.leave(acme)
    form_value = marcus(world, acme, left)
    for browser in (bystander, victim):
        assert browser.bring(acme, form_value, relay_state=left.relay_state).status_code >= 400
        assert not browser.is_signed_in
    assert code_of(world, left) == "login.browser_changed"


def test_without_a_relay_state_the_same_holds(world: World, acme: Connection) -> None:
    attacker, victim = Browser(world), Browser(world)
    form_value = marcus(world, acme, attacker.leave(acme))
    victim.leave(acme)
    assert victim.bring(acme, form_value).status_code >= 400
    assert not victim.is_signed_in


def test_another_attempt_of_the_same_browser_is_not_the_one_that_was_asked(world: World, acme: Connection) -> None:
    browser = Browser(world)
    first, second = browser.leave(acme), browser.leave(acme)
    browser.bring(acme, marcus(world, acme, first), relay_state=second.relay_state)
    assert code_of(world, second) == "saml.request_mismatch"
    assert not browser.is_signed_in


def test_a_sign_in_brings_a_session_of_its_own(world: World, acme: Connection) -> None:
    """Session fixation: what the attacker put into the browser before is not what is signed in."""
    browser = Browser(world)
    name = "__Host-ostiary-session"
    browser.client.cookies.set(name, "a" * 64, domain="sso.ringline.example", path="/")
    left = browser.leave(acme)
    answered = browser.bring(acme, marcus(world, acme, left), relay_state=left.relay_state)
    (cookie,) = (each for each in answered.headers.get_list("set-cookie") if each.startswith(name))
    assert "a" * 64 not in cookie
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_the_login_cookie_crosses_sites_and_nothing_else_does(world: World, acme: Connection) -> None:
    browser = Browser(world)
    response = browser.post("/login/connection", connection=acme.id)
    for cookie in response.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
        assert ("SameSite=None" in cookie) == cookie.startswith("__Host-ostiary-login=")


# --- a sign-in that did not begin on our page (login CSRF) ----------------------------------------


def test_a_hostile_organization_signs_nobody_in_without_a_yes(world: World, twin: Connection) -> None:
    """Its link on any page, its provider answers without a question: nothing changes until the person says so."""
    victim = Browser(world)
    left = departed(victim.client.get("/o/mallory"))
    answered = victim.bring(twin, mallory(world, twin, left), relay_state=left.relay_state)
    assert answered.headers["location"].startswith("/login/continue")
    asked = victim.client.get(answered.headers["location"])
    assert asked.status_code == 200
    assert "Continue as" in asked.text
    assert victim.client.get("/").status_code == 303, "nobody is signed in"
    said = victim.decide("stay")
    assert "Nobody was signed in." in victim.client.get(said.headers["location"]).text
    victim.decide("stay")
    assert not victim.is_signed_in


def test_a_session_is_never_replaced_by_another_accounts_without_a_yes(
    world: World, acme: Connection, twin: Connection
) -> None:
    victim = Browser(world)
    own = victim.leave(acme)
    victim.bring(acme, marcus(world, acme, own), relay_state=own.relay_state)
    mine = victim.home
    for number in range(2):
        left = departed(victim.client.get("/o/mallory"))
        form_value = mallory(world, twin, left, assertion_id=f"_e{number}")
        answered = victim.bring(twin, form_value, relay_state=left.relay_state)
        asked = victim.client.get(answered.headers["location"])
        assert "Stay signed in as" in asked.text
        assert victim.home == mine
        # Even a yes of before counts for nothing while somebody else is signed in.
        if number == 0:
            victim.decide("continue")
            assert victim.home != mine
            again = victim.leave(acme)
            second = marcus(world, acme, again, assertion_id="_a9")
            victim.bring(acme, second, relay_state=again.relay_state)
            mine = victim.home


def test_an_account_is_asked_for_once_in_a_browser(world: World, acme: Connection) -> None:
    browser = Browser(world)
    for number in range(2):
        left = departed(browser.client.get("/o/acme"))
        form_value = marcus(world, acme, left, assertion_id=f"_a{number}")
        answered = browser.bring(acme, form_value, relay_state=left.relay_state)
        page = browser.client.get(answered.headers["location"])
        assert page.status_code == (200 if number == 0 else 303)
        if number == 0:
            browser.decide("continue")
        assert browser.client.get("/").status_code == 200
        browser.post("/logout")


def test_another_site_cannot_say_yes(world: World, twin: Connection) -> None:
    victim = Browser(world)
    left = departed(victim.client.get("/o/mallory"))
    victim.bring(twin, mallory(world, twin, left), relay_state=left.relay_state)
    forged = victim.client.post("/login/continue", data={"way": "continue"}, headers={"Origin": "https://evil.example"})
    assert forged.status_code == 403
    assert victim.client.get("/").status_code == 303


def test_a_yes_counts_for_the_account_that_was_asked_about(world: World, acme: Connection, twin: Connection) -> None:
    """While the victim reads "Continue as Marcus", another window brings the attacker's sign-in into the cookie."""
    victim = Browser(world)
    own = departed(victim.client.get("/o/acme"))
    answered = victim.bring(acme, marcus(world, acme, own), relay_state=own.relay_state)
    shown = hidden_fields(victim.client.get(answered.headers["location"]).text)
    left = departed(victim.client.get("/o/mallory"))
    victim.bring(twin, mallory(world, twin, left), relay_state=left.relay_state)
    said = victim.post("/login/continue", **shown, way="continue")
    assert said.status_code == 303
    assert victim.client.get("/").status_code == 303, "nobody is signed in"
    asked = victim.client.get(said.headers["location"])
    assert "@mallory.example" in asked.text
    victim.post("/login/continue", **hidden_fields(asked.text), way="continue")
    assert "mallory" in victim.home.lower()


# --- a second time -------------------------------------------------------------------------------


def test_the_same_answer_counts_once(world: World, acme: Connection) -> None:
    browser = Browser(world)
    left = browser.leave(acme)
    form_value = marcus(world, acme, left)
    assert browser.bring(acme, form_value, relay_state=left.relay_state).status_code == 303
    with world.store.write() as tx:
        tx.sessions.end_all(_account(world), organization_id=world.acme.id)
    assert browser.bring(acme, form_value, relay_state=left.relay_state).status_code >= 400
    assert not browser.is_signed_in
    assert outcome_of(world, left) is Outcome.SIGNED_IN


def test_two_copies_at_the_same_moment_make_one_session(world: World, acme: Connection) -> None:
    browser = Browser(world)
    left = browser.leave(acme)
    form_value = marcus(world, acme, left)
    with ThreadPoolExecutor(4) as threads:
        statuses = list(
            threads.map(
                lambda _: browser.bring(acme, form_value, relay_state=left.relay_state).status_code,
                range(6),
            )
        )
    assert statuses.count(303) == 1


def test_the_same_assertion_in_another_response_does_not_count_again(world: World, acme: Connection) -> None:
    """At a connection that accepts a tile's answer, where no request of ours is used up."""
    accepting = connect(world, world.acme, world.dana, tile="accept")
    for number, code in enumerate((303, 403)):
        browser = Browser(world)
        said = replace(answer(world, accepting, request_id=None, email=MEMBER), response_id=f"_r{number}")
        status = browser.bring(accepting, form(said)).status_code
        assert (status < 400) == (code < 400)
        assert browser.is_signed_in == (number == 0)


def test_an_answer_after_the_attempt_has_ended_is_too_late(world: World, acme: Connection) -> None:
    browser = Browser(world)
    left = browser.leave(acme)
    world.pass_time(minutes=15)
    browser.bring(acme, marcus(world, acme, left), relay_state=left.relay_state)
    assert code_of(world, left) == "login.attempt_expired"
    assert not browser.is_signed_in


# --- another place -------------------------------------------------------------------------------


def test_an_answer_for_one_connection_is_refused_at_another(world: World, acme: Connection, twin: Connection) -> None:
    """Same key, same issuer. What protects is the audience, the recipient and the request of each connection."""
    browser = Browser(world)
    left = browser.leave(twin)
    at_home = marcus(world, twin, left)
    for relay_state in ("", left.relay_state):
        browser.bring(acme, at_home, relay_state=relay_state)
        assert not browser.is_signed_in
    wrong_audience = replace(
        answer(world, acme, request_id=browser.leave(acme).request_id, email=MEMBER), audiences=((twin.entity_id,),)
    )
    browser.bring(acme, form(wrong_audience))
    assert not browser.is_signed_in


def test_a_relay_state_of_another_connection_names_no_attempt(world: World, acme: Connection, twin: Connection) -> None:
    browser = Browser(world)
    elsewhere = browser.leave(twin)
    browser.bring(acme, marcus(world, acme, elsewhere), relay_state=elsewhere.relay_state)
    assert not browser.is_signed_in
    assert outcome_of(world, elsewhere) is Outcome.WAITING


# --- another purpose -----------------------------------------------------------------------------


def test_the_answer_to_a_test_is_no_sign_in(world: World, acme: Connection) -> None:
    admin = Browser(world)
    admin.post("/login", email=OWNER, password=PASSWORD)
    tested = departed(admin.post(f"/settings/security/connections/{acme.id}/test"))
    form_value = marcus(world, acme, tested)
    admin.post("/logout")
    to_report = admin.bring(acme, form_value, relay_state=tested.relay_state)
    assert to_report.headers["location"].endswith(f"/test/{tested.relay_state}")
    assert not admin.is_signed_in
    login = admin.leave(acme)
    admin.bring(acme, form_value, relay_state=login.relay_state)
    assert code_of(world, login) == "saml.request_mismatch"
    assert not admin.is_signed_in


def test_the_answer_to_a_sign_in_passes_no_test(world: World, acme: Connection) -> None:
    admin = Browser(world)
    admin.post("/login", email=OWNER, password=PASSWORD)
    login = admin.leave(acme)
    tested = departed(admin.post(f"/settings/security/connections/{acme.id}/test"))
    admin.bring(acme, marcus(world, acme, login), relay_state=tested.relay_state)
    assert outcome_of(world, tested) is Outcome.TEST_FAILED


def test_a_test_is_finished_only_in_the_browser_of_the_admin_who_began_it(world: World, acme: Connection) -> None:
    admin, other = Browser(world), Browser(world)
    admin.post("/login", email=OWNER, password=PASSWORD)
    tested = departed(admin.post(f"/settings/security/connections/{acme.id}/test"))
    other.leave(acme)
    other.bring(acme, marcus(world, acme, tested), relay_state=tested.relay_state)
    assert outcome_of(world, tested) is Outcome.TEST_FAILED
    assert code_of(world, tested) == "login.browser_changed"


# --- what has changed meanwhile ------------------------------------------------------------------


def test_what_was_turned_off_meanwhile_stays_off(world: World, acme: Connection) -> None:
    browser, actor = Browser(world), Actor.of(world.dana, client_address="")
    left = browser.leave(acme)
    world.services.connections.turn_off(acme.id, organization_id=world.acme.id, actor=actor)
    browser.bring(acme, marcus(world, acme, left), relay_state=left.relay_state)
    assert code_of(world, left) == "login.connection_off"
    tile = form(answer(world, acme, request_id=None, email=MEMBER))
    assert browser.bring(acme, tile).status_code >= 400
    assert not browser.is_signed_in


def test_a_plan_that_ended_meanwhile_ends_sign_in(world: World, acme: Connection) -> None:
    world.services.organizations.set_plan(world.acme.id, Plan.STARTER)
    world.pass_time(days=13, hours=23, minutes=55)
    browser = Browser(world)
    left = browser.leave(acme)
    world.pass_time(minutes=10)
    browser.bring(acme, marcus(world, acme, left), relay_state=left.relay_state)
    assert code_of(world, left) == "setup.plan_without_sso"
    assert not browser.is_signed_in


def test_a_key_that_was_replaced_and_tested_meanwhile_opens_nothing(world: World, acme: Connection) -> None:
    """The stolen key's last answer: the attempt began with it, and the admin has thrown it out since."""
    browser = Browser(world)
    left = browser.leave(acme)
    with world.store.read() as tx:
        before = tx.connections.by_id(acme.id)
    connect_again(world, acme)
    with world.store.read() as tx:
        after = tx.connections.by_id(acme.id)
    assert before is not None
    assert after is not None
    assert before.serving != after.serving
    browser.bring(acme, marcus(world, acme, left), relay_state=left.relay_state)
    assert code_of(world, left) == "saml.certificate_unknown"
    assert not browser.is_signed_in


# --- a tile --------------------------------------------------------------------------------------


def test_a_tile_signs_nobody_in_by_itself(world: World, acme: Connection) -> None:
    """It begins a sign-in of ours. A second one in the same minute is refused, so that nothing goes round for ever."""
    browser = Browser(world)
    tile = form(answer(world, acme, request_id=None, email=MEMBER))
    left = departed(browser.bring(acme, tile, relay_state="/settings"))
    assert not browser.is_signed_in
    assert browser.bring(acme, tile).status_code >= 400
    answered = browser.bring(acme, marcus(world, acme, left, assertion_id="_a2"), relay_state=left.relay_state)
    assert answered.headers["location"] == "/login/continue?return_to=/settings"


@pytest.mark.parametrize(
    "relay_state",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\u2044/evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        " //evil.example",
        "http:evil.example",
        "/" + "x" * 5000,
    ],
)
def test_a_tile_leads_to_our_own_pages_only(world: World, acme: Connection, relay_state: str) -> None:
    browser = Browser(world)
    tile = form(answer(world, acme, request_id=None, email=MEMBER))
    left = departed(browser.bring(acme, tile, relay_state=relay_state))
    answered = browser.bring(acme, marcus(world, acme, left, assertion_id="_a2"), relay_state=left.relay_state)
    assert answered.headers["location"] == "/login/continue?return_to=/"
    taken_up = browser.decide("continue", return_to=relay_state[:3000])
    assert taken_up.headers["location"] == "/"


def test_a_tile_that_claims_to_be_an_answer_is_none(world: World, acme: Connection) -> None:
    browser = Browser(world)
    assert browser.bring(acme, form(answer(world, acme, request_id="_" + "0" * 32, email=MEMBER))).status_code >= 400
    assert not browser.is_signed_in


def connect_again(world: World, connection: Connection) -> None:
    """Another key, saved and tested: a new revision serves."""
    saved = world.services.connections.save(
        connection.id,
        SaveSaml(sso_url=SSO_URL, idp_entity_id=IDP_ENTITY_ID, certificate=pem("idp-next")),
        organization=world.acme,
        actor=Actor.of(world.dana, client_address=""),
    )
    assert isinstance(saved, Saved)
    with world.store.write() as tx:
        tx.connections.mark_tested(
            connection.id, organization_id=world.acme.id, number=2, at=world.clock.now(), by=world.dana.id
        )


def _account(world: World) -> AccountId:
    with world.store.read() as tx:
        account = tx.accounts.by_email(MEMBER, organization_id=world.acme.id)
    assert account is not None
    return account.id
