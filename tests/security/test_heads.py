"""Heads of requests without end, and connections that only hold a place, against a server that really listens."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ostiary.cli import bounded_http, serving
from ostiary.cli.bounded_http import BoundedHttp
from ostiary.config import read_settings
from ostiary.demo import servers

KIB = 1024


async def counted(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers how long the body was."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(bounded_http, "HEAD_SECONDS", 0.4)
    config = uvicorn.Config(counted, http=BoundedHttp, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    thread.join(10)


def heard(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    connection.settimeout(20)
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(KIB):
            parts.append(part)
    return b"".join(parts)


def test_a_head_without_end_is_cut_off(address: tuple[str, int]) -> None:
    """uvicorn keeps the head of a request whatever its size: 100 connections of 100 MB each end any server."""
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
        with contextlib.suppress(ConnectionError):
            # More than the buffers of both ends hold, however late the server reads.
            for _ in range(1024):
                connection.sendall(b"a" * 64 * KIB)
            pytest.fail("64 MiB of one header were taken")


def test_many_small_headers_are_one_large_head(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(64 * KIB):
                connection.sendall(b"X: " + b"a" * KIB + b"\r\n")
            pytest.fail("64 MiB of headers were taken")


def test_a_head_that_drips_is_given_up(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                connection.sendall(b"X: y\r\n")
                time.sleep(0.1)
        assert b"408" in heard(connection)
        assert time.monotonic() - began < 10


def test_a_silent_connection_is_closed_without_a_word(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        assert heard(connection) == b""


def test_a_large_body_is_no_large_head(address: tuple[str, int]) -> None:
    """Nor are several of them on one connection, nor a second that comes while the first is answered."""
    body = b"b" * 300 * KIB
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(address) as connection:
        connection.sendall(request * 3 + last)
        answers = heard(connection)
    assert answers.count(b"200 OK") == 4
    assert answers.count(str(len(body)).encode()) == 3


def test_both_servers_are_bounded(tmp_path: Path) -> None:
    settings = read_settings({}, data_dir=tmp_path / "data", key_file=tmp_path / "key")
    assert serving._config("x", settings).http is BoundedHttp
    assert servers._config(servers.Part(app=counted, sockets=())).http is BoundedHttp
