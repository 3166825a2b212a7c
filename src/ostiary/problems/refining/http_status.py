"""What the status says that a provider's endpoint answered with: out of order, not there, not for us."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from ostiary.guides import ConnectionValues, Guide, Recipe
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import AGAIN, Fixer, Problem

_WHERE: Final = "That was the answer of its {where}. "
_DISCOVERY: Final = "discovery"
_REFUSED: Final = frozenset((HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN))
_LATER: Final = (
    "Sign in once more in a few minutes.",
    "If it stays so, look whether {idp} reports a disturbance.",
)


def by_http_status(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """With what this status means at this endpoint."""
    text, where = str(facts.get("status", "")), str(facts.get("where", ""))
    status = int(text) if text.isdecimal() and len(text) <= 3 else 0  # noqa: PLR2004 - a status has three digits
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return replace(
            problem,
            title="{Idp} is out of order at the moment: it answered with the status {status}.",
            cause=_WHERE + "Nothing points to the settings of this connection. {unchanged}",
            label="{idp} out of order (status {status})",
            steps=_LATER,
            fixer=Fixer.IDP_ADMIN,
            user=AGAIN,
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return replace(
            problem,
            title="{Idp} was asked too often, and answers nobody for a while (status {status}).",
            cause=_WHERE + "{unchanged}",
            label="{idp} was asked too often",
            steps=_LATER,
            fixer=Fixer.IDP_ADMIN,
            user=AGAIN,
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return replace(
            problem,
            title="{Idp} sends the caller to another address, and {product} does not follow (status {status}).",
            cause=_WHERE + "Another address is another one to judge. {unchanged}",
            label="sent elsewhere",
        )
    if where == "userinfo" and status in _REFUSED:
        return replace(
            problem,
            title="{Idp} refuses to tell more about the person (status {status}).",
            cause=_WHERE + "It does not take the access token that it has just given, or not for this. {unchanged}",
            label="the rest of the claims is refused",
            steps=(
                Recipe.ALLOW_SCOPES,
                "If the ID token has everything, UserInfo need not be asked: **{our_form} → Advanced**.",
            ),
        )
    if where == _DISCOVERY and status == HTTPStatus.NOT_FOUND:
        return replace(
            problem,
            title="There is nothing at the Discovery URL of this connection (status {status}).",
            cause="Most likely it is cut short, or the tenant, realm or server in it is another one. {unchanged}",
            label="nothing at the Discovery URL",
            steps=(Recipe.COPY_DISCOVERY_URL,),
        )
    return problem
