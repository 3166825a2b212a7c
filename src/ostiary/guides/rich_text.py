"""Text with bold words, code and values to copy, without a word of HTML.

A text is written as `Set **App name** to {product}.` or `put in exactly this: {copy:entity_id}`. It is parsed before
anything is filled in, so that a value that an identity provider sent can never become markup.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_PART = re.compile(r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|\{copy:(?P<copy>[a-z_]+)\}")
_NAME = re.compile(r"\{([a-z_]+)\}", re.IGNORECASE)


class SpanKind(StrEnum):
    """How a piece of text is set."""

    PLAIN = "plain"
    BOLD = "bold"
    CODE = "code"
    COPY = "copy"
    """A value to be put in elsewhere, letter by letter: shown with a Copy button."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text of one kind."""

    kind: SpanKind
    text: str


@dataclass(frozen=True, slots=True)
class RichText:
    """A text as its spans, in order. Its `{names}` may still wait to be filled in."""

    spans: tuple[Span, ...]

    @property
    def plain(self) -> str:
        """The letters alone, as they go into a mail, a log or a page title."""
        return "".join(span.text for span in self.spans)

    def names(self) -> frozenset[str]:
        """Every name in braces that waits for its value."""
        return frozenset(name for span in self.spans for name in _NAME.findall(span.text))

    def filled(self, values: Mapping[str, str]) -> "RichText":
        """The same text with every `{name}` replaced by its value.

        Raises: `KeyError` for a name without a value.
        """
        return RichText(tuple(Span(span.kind, fill(span.text, values)) for span in self.spans))

    def markdown(self) -> str:
        """The text as Markdown, for the documentation."""
        return "".join(_as_markdown(span) for span in self.spans)


def _as_markdown(span: Span) -> str:
    if span.kind in {SpanKind.CODE, SpanKind.COPY}:
        return f"`{span.text}`"
    escaped = re.sub(r"([\\*<|])", r"\\\1", span.text)
    return f"**{escaped}**" if span.kind is SpanKind.BOLD else escaped


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with every `{name}` replaced, once: braces inside a value stay as they are.

    Raises: `KeyError` for a name without a value.
    """
    return _NAME.sub(lambda match: values[match[1]], text)


@lru_cache(maxsize=2048)
def rich(text: str) -> RichText:
    """The text of this markup: `**bold**`, `` `code` ``, `{copy:name}`. Everything else is plain."""
    spans: list[Span] = []
    end = 0
    for match in _PART.finditer(text):
        if match.start() > end:
            spans.append(Span(SpanKind.PLAIN, text[end : match.start()]))
        kind = SpanKind(str(match.lastgroup))
        spans.append(Span(kind, "{" + match["copy"] + "}" if kind is SpanKind.COPY else match[kind.value]))
        end = match.end()
    if end < len(text):
        spans.append(Span(SpanKind.PLAIN, text[end:]))
    return RichText(tuple(spans))
