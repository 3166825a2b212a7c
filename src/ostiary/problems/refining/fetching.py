"""A provider of OpenID Connect that could not be asked: the catalogue speaks of metadata, which only SAML has."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ostiary.domain.connection import Protocol
from ostiary.guides import ConnectionValues, Guide, Recipe
from ostiary.kernel.errors import Fact
from ostiary.outbound import errors
from ostiary.problems.problem import AGAIN, Fixer, Problem, UserText

UNREACHED: Final = UserText(title="Your company's sign-in can't be reached at the moment", text=AGAIN.text)
_ELSEWHERE: Final = "What {product} asks is what the Discovery URL names. {unchanged}"
_LATER: Final = "Sign in once more in a few minutes."
_DISTURBANCE: Final = "If it stays so, look whether {idp} reports a disturbance."
_OPERATOR: Final = (
    "The operator of {product} can allow a private network (OSTIARY_ALLOWED_NETWORKS) "
    "or another port (OSTIARY_ALLOWED_PORTS)."
)

_STEPS: Final[Mapping[str, tuple[str | Recipe, ...]]] = {
    errors.UrlRefused.code: (Recipe.COPY_DISCOVERY_URL,),
    errors.AddressRefused.code: ("Use the address by which {idp} is reached from the internet.", _OPERATOR),
    errors.PortRefused.code: ("Use the address by which {idp} is reached from the internet.", _OPERATOR),
    errors.NameUnresolved.code: (
        "Compare the host letter by letter with the one in {idp}.",
        Recipe.COPY_DISCOVERY_URL,
    ),
    errors.Unreachable.code: ("Open the Discovery URL in a browser outside your network.", Recipe.COPY_DISCOVERY_URL),
    errors.TlsRefused.code: (
        "Open the Discovery URL in a browser: it shows the same warning, and why.",
        "Have the certificate of {host} renewed, with the whole chain.",
    ),
    errors.TimedOut.code: (_LATER, _DISTURBANCE),
    errors.TooLarge.code: (Recipe.COPY_DISCOVERY_URL,),
    errors.Redirected.code: (
        "Open the Discovery URL in a browser: where it leads to may be the right one.",
        Recipe.COPY_DISCOVERY_URL,
    ),
    errors.StatusRefused.code: (Recipe.COPY_DISCOVERY_URL,),
    errors.AnswerUnreadable.code: ("Open the Discovery URL in a browser: it must show JSON.",),
    errors.Busy.code: (_LATER, _DISTURBANCE),
    errors.Resting.code: ("Sign in once more in {wait_seconds_words}.", _DISTURBANCE),
}
FETCHED: Final = tuple(_STEPS)
"""Every code of the transport that a sign-in may end with."""
_ITS_OWN_CAUSE: Final = frozenset((errors.TooLarge.code, errors.UrlRefused.code))


def of_code(code: str) -> "_Fetching":
    """What gives better words to this code of the transport."""
    return _Fetching(code)


class _Fetching:
    """Gives the words of one code to a connection of OpenID Connect."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __call__(
        self, problem: Problem, _facts: Mapping[str, Fact], guide: Guide, _values: ConnectionValues
    ) -> Problem:
        """With steps of the Discovery URL, where the guide is one of OpenID Connect."""
        if guide.protocol is not Protocol.OIDC:
            return problem
        return replace(
            problem,
            cause=_ELSEWHERE if self._code in _ITS_OWN_CAUSE else problem.cause + " {unchanged}",
            steps=_STEPS[self._code],
            fixer=Fixer.IDP_ADMIN if self._code == errors.TlsRefused.code else problem.fixer,
            user=UNREACHED,
            ends_with_again=True,
        )
