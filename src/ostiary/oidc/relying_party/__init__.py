"""We are the client of a customer's identity provider. OpenID Connect Core 1.0, code flow with PKCE only.

Bytes, configuration and the present moment go in; a request to send, a value, or a typed refusal comes out.
"""

from ostiary.oidc.keys import KeySet
from ostiary.oidc.relying_party.authorize import (
    Code,
    Secrets,
    authorization_url,
    parameters,
    pushed_request,
    read_callback,
    read_pushed,
)
from ostiary.oidc.relying_party.case import Expected
from ostiary.oidc.relying_party.checks import CHECKS
from ostiary.oidc.relying_party.config import ALGORITHMS, Client, Provider, ResponseMode, Wishes
from ostiary.oidc.relying_party.discovery import (
    ProviderMetadata,
    discovery_request,
    keys_request,
    read_discovery,
    read_keys,
)
from ostiary.oidc.relying_party.id_token import Diagnosis, VerifiedClaims, diagnose_id_token, read_id_token
from ostiary.oidc.relying_party.issuer_input import Candidates, candidates_of
from ostiary.oidc.relying_party.logout import Logout, end_session_url, read_logout_token, require_logout_state
from ostiary.oidc.relying_party.third_party import Initiation, read_initiation
from ostiary.oidc.relying_party.token import UnverifiedTokens, read_token_response, token_request
from ostiary.oidc.relying_party.userinfo import Method, is_token, read_userinfo, together, userinfo_request

__all__ = [
    "Client",
    "Provider",
    "Wishes",
    "ResponseMode",
    "ALGORITHMS",
    "candidates_of",
    "Candidates",
    "discovery_request",
    "read_discovery",
    "ProviderMetadata",
    "keys_request",
    "read_keys",
    "KeySet",
    "Secrets",
    "parameters",
    "authorization_url",
    "pushed_request",
    "read_pushed",
    "read_callback",
    "Code",
    "token_request",
    "read_token_response",
    "UnverifiedTokens",
    "read_id_token",
    "diagnose_id_token",
    "Expected",
    "VerifiedClaims",
    "Diagnosis",
    "CHECKS",
    "Method",
    "userinfo_request",
    "is_token",
    "read_userinfo",
    "together",
    "end_session_url",
    "require_logout_state",
    "read_logout_token",
    "Logout",
    "read_initiation",
    "Initiation",
]
