"""A row of the route table, and the way from a path to its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from starlette.routing import compile_path

from ostiary.domain.errors import MethodRefused, PageUnknown
from ostiary.services import Services
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer

if TYPE_CHECKING:
    from re import Pattern

Handler = Callable[[Incoming, Services], Answer]
KIB = 1024


class Where(Enum):
    """Where a handler runs (decision 16)."""

    LOOP = "loop"
    """On the event loop: short computing, and the embedded database."""
    THREAD = "thread"
    """In a thread: a password's hash, anything that may wait for our own store."""
    OUT = "out"
    """In a thread, and only a few of these at a time: what asks a server of others, which may let us wait."""


class Who(Enum):
    """Who may see a page."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One method of one path."""

    method: str
    path: str
    handler: Handler
    says: str
    """One sentence for the documentation."""
    where: Where = Where.LOOP
    who: Who = Who.ANYONE
    body_limit: int = 64 * KIB
    is_cross_site: bool = False
    """Whether other sites may post here: only for answers that prove their sender otherwise."""


def get(path: str, handler: Handler, *, says: str, where: Where = Where.LOOP, who: Who = Who.ANYONE) -> Row:
    """A page to read. It answers HEAD too."""
    return Row(method="GET", path=path, handler=handler, says=says, where=where, who=who, body_limit=0)


def post(
    path: str,
    handler: Handler,
    *,
    says: str,
    where: Where = Where.LOOP,
    who: Who = Who.ANYONE,
    body_limit: int = 64 * KIB,
    is_cross_site: bool = False,
) -> Row:
    """A form."""
    return Row(
        method="POST",
        path=path,
        handler=handler,
        says=says,
        where=where,
        who=who,
        body_limit=body_limit,
        is_cross_site=is_cross_site,
    )


class RouteTable:
    """Every row, found by path and method."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)
        self._fixed: dict[str, dict[str, Row]] = {}
        self._patterns: list[tuple[Pattern[str], dict[str, Row]]] = []
        by_path: dict[str, dict[str, Row]] = {}
        for row in rows:
            methods = by_path.setdefault(row.path, {})
            if row.method in methods:
                raise ValueError(f"Two rows for {row.method} {row.path}")
            methods[row.method] = row
        for path, methods in by_path.items():
            if "{" in path:
                self._patterns.append((compile_path(path)[0], methods))
            else:
                self._fixed[path] = methods

    def find(self, method: str, *, path: str) -> tuple[Row, Mapping[str, str]]:
        """The row, and the parameters in its path. Raises: `PageUnknown`, `MethodRefused`."""
        methods, parameters = self._methods(path)
        row = methods.get("GET" if method == "HEAD" else method)
        if row is None:
            allowed = {*methods, "HEAD"} if "GET" in methods else set(methods)
            raise MethodRefused(allowed=tuple(sorted(allowed)))
        return row, parameters

    def _methods(self, path: str) -> tuple[Mapping[str, Row], Mapping[str, str]]:
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed, {}
        for pattern, methods in self._patterns:
            match = pattern.match(path)
            if match:
                return methods, match.groupdict()
        raise PageUnknown
