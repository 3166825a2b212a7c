"""HTTP as values: what protocol code asks for and reads, and the one protocol by which it is fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request to a URL that someone else supplied."""

    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """What came back, whole and inside the size limit. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Fetch(Protocol):
    """Sends a request. Raises a `Refusal` when the address is not allowed, or nothing usable came back in time."""

    def __call__(self, request: HttpRequest, *, purpose: str) -> HttpResponse:
        """The response. `purpose` names the connection or the job, for limits per connection."""
        ...
