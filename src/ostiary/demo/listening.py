"""The ports of the demo, taken before anything else is done, so that a port that somebody holds is said in words."""

import errno
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

from ostiary.demo.places import Places

_BACKLOG = 2048


class PortTaken(Exception):
    """A port can't be used. The text says which, what for, and how to choose others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """The sockets that browsers connect to, each already listening: who comes early waits."""

    product: tuple[socket.socket, ...]
    onelogin: tuple[socket.socket, ...]
    okta: tuple[socket.socket, ...]
    pages: tuple[socket.socket, ...]
    google: tuple[socket.socket, ...]
    entra: tuple[socket.socket, ...]
    keycloak: tuple[socket.socket, ...]

    @classmethod
    def on(cls, places: Places) -> Self:
        """All of them, or none. Raises: `PortTaken`."""
        port = places.port
        with ExitStack() as stack:
            # Somewhere localhost is ::1 first: another program there would answer in the product's place.
            product = (_listen("127.0.0.1", port, "the product", stack), *_listen_on_v6(port, "the product", stack))
            listening = cls(
                product=product,
                onelogin=(_listen("127.0.0.1", port + 1, "the simulated OneLogin", stack),),
                okta=(_listen("127.0.0.1", port + 2, "the simulated Okta", stack),),
                pages=(_listen("127.0.0.1", port + 3, "the demo's own pages", stack),),
                google=(_listen("127.0.0.1", port + 6, "the simulated Google", stack),),
                entra=(_listen("127.0.0.1", port + 7, "the simulated Microsoft Entra ID", stack),),
                keycloak=(_listen("127.0.0.1", port + 8, "the simulated Keycloak", stack),),
            )
            _try(places.dns_port, "the DNS server", socket.SOCK_DGRAM)
            _try(places.dns_port, "the DNS server", socket.SOCK_STREAM)
            _try(places.mail_port, "the mailbox (SMTP)", socket.SOCK_STREAM)
            stack.pop_all()
        return listening

    def close(self) -> None:
        """Give all ports back."""
        simulated = (*self.onelogin, *self.okta, *self.google, *self.entra, *self.keycloak)
        for listener in (*self.product, *self.pages, *simulated):
            listener.close()


def _listen(address: str, port: int, purpose: str, stack: ExitStack) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listener = socket.create_server((address, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise _taken(port, purpose, error) from error
    return stack.enter_context(listener)


def _listen_on_v6(port: int, purpose: str, stack: ExitStack) -> tuple[socket.socket, ...]:
    try:
        return (_listen("::1", port, purpose, stack),)
    except PortTaken as taken:
        # A machine without IPv6 has no ::1; nobody else can answer there either.
        cause = taken.__cause__
        if isinstance(cause, OSError) and cause.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
            return ()
        raise


def _try(port: int, purpose: str, kind: socket.SocketKind) -> None:
    """Take the port for a moment. What will stand there opens its own socket."""
    with socket.socket(socket.AF_INET, kind) as tried:
        if kind is socket.SOCK_STREAM:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what a demo before this one has left behind
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            raise _taken(port, purpose, error) from error


def _taken(port: int, purpose: str, error: OSError) -> PortTaken:
    why = {errno.EADDRINUSE: "is taken by another program", errno.EACCES: "is not open to you"}.get(
        error.errno or 0, f"can't be used ({error.strerror})"
    )
    return PortTaken(
        f"Port {port}, for {purpose}, {why}.\n"
        f"Choose another first port; the demo takes nine in a row: OSTIARY_PORT=9080 make run"
    )
