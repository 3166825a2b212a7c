"""What came of a sign-in so far, as its admin may read it: kept sealed with a refusal or a test."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ostiary.domain.attempt import TimelineEvent
from ostiary.oidc import jose
from ostiary.oidc import relying_party as rp
from ostiary.oidc.encryption import Opened, is_encrypted
from ostiary.oidc.errors import OidcRefusal
from ostiary.oidc.json_text import JsonValue, read_object
from ostiary.services.oidc.steps import Steps

_NOT_KEPT: Final = frozenset(("code", "access_token", "id_token", "refresh_token", "state"))
_LONGEST: Final = 2000
_LARGEST: Final = 64 * 1024
_LONGEST_NAME: Final = 100
_MOST_NAMES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came to the redirect URI."""

    parameters: tuple[tuple[str, str], ...]
    """As they came: twice, if so sent."""
    mode: rp.ResponseMode

    def first(self, name: str) -> str:
        """The first value of this parameter; empty where there is none."""
        return next((value for key, value in self.parameters if key == name), "")


@dataclass(slots=True, kw_only=True)
class Story:
    """Collects what arrives, unverified. Nothing in it can be used: codes and tokens are left out, as are secrets."""

    answer: Answer
    steps: Steps
    id_token: str = ""
    """As it came, and once it was opened, as it was inside."""
    opened: Opened | None = None
    """How it was opened; None where it came plain, or could not be opened."""
    userinfo: dict[str, JsonValue] = field(default_factory=dict)
    unread_userinfo: bytes = b""
    """What UserInfo answered, before it was judged."""

    def events(self, at: datetime) -> tuple[TimelineEvent, ...]:
        """The answer that came at this moment, and every call after it, for the timeline."""
        names = tuple(dict.fromkeys(name[:_LONGEST_NAME] for name, _ in self.answer.parameters))[:_MOST_NAMES]
        facts = {"parameters": names, "mode": self.answer.mode.value}
        return (TimelineEvent(at=at, kind="returned", facts=facts), *self.steps.events)

    def message(self) -> bytes:
        """The story as JSON."""
        told: dict[str, JsonValue] = {
            "answer": {
                name[:_LONGEST_NAME]: "(not kept)" if name in _NOT_KEPT else value[:_LONGEST]
                for name, value in self.answer.parameters
            }
        }
        if self.id_token:
            told["id_token"] = _taken_apart(self.id_token)
        if self.opened:
            told["encrypted"] = {"alg": self.opened.algorithm, "enc": self.opened.content, "key": self.opened.key_name}
        if self.userinfo:
            told["userinfo"] = self.userinfo
        elif self.unread_userinfo:
            told["userinfo_not_used"] = as_told(self.unread_userinfo)
        return json.dumps(told, indent=2, ensure_ascii=False).encode()


def as_told(body: bytes) -> JsonValue:
    """What was refused: its members where it has any, else the signed text taken apart, or its beginning."""
    try:
        read = read_object(body[:_LARGEST])
    except ValueError:
        text = body.decode("utf-8", "replace").strip()
        return _taken_apart(text) if text.startswith("eyJ") else text[:_LONGEST]
    return {name: value for name, value in read.items() if name not in _NOT_KEPT}


def _taken_apart(token: str) -> JsonValue:
    """Its header and its claims, without the signature: nobody can bring it anywhere. If encrypted, the header."""
    try:
        if is_encrypted(token):
            return {"header": dict(jose.read_header(token.partition(".")[0][:_LARGEST])), "claims": "(encrypted)"}
        parts = jose.take_apart(token)
    except OidcRefusal as refusal:
        return f"not readable: {refusal.code}"
    return {"header": dict(parts.header), "claims": dict(parts.payload)}
