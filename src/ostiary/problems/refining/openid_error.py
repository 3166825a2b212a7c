"""What an OpenID Connect provider reports in place of a person or a token: error values, and what vendors add."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ostiary.guides import ConnectionValues, Guide, Recipe
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import AGAIN, Fixer, Problem, UserText
from ostiary.problems.refining.their_words import in_their_words, recognised, said_in

_DECIDED = "{Idp} decided this, not {product}. {unchanged}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Error:
    """The words for one error value."""

    title: str
    cause: str
    label: str
    steps: tuple[str | Recipe, ...]
    fixer: Fixer = Fixer.IDP_ADMIN
    user: UserText | None = None
    """Where it is the person who can do something: sign in once more."""


_NOT_SIGNED_IN: Final = _Error(
    title="{Idp} was asked to show no page, and the person has to do something there first.",
    cause="They are not signed in there, or have a choice to make. {product} asks so only where a setting says it "
    "(prompt=none). " + _DECIDED,
    label="something to do at {idp} first",
    steps=("Begin at the sign-in page of {product}, or sign in to {idp} first.",),
    fixer=Fixer.USER,
    user=AGAIN,
)
_UNKNOWN_REQUEST: Final = _Error(
    title="{Idp} does not take the request of {product}.",
    cause="Something in it does not fit what {idp} has for this application. " + _DECIDED,
    label="request not taken",
    steps=(Recipe.SET_REDIRECT_URI, Recipe.COPY_CLIENT_ID, Recipe.READ_LOG),
)
_NOT_NOW: Final = _Error(
    title="{Idp} could not finish the sign-in, for a reason of its own.",
    cause="Its log tells more than its answer. " + _DECIDED,
    label="{idp} could not finish",
    steps=("Sign in once more in a few minutes.", Recipe.READ_LOG),
    user=AGAIN,
)
_FLOW: Final = _Error(
    title="{Idp} does not let this application sign in by the authorization code.",
    cause="The kind of the application, or what it is allowed, is another one. " + _DECIDED,
    label="flow not allowed",
    steps=(Recipe.ALLOW_CODE_FLOW, Recipe.COPY_CLIENT_ID),
)

_SECRET_EXPIRED: Final = _Error(
    title="{Idp} says that the Client Secret has expired.",
    cause="{nobody} until a new one stands here. {unchanged}",
    label="Client Secret expired",
    steps=(Recipe.NEW_SECRET,),
    fixer=Fixer.ORG_ADMIN,
)

# RFC 6749 4.1.2.1 and 5.2; OpenID Connect Core 3.1.2.6.
_ERRORS: Final[Mapping[str, _Error]] = {
    "access_denied": _Error(
        title="{Idp} refuses to sign this person in to {product}.",
        cause="Most likely {who_is} not assigned, a policy forbids it, or the person turned back. " + _DECIDED,
        label="{idp} refuses the person",
        steps=(Recipe.ASSIGN, Recipe.GIVE_CONSENT, Recipe.READ_LOG),
    ),
    "invalid_scope": _Error(
        title="{Idp} does not allow a scope that this connection asks for.",
        cause="openid, profile and email are what {product} needs. " + _DECIDED,
        label="scope not allowed",
        steps=(
            Recipe.ALLOW_SCOPES,
            "Look at the scopes of this connection: **{our_form} → Advanced**. Take out what {idp} does not know.",
        ),
    ),
    "consent_required": _Error(
        title="{Idp} asks for consent to {product}, and nobody has given it.",
        cause="An admin can give it for everybody. " + _DECIDED,
        label="consent is missing",
        steps=(Recipe.GIVE_CONSENT,),
    ),
    "unauthorized_client": _FLOW,
    "unsupported_response_type": _FLOW,
    "unsupported_grant_type": _FLOW,
    "invalid_request": _UNKNOWN_REQUEST,
    "invalid_request_object": _UNKNOWN_REQUEST,
    "invalid_request_uri": _UNKNOWN_REQUEST,
    "request_not_supported": _UNKNOWN_REQUEST,
    "request_uri_not_supported": _UNKNOWN_REQUEST,
    "login_required": _NOT_SIGNED_IN,
    "interaction_required": _NOT_SIGNED_IN,
    "account_selection_required": _NOT_SIGNED_IN,
    "server_error": _NOT_NOW,
    "temporarily_unavailable": _NOT_NOW,
}


def by_error(problem: Problem, facts: Mapping[str, Fact], guide: Guide, _values: ConnectionValues) -> Problem:
    """With what the vendor's own text means, or else the error value."""
    theirs = recognised(said_in(facts, "vendor_code", "description", "error"), guide)
    if theirs is not None:
        return in_their_words(problem, theirs)
    error = _ERRORS.get(str(facts.get("error", "")))
    if "client_id" in facts and "expired" in str(facts.get("description", "")).lower():
        error = _SECRET_EXPIRED
    if error is None:
        return problem
    return replace(
        problem,
        title=error.title,
        cause=error.cause,
        label=error.label,
        steps=error.steps,
        fixer=error.fixer,
        user=error.user or problem.user,
    )
