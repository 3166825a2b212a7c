"""Beginning a sign-in: what was drawn by chance and is taken is drawn once more."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from ostiary.domain.attempt import Origin
from ostiary.services.saml.request import Departure
from tests.services.oidc.ground import RANDOM, a_ground

EIGHT = 8
"""Bytes of chance in a reference."""


@dataclass
class Unlucky:
    """Draws the same reference twice, and everything else by chance."""

    drawn: list[bytes] = field(default_factory=list)

    def token(self, count: int) -> bytes:
        if count != EIGHT:
            return RANDOM.token(count)
        self.drawn.append(b"the same" if len(self.drawn) < 2 else RANDOM.token(count))
        return self.drawn[-1]


def test_a_reference_that_is_taken_is_drawn_once_more(tmp_path: Path) -> None:
    with a_ground(tmp_path) as ground:
        chance, known = Unlucky(), ground.services
        attempts = replace(known.oidc_login.request.attempts, random=chance)
        request = replace(known.oidc_login.request, attempts=attempts)
        start_login = replace(known.start_login, oidc=replace(known.oidc_login, request=request))
        for _ in range(2):
            departure = Departure(origin=Origin.SIGN_IN_PAGE)
            start_login.start(ground.connection_id, departure=departure, client=ground.browser)
        assert chance.drawn[:2] == [b"the same"] * 2
        assert len({attempt.reference for attempt in ground.attempts()}) == 2
