from datetime import UTC, datetime, timedelta

from ostiary.outbound.breaker import Breaker

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
KEY = ("c1", "idp.example")
REST = timedelta(seconds=30)


def a_breaker(timeouts: int = 0) -> Breaker:
    breaker = Breaker(after=3, rest=REST)
    for _ in range(timeouts):
        breaker.timed_out(KEY, NOW)
    return breaker


def test_two_timeouts_are_not_enough():
    assert a_breaker(timeouts=2).wait_for(KEY, NOW) == timedelta(0)


def test_an_answer_between_starts_the_count_anew():
    breaker = a_breaker(timeouts=2)
    breaker.answered(KEY)
    breaker.timed_out(KEY, NOW)
    assert breaker.wait_for(KEY, NOW) == timedelta(0)


def test_the_third_timeout_begins_a_rest_that_ends():
    breaker = a_breaker(timeouts=3)
    assert breaker.wait_for(KEY, NOW) == REST
    assert breaker.wait_for(KEY, NOW + timedelta(seconds=29)) == timedelta(seconds=1)
    assert breaker.wait_for(KEY, NOW + REST) == timedelta(0)


def test_after_the_rest_one_call_tries_and_the_others_wait():
    breaker = a_breaker(timeouts=3)
    assert breaker.wait_for(KEY, NOW + REST) == timedelta(0)
    assert breaker.wait_for(KEY, NOW + REST) == REST


def test_a_trial_in_vain_begins_the_next_rest_at_once():
    breaker = a_breaker(timeouts=3)
    breaker.wait_for(KEY, NOW + REST)
    breaker.timed_out(KEY, NOW + REST + timedelta(seconds=10))
    assert breaker.wait_for(KEY, NOW + REST + timedelta(seconds=10)) == REST


def test_what_is_remembered_does_not_grow_for_ever():
    breaker = a_breaker()
    for number in range(5000):
        breaker.timed_out((f"c{number}", "idp.example"), NOW)
    assert len(breaker._silent) == 4096
