"""What the simulator asks of others: an application's keys, and to end its sessions."""

from typing import Protocol

import httpx2

_SECONDS = 5.0
_LARGEST = 65_536


class CallFailed(Exception):
    """Nobody answered, or not with what was asked for."""


class Calls(Protocol):
    """How the simulator reaches applications. A test gives its own."""

    def get(self, url: str) -> str:
        """The text at that address. Raises: `CallFailed`."""
        ...

    def post(self, url: str, form: dict[str, str]) -> int:
        """The status of the answer to that form. Raises: `CallFailed`."""
        ...


class OverTheNetwork:
    """Real calls, within 5 seconds. Redirects are not followed."""

    def get(self, url: str) -> str:
        """The text at that address. Raises: `CallFailed`."""
        try:
            answer = httpx2.get(url, timeout=_SECONDS)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise CallFailed(f"{url} can't be reached: {error}") from error
        if not answer.is_success or len(answer.content) > _LARGEST:
            raise CallFailed(f"{url} answered {answer.status_code} with {len(answer.content)} bytes.")
        return answer.text

    def post(self, url: str, form: dict[str, str]) -> int:
        """The status of the answer to that form. Raises: `CallFailed`."""
        try:
            return httpx2.post(url, data=form, timeout=_SECONDS).status_code
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise CallFailed(f"{url} can't be reached: {error}") from error
