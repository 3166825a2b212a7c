import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from ostiary.kernel import ids
from ostiary.kernel.randomness import SeededRandom, SystemRandom

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LETTERS = "[0-9a-hjkmnp-tv-z]"


@pytest.mark.parametrize(
    ("make", "letter"),
    [
        (ids.organization_id, "o"),
        (ids.account_id, "a"),
        (ids.connection_id, "c"),
        (ids.domain_id, "d"),
        (ids.identity_id, "i"),
        (ids.key_id, "k"),
    ],
)
def test_a_short_id_is_a_letter_and_eleven_more_without_underscore(make, letter):
    made = [make(SeededRandom(seed)) for seed in range(500)]
    assert all(re.fullmatch(letter + LETTERS + "{11}", each) for each in made)
    assert len(set(made)) == 500


@pytest.mark.parametrize(
    ("make", "letter"),
    [(ids.attempt_id, "t"), (ids.session_id, "s"), (ids.job_id, "j"), (ids.event_id, "e")],
)
def test_an_id_of_a_moment_sorts_by_time(make, letter):
    random = SystemRandom()
    moments = [NOW + timedelta(milliseconds=5 * step) for step in range(200)] + [NOW + timedelta(days=36_500)]
    made = [make(random, moment) for moment in moments]
    assert made == sorted(made)
    assert all(re.fullmatch(letter + LETTERS + "{26}", each) for each in made)


def test_two_ids_of_the_same_moment_differ():
    random = SystemRandom()
    assert len({ids.attempt_id(random, NOW) for _ in range(500)}) == 500


def test_a_reference_can_be_read_aloud_and_spells_no_word():
    for seed in range(500):
        reference = ids.reference(SeededRandom(seed))
        assert re.fullmatch("[2-9A-Z]{4}-[2-9A-Z]{4}", reference)
        assert not set(reference) & set("AEIOU01")


def test_a_request_id_begins_with_an_underscore():
    # Entra refuses an ID that begins with a digit, and xs:ID allows none.
    assert re.fullmatch("_[0-9a-f]{32}", ids.request_id(SystemRandom()))


def test_a_secret_has_256_bits_and_its_fingerprint_does_not_show_it():
    secret = ids.secret(SystemRandom())
    assert re.fullmatch("[0-9a-f]{64}", secret)
    assert ids.fingerprint(secret) == hashlib.sha256(secret.encode()).hexdigest() != secret


def test_ids_depend_on_the_source_of_chance_alone():
    assert ids.connection_id(SeededRandom(7)) == ids.connection_id(SeededRandom(7))
    assert ids.connection_id(SeededRandom(7)) != ids.connection_id(SeededRandom(8))
