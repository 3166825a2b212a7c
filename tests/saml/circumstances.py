"""The usual connection of the SAML tests: who asks, who answers, when."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ostiary import saml
from tests.vectors.message import ACS_URL, IDP_ENTITY_ID, NOW, REQUEST_ID, SP_ENTITY_ID
from tests.vectors.vector import SSO_URL, pem

AT = datetime.fromisoformat(NOW).astimezone(UTC)
SERVICE_PROVIDER = saml.ServiceProvider(entity_id=SP_ENTITY_ID, acs_url=ACS_URL)


def an_identity_provider(*names: str) -> saml.IdentityProvider:
    """The usual one, with the certificates of these names pinned."""
    certificates = tuple(
        each for name in names or ("idp",) for each in saml.read_certificates(pem(name), minimum_rsa_bits=1024)
    )
    return saml.IdentityProvider(entity_id=IDP_ENTITY_ID, sso_url=SSO_URL, certificates=certificates)


IDENTITY_PROVIDER = an_identity_provider()


def usual(**changes: Any) -> dict[str, Any]:
    """The arguments of `read_response` and `diagnose_response` but the first."""
    policy = replace(saml.SamlPolicy(), **changes.pop("policy", {}))
    return {
        "service_provider": SERVICE_PROVIDER,
        "identity_provider": IDENTITY_PROVIDER,
        "policy": policy,
        "expected_request_id": REQUEST_ID,
        "now": AT,
        **changes,
    }
