"""The two sides of a SAML connection, and how strict it is, as the protocol core wants them."""

from dataclasses import dataclass, replace
from functools import lru_cache

from ostiary import saml
from ostiary.domain.connection import Allowance, Connection, SamlSettings, urls

_SHORTEST_WEAK_KEY = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who speaks with whom."""

    service_provider: saml.ServiceProvider
    identity_provider: saml.IdentityProvider
    policy: saml.SamlPolicy


def service_provider_of(connection: Connection, *, public_url: str) -> saml.ServiceProvider:
    """Our side of this connection."""
    own = urls(public_url, connection.id)
    return saml.ServiceProvider(entity_id=connection.entity_id, acs_url=own.acs_url, slo_url=own.slo_url)


def parties_of(
    connection: Connection, settings: SamlSettings, *, public_url: str, accept_unsolicited: bool = False
) -> Parties:
    """Both sides of this connection by these settings. Certificates are parsed once and kept."""
    return Parties(
        service_provider=service_provider_of(connection, public_url=public_url),
        identity_provider=saml.IdentityProvider(
            entity_id=settings.idp_entity_id,
            sso_url=settings.sso_url,
            certificates=tuple(saml.certificate_from_stored(text) for text in settings.certificates),
        ),
        policy=policy_of(settings.allowances, accept_unsolicited=accept_unsolicited),
    )


@lru_cache(maxsize=64)
def policy_of(allowances: tuple[Allowance, ...], *, accept_unsolicited: bool) -> saml.SamlPolicy:
    """How strictly answers are judged with these allowances."""
    switches = {allowance.value: True for allowance in allowances if allowance is not Allowance.WEAK_KEYS}
    strict = saml.SamlPolicy(accept_unsolicited=accept_unsolicited)
    bits = _SHORTEST_WEAK_KEY if Allowance.WEAK_KEYS in allowances else strict.minimum_rsa_bits
    return replace(strict, minimum_rsa_bits=bits, **switches)
