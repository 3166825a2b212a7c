"""What an OpenID Connect provider publishes, as it was fetched, and for how long it is believed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import ConnectionId, OrganizationId

SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(hours=24)
USUAL: Final = timedelta(hours=1)
STALE: Final = timedelta(hours=24)
"""So long after it should have been fetched anew it still serves, while the provider is down."""
AGAIN: Final = timedelta(seconds=60)
"""How soon after it was in vain the provider is asked again, and how soon again out of turn."""
NEGATIVE: Final = timedelta(minutes=5)
"""For so long nobody asks for a key again that was not published when it was asked for."""
MOST_UNKNOWN: Final = 16
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age=(\d{1,9})(?:$|[,\s])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDocument:
    """The discovery document and the keys of one provider."""

    connection_id: ConnectionId
    organization_id: OrganizationId
    issuer: str
    metadata: str
    keys: str
    fetched_at: datetime
    fresh_until: datetime
    stale_until: datetime
    forced_at: datetime | None
    unknown_keys: Mapping[str, Fact]
    """Names of keys that were asked for and not published, each with the moment, in seconds."""

    def is_negative(self, key_name: str, now: datetime) -> bool:
        """Whether this key was asked for a moment ago, and was not there."""
        asked = self.unknown_keys.get(key_name)
        return isinstance(asked, str) and now.timestamp() - float(asked) < NEGATIVE.total_seconds()

    def with_unknown(self, key_name: str, now: datetime) -> Mapping[str, str]:
        """The unknown keys with this one, the newest of them."""
        known = [(name, str(at)) for name, at in self.unknown_keys.items() if name != key_name]
        return dict([*known, (key_name, str(int(now.timestamp())))][-MOST_UNKNOWN:])


def lasts(cache_control: str) -> timedelta:
    """How long an answer with this Cache-Control is fresh: never less than 5 minutes, never more than 24 hours."""
    found = _MAX_AGE.search(cache_control.lower())
    if found is None:
        return SHORTEST if "no-store" in cache_control or "no-cache" in cache_control else USUAL
    return min(max(timedelta(seconds=int(found[1])), SHORTEST), LONGEST)
