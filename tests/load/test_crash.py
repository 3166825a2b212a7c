"""A server that is killed in the middle of many sign-ins has forgotten nothing that its clients saw, and honours
nothing twice.

OSTIARY_TEST_SIGN_INS says how many sign-ins (1000), OSTIARY_TEST_KILLS in how many lives of the server (5).
"""

import http.client
import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import pytest

from ostiary.domain.attempt import Outcome
from ostiary.kernel.ids import AttemptId
from tests.load.door import Answered, Client, Door, Leaving

if TYPE_CHECKING:
    from ostiary.domain.account import Account

SIGN_INS = int(os.environ.get("OSTIARY_TEST_SIGN_INS", "1000"))
KILLS = int(os.environ.get("OSTIARY_TEST_KILLS", "5"))
BROWSERS = 6
SEED = 20_260_303
USED = ""
GONE = (OSError, http.client.HTTPException)


@dataclass(kw_only=True)
class Story:
    """What one browser has lived through."""

    email: str
    leaving: Leaving | None = None
    message: bytes = b""
    session: str = ""
    """Set when the client saw its sign-in succeed."""
    broken_off: int = 0


@dataclass
class Crowd:
    """Browsers that sign in at the same time, until all have, or the server is gone."""

    door: Door
    waiting: "SimpleQueue[Story]" = field(default_factory=SimpleQueue)
    succeeded: list[Story] = field(default_factory=list)
    broken: list[Story] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, *, kill_after: int | None) -> None:
        """Sign in, in several threads; kill the server once so many more have succeeded."""
        aim = None if kill_after is None else len(self.succeeded) + kill_after
        threads = [threading.Thread(target=self._sign_in_all, args=(aim,)) for _ in range(BROWSERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _sign_in_all(self, aim: int | None) -> None:
        client = Client(self.door)
        while True:
            try:
                story = self.waiting.get_nowait()
            except Empty:
                break
            try:
                self._sign_in(client, story)
            except GONE:
                client.close()
                story.broken_off += 1
                self.broken.append(story)
                break
            with self._lock:
                is_the_moment = aim is not None and len(self.succeeded) == aim
                self.succeeded.append(story)
            if is_the_moment:
                self.door.kill()
        client.close()

    def _sign_in(self, client: Client, story: Story) -> None:
        story.leaving = client.leave(story.email)
        story.message = self.door.answer(story.leaving)
        answered = client.come_back(story.leaving, story.message)
        if answered.status != 303 or not answered.session:
            self.wrong.append(f"{story.email}: {answered.status} {answered.text[:2000]}")
        story.session = answered.session


@pytest.mark.slow
def test_a_killed_server_remembers_each_success_and_takes_no_answer_twice(door: Door) -> None:
    chance = random.Random(SEED)  # noqa: S311 - the same moments in each run
    crowd = Crowd(door)
    for number in range(SIGN_INS):
        crowd.waiting.put(Story(email=f"person.{number}@acme.example"))
    finished: list[Story] = []
    for _ in range(KILLS):
        door.start()
        crowd.run(kill_after=chance.randrange(SIGN_INS // KILLS // 2, SIGN_INS // KILLS))
        for story in crowd.broken:  # killed under their hands, each somewhere else
            finished.append(story) if story.message else crowd.waiting.put(story)
        crowd.broken.clear()
    door.start()
    crowd.run(kill_after=None)
    assert crowd.wrong == []
    assert len(finished) + sum(story.broken_off for story in crowd.succeeded) >= KILLS, "nobody was hit"

    mid_flight = each_of(finished, door, come_back_after_the_crash)
    assert len(crowd.succeeded) + len(finished) == SIGN_INS
    assert each_of(crowd.succeeded, door, who_is_signed_in) == [story.email for story in crowd.succeeded]
    everyone = [*crowd.succeeded, *finished]
    assert Counter(each_of(everyone, door, answer_once_more)) == {"refused as used": len(everyone)}
    accounts, outcomes = in_the_store(door, everyone)
    assert Counter(accounts) == Counter(story.email for story in everyone)
    assert set(outcomes) == {Outcome.SIGNED_IN}
    assert all(said in {"signed in now", "was signed in before the end"} for said in mid_flight), mid_flight
    assert door.stop() == 0


def each_of(stories: Sequence[Story], door: Door, act: Callable[[Client, Story], object]) -> list[object]:
    """What comes of this act for each story, in their order, several at a time."""
    local, clients = threading.local(), list[Client]()

    def one(story: Story) -> object:
        if not hasattr(local, "client"):
            local.client = Client(door)
            clients.append(local.client)
        return act(local.client, story)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(one, stories))
    for client in clients:
        client.close()
    return results


def come_back_after_the_crash(client: Client, story: Story) -> str:
    """The answer whose fate its client never learned: it counts now, or it counted before the server died."""
    assert story.leaving is not None
    answered = client.come_back(story.leaving, story.message)
    if answered.status == 303:
        return "signed in now"
    return "was signed in before the end" if was_used(answered) else f"{answered.status} {answered.text}"


def who_is_signed_in(client: Client, story: Story) -> str:
    """Whom the home page greets with this session."""
    answered = client.ask("GET", "/", cookie=story.session)
    return story.email if answered.status == 200 and story.email in answered.text else f"{answered.status}"


def answer_once_more(client: Client, story: Story) -> str:
    """What comes of the same answer, posted again from the same browser."""
    assert story.leaving is not None
    return "refused as used" if was_used(client.come_back(story.leaving, story.message)) else "not refused"


def was_used(answered: Answered) -> bool:
    """Whether this page says that the sign-in is over."""
    return answered.status == 403 and not answered.cookies and USED in answered.text


def in_the_store(door: Door, stories: Sequence[Story]) -> tuple[list[str], list[Outcome]]:
    """The addresses of all accounts that sign-ins have made, and how the attempt of each story has ended."""
    accounts: list[Account] = []
    outcomes: list[Outcome] = []
    with door.services() as services, services.passwords.store.read() as tx:
        after = ""
        while page := tx.accounts.page(organization_id=door.organization.id, after_email=after, limit=500):
            accounts += page
            after = page[-1].email.key
        for story in stories:
            assert story.leaving is not None
            attempt = tx.attempts.by_id(AttemptId(story.leaving.question.relay_state))
            assert attempt is not None, story.email
            outcomes.append(attempt.outcome)
    return [str(account.email) for account in accounts if account.id != door.owner.id], outcomes
