"""Bytes of a request → fields. Everything is bounded, everything is UTF-8, and nothing is guessed."""

import logging
from typing import Protocol
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header

from ostiary.domain.errors import FormUnreadable
from ostiary.web.context import Fields, Form, Upload

# It complains of what strangers send, and every line of a log may wake somebody. Refusals are logged by the rim.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
MOST_FIELDS = 100
LONGEST_NAME = 100
LONGEST_FILE_NAME = 255
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


class _Part(Protocol):
    @property
    def field_name(self) -> bytes | None: ...


def read_form(content_type: str, *, body: bytes) -> Form:
    """The form in this body, urlencoded or multipart. Raises: `FormUnreadable`."""
    if not body and not content_type:
        return Form()
    kind_bytes, options = parse_options_header(content_type)
    kind = kind_bytes.decode("latin-1")
    if kind not in {_URLENCODED, _MULTIPART}:
        raise FormUnreadable(field="")
    collected = _Collected(is_urlencoded=kind == _URLENCODED)
    try:
        # Nothing is spooled to disk: the whole body is inside its row's limit already.
        parser = FormParser(
            kind,
            collected.add_field,
            collected.add_file,
            collected.end,
            boundary=options.get(b"boundary"),
            config={"MAX_MEMORY_FILE_SIZE": len(body) + 1, "UPLOAD_ERROR_ON_BAD_CTE": True, "MAX_FIELDS": MOST_FIELDS},
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise FormUnreadable(field="") from error
    if not collected.has_ended:
        raise FormUnreadable(field="")
    return Form(tuple(collected.pairs), tuple(collected.uploads))


def read_query(query: bytes) -> Fields:
    """The parameters of a query string, repeated ones kept. Raises: `FormUnreadable`."""
    parts = [part for part in query.split(b"&") if part]
    if len(parts) > MOST_FIELDS:
        raise FormUnreadable(field="")
    pairs = []
    for part in parts:
        raw_name, _, raw_value = part.partition(b"=")
        name = _decode(_unquote(raw_name), field="")
        pairs.append((name, _decode(_unquote(raw_value), field=name)))
    return Fields(tuple(pairs))


class _Collected:
    """What the parser has handed over so far."""

    def __init__(self, *, is_urlencoded: bool) -> None:
        self._is_urlencoded = is_urlencoded
        self.pairs: list[tuple[str, str]] = []
        self.uploads: list[tuple[str, Upload]] = []
        self.has_ended = False

    def add_field(self, part: Field) -> None:
        name, value = self._name(part), part.value or b""
        self.pairs.append((name, _decode(_unquote(value) if self._is_urlencoded else value, field=name)))

    def add_file(self, part: File) -> None:
        name = self._name(part)
        part.file_object.seek(0)
        file_name = _decode(part.file_name or b"", field=name)[-LONGEST_FILE_NAME:]
        self.uploads.append((name, Upload(name=file_name, content=part.file_object.read())))

    def end(self) -> None:
        self.has_ended = True

    def _name(self, part: _Part) -> str:
        if len(self.pairs) + len(self.uploads) >= MOST_FIELDS:
            raise FormUnreadable(field="")
        raw = part.field_name or b""
        name = _decode(_unquote(raw) if self._is_urlencoded else raw, field="")
        if not name or len(name) > LONGEST_NAME:
            raise FormUnreadable(field="")
        return name


def _unquote(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _decode(text: bytes, *, field: str) -> str:
    # A NUL ends a string elsewhere, and PostgreSQL takes none.
    if b"\0" in text:
        raise FormUnreadable(field=field)
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormUnreadable(field=field) from error
