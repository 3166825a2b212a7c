"""Anybody can begin a sign-in and answer it with nonsense: what is stored of it stays small."""

from base64 import b64encode

import pytest
from sqlalchemy import create_engine, text

from ostiary.domain.connection import Connection
from ostiary.services.refusal_record import KEPT_PER_HOUR, LARGEST_KEPT, MOST_COPIES, UNMATCHED_PER_HOUR
from tests.journeys.world import World
from tests.security.attacker import Browser, connect, form_of, verify_domain

NONSENSE = b64encode(b"<x>" + b"a" * 500_000)


@pytest.fixture
def acme(world: World) -> Connection:
    verify_domain(world, world.acme, world.dana, "acme.example")
    return connect(world, world.acme, world.dana)


def figure(world: World, question: str) -> int:
    engine = create_engine(world.services.settings.store_url)
    with engine.connect() as connection:
        found = connection.execute(text(question)).scalar()
    engine.dispose()
    return int(found or 0)


def test_messages_of_refused_sign_ins_are_few_and_short(world: World, acme: Connection) -> None:
    browser = Browser(world)
    for _ in range(KEPT_PER_HOUR + 20):
        left = browser.leave(acme)
        browser.bring(acme, NONSENSE, relay_state=left.relay_state)
    assert figure(world, "SELECT count(*) FROM attempts WHERE outcome = 'refused'") == KEPT_PER_HOUR + 20
    assert figure(world, "SELECT count(*) FROM attempt_messages") == KEPT_PER_HOUR
    assert figure(world, "SELECT max(length(body)) FROM attempt_messages") < LARGEST_KEPT + 100


def test_answers_that_nobody_asked_for_are_few(world: World, acme: Connection) -> None:
    browser = Browser(world)
    for _ in range(UNMATCHED_PER_HOUR + 5):
        browser.bring(acme, NONSENSE)
    assert figure(world, "SELECT count(*) FROM attempts") == UNMATCHED_PER_HOUR


def test_copies_of_an_answer_do_not_write_a_story_without_end(world: World, acme: Connection) -> None:
    browser = Browser(world)
    left = browser.leave(acme)
    for _ in range(MOST_COPIES + 15):
        browser.bring(acme, b"eA==", relay_state=left.relay_state)
    assert figure(world, "SELECT count(*) FROM attempt_events WHERE kind = 'refused'") == MOST_COPIES + 1


def test_what_a_refusal_quotes_is_short(world: World, acme: Connection) -> None:
    """The Destination of an unsigned answer was stored twice, whatever its size, and was shown on a page."""
    browser = Browser(world)
    left = browser.leave(acme)
    browser.bring(acme, form_of(left.request_id, destination="x" * 300_000), relay_state=left.relay_state)
    assert figure(world, "SELECT max(length(facts)) FROM attempts") < 8_000
    assert figure(world, "SELECT max(length(facts)) FROM attempt_events") < 8_000
