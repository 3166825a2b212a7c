"""What a handler may answer, as values: a page, a redirect, JSON, or a document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


class Csp(Enum):
    """Where the forms of a page may end.

    Chromium applies form-action to the redirects of a form too (decision 23), so a page whose form can end at an
    identity provider sends none.
    """

    FORMS_STAY = "forms stay"
    FORMS_LEAVE = "forms leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCookie:
    """A cookie to set; `max_age` in seconds, None until the browser closes, 0 to take it away."""

    name: str
    value: str
    max_age: int | None
    same_site: str = "lax"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An HTML page: a template, and the values that it shows."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    csp: Csp = Csp.FORMS_STAY
    cookies: tuple[SetCookie, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeOther:
    """The answer to a form: the browser goes on with a GET (303)."""

    location: str
    cookies: tuple[SetCookie, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Json:
    """An answer for programs."""

    content: JsonValue
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Bytes of another type: metadata, a stylesheet, a download."""

    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Page | SeeOther | Json | Document
