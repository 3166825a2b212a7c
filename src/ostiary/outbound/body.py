"""Reads the body of an answer, unpacked, and never more of it than was allowed."""

import zlib
from collections.abc import Iterable

from ostiary.outbound.errors import AnswerUnreadable, TooLarge

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


def read_body(chunks: Iterable[bytes], *, encoding: str, limit_bytes: int, host: str) -> bytes:
    """The whole body, unpacked. The limit holds for what arrives, and for what it unpacks to (a gzip bomb).

    Raises: `TooLarge`, `AnswerUnreadable`.
    """
    packing = encoding.strip().lower()
    if packing in {"", "identity"}:
        return _plain(chunks, limit_bytes, host)
    if packing not in {"gzip", "x-gzip", "deflate"}:
        raise AnswerUnreadable(host=host)
    return _unpacked(chunks, limit_bytes, host)


def _plain(chunks: Iterable[bytes], limit_bytes: int, host: str) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit_bytes:
            raise TooLarge(host=host, limit_bytes=limit_bytes)
    return bytes(body)


def _unpacked(chunks: Iterable[bytes], limit_bytes: int, host: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=_GZIP_OR_ZLIB)
    body = bytearray()
    arrived = 0
    for chunk in chunks:
        arrived += len(chunk)
        try:
            # One byte more than allowed is enough to know; a bomb is never unpacked further than that.
            body += unpacker.decompress(chunk, limit_bytes + 1 - len(body))
        except zlib.error as error:
            raise AnswerUnreadable(host=host) from error
        if len(body) > limit_bytes or arrived > limit_bytes:
            raise TooLarge(host=host, limit_bytes=limit_bytes)
    if not unpacker.eof:
        raise AnswerUnreadable(host=host)
    return bytes(body)
