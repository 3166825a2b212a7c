"""One answer, posted by many at the same moment, signs in once: in one process, and in several."""

import threading
from pathlib import Path

from tests.load.door import Answered, Client, Door, Leaving, a_door

COPIES = 20
ROUNDS = 5


def test_of_twenty_copies_that_arrive_together_one_signs_in(door: Door) -> None:
    door.start()
    assert_one_of_many_counts(door)
    assert door.stop() == 0


def test_of_twenty_copies_at_two_processes_one_signs_in(tmp_path: Path, postgres_url: str) -> None:
    with a_door(tmp_path, database_url=postgres_url, workers=2) as door:
        door.start()
        assert_one_of_many_counts(door)
        assert door.stop() == 0


def assert_one_of_many_counts(door: Door) -> None:
    client = Client(door)
    for number in range(ROUNDS):
        leaving = client.leave(f"person.{number}@acme.example")
        answers = posted_together(door, leaving, door.answer(leaving))
        assert [answered.status for answered in answers if answered.session] == [303]
        assert sorted(answered.status for answered in answers) == [303, *[403] * (COPIES - 1)]
    client.close()


def posted_together(door: Door, leaving: Leaving, message: bytes) -> list[Answered]:
    """What each of the copies got, each over a connection of its own."""
    gate, answers = threading.Barrier(COPIES), list[Answered]()

    def post() -> None:
        client = Client(door)
        client.ask("GET", "/healthz")  # connected before the gate opens
        gate.wait(20)
        answers.append(client.come_back(leaving, message))
        client.close()

    threads = [threading.Thread(target=post) for _ in range(COPIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
