"""The lines of an attempt's timeline, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Final

from ostiary.domain.openid.errors import PossessionNeeded
from ostiary.guides import ConnectionValues, Guide, rich
from ostiary.guides.rich_text import fill
from ostiary.kernel.errors import Fact
from ostiary.problems.checks import shortened
from ostiary.problems.explain import Explanation, Reader, explain


class Mood(StrEnum):
    """How a line is marked. Only the last thing that happened may be refused."""

    DONE = "done"
    PASSING = "passing"
    """Nothing was judged: a redirect."""
    NOTED = "noted"
    REFUSED = "refused"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The templates of one kind of event. `{names}` are its facts, the provider's and the product's name."""

    title: str
    detail: str
    mood: Mood


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    """One event in words."""

    title: str
    detail: str
    code: str
    """A value below the sentence, set as code: the address that the browser was sent to. Empty for most."""
    mood: Mood


KINDS: Final = {
    "tile_clicked": Words(
        title="Clicked the {product} tile in {idp}",
        detail="Signed, addressed to this connection, in time. Turned into a sign-in of {product}'s own.",
        mood=Mood.DONE,
    ),
    "begun_elsewhere": Words(
        title="Clicked the {product} tile in {idp}", detail="{Idp} asked {product} to begin a sign-in.", mood=Mood.DONE
    ),
    "provider_asked": Words(
        title="Asked {idp} for its configuration and keys", detail="It took {took}.", mood=Mood.PASSING
    ),
    "request_pushed": Words(title="Handed the request to {idp}", detail="It took {took}.", mood=Mood.PASSING),
    "sent": Words(title="Sent to {idp}", detail="Request {request_id}", mood=Mood.PASSING),
    "answered": Words(title="{Idp} answered", detail="{size} bytes by POST.", mood=Mood.DONE),
    "returned": Words(title="Came back from {idp}", detail="With {parameters}, {by}.", mood=Mood.DONE),
    "tokens_asked": Words(
        title="Asked {idp} for the tokens", detail="With the code, by {method}. It took {took}.", mood=Mood.PASSING
    ),
    "keys_asked": Words(title="Asked {idp} for its keys once more", detail="It took {took}.", mood=Mood.PASSING),
    "userinfo_asked": Words(
        title="Asked {idp} for the rest of the claims (UserInfo)", detail="It took {took}.", mood=Mood.PASSING
    ),
    "checks_passed": Words(title="All checks passed", detail="Signed by {fingerprint}", mood=Mood.DONE),
    "person_read": Words(title="Person read", detail="{read}.", mood=Mood.DONE),
    "finding": Words(title="Noted: {label}", detail="{sentence}", mood=Mood.NOTED),
    "signed_in": Words(title="Signed in as {account}", detail="{how_words} Role: {role}.", mood=Mood.DONE),
    "refused": Words(title="Refused: {label}", detail="{sentence}", mood=Mood.REFUSED),
    "code_mailed": Words(title="A code was mailed", detail="To {email}. It lasts ten minutes.", mood=Mood.PASSING),
    "code_wrong": Words(title="A wrong code was typed", detail="Tries left: {left}.", mood=Mood.NOTED),
    "password_wrong": Words(title="A wrong password was typed", detail="", mood=Mood.NOTED),
    "no_answer": Words(
        title="Nothing has come back", detail="None of the checks could begin. Nothing was changed.", mood=Mood.SILENT
    ),
    "test_passed": Words(title="Test passed", detail="A test makes no account and no session.", mood=Mood.DONE),
    "test_failed": Words(title="Test failed: {label}", detail="{sentence}", mood=Mood.REFUSED),
}
"""Every kind of event that is recorded."""

HOW: Final = {
    "sign_in": "Known from an earlier sign-in.",
    "link": "The existing account of this address, tied to {idp} now.",
    "create": "A new account was made.",
    "possession_code": "The account was proven by a mailed code, and is tied to {idp} now.",
    "possession_password": "The account was proven by its password, and is tied to {idp} now.",
}
"""How the account was found."""

_PROOF_ASKED: Final = Words(title="Asked for {label}", detail="{sentence}", mood=Mood.NOTED)
"""A refusal that the person can answer at once: the sign-in goes on with the proof."""

BY: Final = {"query": "in the address (query)", "form_post": "posted as a form (form_post)"}
"""How an answer of OpenID Connect came."""

_UNKNOWN = Words(title="{kind}", detail="", mood=Mood.PASSING)
_SHORT_ID = 12
_THREE_DIGITS = 3


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ""


def timeline_line(
    kind: str,
    facts: Mapping[str, Fact],
    *,
    guide: Guide,
    values: ConnectionValues,
    zone: tzinfo = UTC,
) -> TimelineLine:
    """One event in words. A kind that this version does not know is shown by its name."""
    is_asked = kind == "refused" and facts.get("code") == PossessionNeeded.code
    words = _PROOF_ASKED if is_asked else KINDS.get(kind, _UNKNOWN)
    quoted = _quoted(kind, facts, guide=guide, values=values)
    if "code" in facts:
        explanation = explain(str(facts["code"]), facts, guide=guide, values=values, reader=Reader.ADMIN, zone=zone)
        quoted |= _explained(explanation)
    return TimelineLine(
        title=fill(words.title, quoted),
        detail=fill(words.detail, quoted) if _has_all(words.detail, quoted) else "",
        code=str(facts.get("sso_url", "")) if kind == "sent" else "",
        mood=words.mood,
    )


def _quoted(kind: str, facts: Mapping[str, Fact], *, guide: Guide, values: ConnectionValues) -> _Facts:
    texts = {name: fact if isinstance(fact, str) else ", ".join(fact) for name, fact in facts.items()}
    size = texts.get("bytes", "")
    person = [texts.get(name, "") for name in ("email", "first_name", "last_name")]
    more = texts.get("more_groups", "0")
    groups = texts.get("groups", "") + (f" and {more} more" if more != "0" else "")
    identifier = texts.get("request_id", "")
    return _Facts(
        texts
        | {
            "idp": guide.name,
            "Idp": guide.name_at_start,
            "product": values.product,
            "kind": kind.replace("_", " ").capitalize(),
            "size": f"{int(size):,}" if size.isdigit() else size,
            "read": ", ".join(part for part in person if part) + (f". Groups: {groups}" if groups else ""),
            "request_id": identifier if len(identifier) <= _SHORT_ID else f"{identifier[:_SHORT_ID]}…",
            "fingerprint": shortened(texts.get("fingerprint", "")),
            "took": _took(texts.get("milliseconds", "")),
            "by": BY.get(texts.get("mode", ""), texts.get("mode", "")),
            "how_words": fill(HOW.get(texts.get("how", ""), ""), {"idp": guide.name}),
        }
    )


def _took(milliseconds: str) -> str:
    if not milliseconds.isdigit():
        return ""
    return f"{milliseconds} ms" if len(milliseconds) <= _THREE_DIGITS else f"{int(milliseconds) / 1000:.1f} s"


def _explained(explanation: Explanation) -> dict[str, str]:
    return {"label": explanation.label, "sentence": explanation.title}


def _has_all(template: str, quoted: Mapping[str, str]) -> bool:
    """Whether every value of the detail is there: half a sentence is worse than none."""
    return all(quoted.get(name) for name in rich(template).names())
