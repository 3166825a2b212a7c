"""What an identity provider reports in place of a person: its status codes, and what vendors write beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ostiary.guides import ConnectionValues, Guide, Recipe, RichText
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Problem
from ostiary.problems.refining.their_words import in_their_words, recognised, said_in

_DECIDED = "{Idp} decided this, not {product}. {unchanged}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Status:
    """The words for one status code. SAML Core 3.2.2.2."""

    title: str
    cause: str
    label: str
    steps: tuple[str | Recipe | RichText, ...]


_STATUSES: Final[Mapping[str, _Status]] = {
    "AuthnFailed": _Status(
        title="The sign-in at {idp} did not succeed.",
        cause="The password, the second factor or the certificate was not accepted there, or the person gave up. "
        + _DECIDED,
        label="sign-in at {idp} did not succeed",
        steps=(Recipe.READ_LOG, Recipe.SIGN_IN_AGAIN),
    ),
    "RequestDenied": _Status(
        title="{Idp} refuses to sign this person in to {product}.",
        cause="Most likely {who_is} not assigned, a policy of the app forbids it, or the sign-in was cancelled. "
        + _DECIDED,
        label="{idp} refuses the person",
        steps=(Recipe.ASSIGN, Recipe.READ_LOG),
    ),
    "NoAuthnContext": _Status(
        title="{Idp} can't sign the person in by the way that is asked for.",
        cause="{product} asks for no particular way, so a policy of {idp} asks for one that the person can't use. "
        + _DECIDED,
        label="another way of signing in is asked for",
        steps=(Recipe.SIGN_IN_AGAIN, Recipe.READ_LOG),
    ),
    "NoPassive": _Status(
        title="{Idp} was asked to show no page, and the person was not signed in there.",
        cause="A portal or a bookmark has asked so (IsPassive); {product} never does. " + _DECIDED,
        label="not signed in at {idp}",
        steps=("Begin at the sign-in page of {product}, or sign in to {idp} first.",),
    ),
    "InvalidNameIDPolicy": _Status(
        title="{Idp} has no NameID for this person in the format that was asked for.",
        cause="Most often the person has no email address there, or no rule makes a NameID of it. " + _DECIDED,
        label="no NameID in the format asked for",
        steps=(
            "Look at {person} in {idp}: an email address must stand there.",
            Recipe.SET_NAME_ID,
            "If {idp} is to choose it: in {product}, set **{our_form} → Advanced → NameID format** to **None**.",
        ),
    ),
    "RequestUnsupported": _Status(
        title="{Idp} does not take requests of this kind.",
        cause="Most often the SSO URL is another address than the one for SAML requests, "
        "or {idp} wants them in another way than they are sent. " + _DECIDED,
        label="kind of request not taken",
        steps=(Recipe.COPY_SSO_URL, Recipe.GET_METADATA),
    ),
    "UnsupportedBinding": _Status(
        title="{Idp} can't answer in the way that {product} takes (HTTP POST).",
        cause="The app may be set to another binding. " + _DECIDED,
        label="binding not supported",
        steps=(Recipe.SET_ACS,),
    ),
    "UnknownPrincipal": _Status(
        title="{Idp} does not know the person.",
        cause="The account was deleted there, or is of another realm or tenant. " + _DECIDED,
        label="person unknown at {idp}",
        steps=(Recipe.ASSIGN, Recipe.READ_LOG),
    ),
    "NoAvailableIDP": _Status(
        title="{Idp} passes sign-ins on to another provider, and none could be reached.",
        cause=_DECIDED,
        label="provider behind {idp} not reached",
        steps=(Recipe.READ_LOG,),
    ),
    "Requester": _Status(
        title="{Idp} says that something in {product}'s request does not fit.",
        cause="Most often it knows another Entity ID or ACS URL, or wants requests that are signed. " + _DECIDED,
        label="request does not fit",
        steps=(Recipe.SET_AUDIENCE, Recipe.SET_ACS, Recipe.TRUST_REQUESTS),
    ),
    "Responder": _Status(
        title="{Idp} could not finish the sign-in, for a reason of its own.",
        cause="Its log tells more than its answer. " + _DECIDED,
        label="{idp} could not finish",
        steps=(Recipe.READ_LOG,),
    ),
    "VersionMismatch": _Status(
        title="{Idp} takes another version of SAML than 2.0.",
        cause=_DECIDED,
        label="another version of SAML",
        steps=(Recipe.COPY_SSO_URL,),
    ),
}
_STATUSES_ALIKE: Final = {
    "NoSupportedIDP": "NoAvailableIDP",
    "RequestVersionDeprecated": "VersionMismatch",
    "RequestVersionTooHigh": "VersionMismatch",
    "RequestVersionTooLow": "VersionMismatch",
}


def by_status(problem: Problem, facts: Mapping[str, Fact], guide: Guide, _values: ConnectionValues) -> Problem:
    """With what the vendor's own text means, or else the status code."""
    said = said_in(facts, "message", "substatus", "status")
    theirs = recognised(said, guide)
    if theirs is not None:
        return in_their_words(problem, theirs)
    for code in said[1:]:
        status = _STATUSES.get(_STATUSES_ALIKE.get(code, code))
        if status is not None:
            return replace(
                problem,
                title=status.title,
                cause=status.cause,
                label=status.label,
                steps=status.steps,
                otherwise=(),
                otherwise_title="",
            )
    return problem
