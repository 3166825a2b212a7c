"""The only file that draws random bytes."""

import random
import secrets
from dataclasses import dataclass, field
from typing import Protocol


class Random(Protocol):
    """A source of bytes that nobody can guess."""

    def token(self, count: int) -> bytes:
        """As many random bytes as asked for."""
        ...


@dataclass(frozen=True, slots=True)
class SystemRandom:
    """The operating system's source."""

    def token(self, count: int) -> bytes:
        """As many random bytes as asked for, from the operating system."""
        return secrets.token_bytes(count)


@dataclass(slots=True)
class SeededRandom:
    """The same bytes for the same seed. For tests only: anyone can guess them."""

    seed: int
    _stream: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._stream = random.Random(self.seed)  # noqa: S311 - for tests, and named so

    def token(self, count: int) -> bytes:
        """As many bytes as asked for, next in the stream of this seed."""
        return self._stream.randbytes(count)
