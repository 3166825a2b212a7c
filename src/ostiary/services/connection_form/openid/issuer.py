"""From what was typed as the Discovery URL to the provider's own issuer: each reading is tried, its document decides.

Rule of the file: nothing is saved that no document has confirmed, to the letter (OpenID Connect Discovery 4.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ostiary.kernel.http import Fetch, HttpResponse
from ostiary.kernel.ids import ConnectionId
from ostiary.kernel.values import WebUrl
from ostiary.oidc import relying_party as rp
from ostiary.oidc.errors import DiscoveryIssuerMismatch, NotJson, StatusUnexpected, TenantNeeded
from ostiary.oidc.relying_party.discovery import TEMPLATE_TENANT


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIssuer:
    """The issuer as its own document names it, and what was put right to get there."""

    issuer: str
    metadata: rp.ProviderMetadata
    corrections: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class IssuerSearch:
    """Asks the addresses that one text may mean, each once: OUT."""

    fetch: Fetch
    purpose: ConnectionId
    _answers: dict[str, HttpResponse] = field(default_factory=dict)

    def found(self, typed: str, *, tenants: tuple[str, ...], is_entra: bool) -> FoundIssuer:
        """The issuer. `tenants`: those whose people may sign in, where the address is that of all tenants.

        Raises: what `candidates_of` refuses; else, of the likeliest reading, what the transport or `read_discovery`
        refuses.
        """
        candidates = self._candidates(typed, tenants, is_entra=is_entra)
        refusals: list[DiscoveryIssuerMismatch | NotJson | StatusUnexpected] = []
        for issuer in candidates.issuers:
            try:
                confirmed, metadata = self._confirmed(issuer)
            except (DiscoveryIssuerMismatch, NotJson, StatusUnexpected) as refusal:
                refusals.append(refusal)
                continue
            told = candidates.corrections or (("issuer_of_document",) if confirmed != typed.strip() else ())
            return FoundIssuer(issuer=confirmed, metadata=metadata, corrections=told)
        raise refusals[0]

    @staticmethod
    def _candidates(typed: str, tenants: tuple[str, ...], *, is_entra: bool) -> rp.Candidates:
        try:
            return rp.candidates_of(typed, is_entra=is_entra)
        except TenantNeeded:
            # With the tenants named, the address of all of them is what somebody has chosen.
            if not tenants:
                raise
            first = typed.strip().removesuffix("/.well-known/openid-configuration").rstrip("/")
            return rp.Candidates(issuers=(first,), corrections=("well_known_removed",) if first != typed else ())

    def _confirmed(self, issuer: str) -> tuple[str, rp.ProviderMetadata]:
        """The issuer, or the one of the same host that its document names and that confirms itself."""
        try:
            return issuer, self._metadata(issuer)
        except DiscoveryIssuerMismatch as mismatch:
            # Entra in another cloud: an address that stands for all tenants has a template where the issuer should be.
            if TEMPLATE_TENANT in mismatch.received:
                raise TenantNeeded(received=issuer[:200], word=_first_of_path(issuer)) from None
            for named in _same_host(mismatch.received, issuer):
                return named, self._metadata(named)
            raise

    def _metadata(self, issuer: str) -> rp.ProviderMetadata:
        request = rp.discovery_request(issuer)
        # With and without a slash at its end an issuer has one and the same document.
        if request.url not in self._answers:
            self._answers[request.url] = self.fetch(request, purpose=self.purpose)
        return rp.read_discovery(self._answers[request.url], issuer=issuer)


def _first_of_path(issuer: str) -> str:
    return urlsplit(issuer).path.strip("/").split("/")[0][:60] or issuer[:60]


def _same_host(named: str, issuer: str) -> Iterator[str]:
    """The issuer that a document names, where it is on the host that was asked: Entra names a tenant by its ID."""
    try:
        WebUrl.parse(named)
    except ValueError:
        return
    if urlsplit(named).netloc == urlsplit(issuer).netloc and "{" not in named:
        yield named
