"""The OpenID Connect half of a LemonLDAP::NG: one relying party, in its configuration as its manager writes it."""

from cryptography.hazmat.primitives import serialization

from ostiary.domain.connection import ConnectionUrls
from tests.interop.lemonldap import LemonLdap

CLIENT_ID = "ringline"
SECRET = "a-secret-of-these-tests"
KEY_NAME = "first"
_SENT = {"email": "mail", "given_name": "cn", "family_name": "uid", "groups": "groups;string;never"}
_OPTION = "oidcRPMetaDataOptions"


def issuer_of(peer: LemonLdap) -> str:
    """Its issuer, which ends with a slash."""
    return f"{peer.base}/"


def openid(
    peer: LemonLdap, addresses: ConnectionUrls, *, key_name: str = KEY_NAME, **options: object
) -> dict[str, object]:
    """What it holds of OpenID Connect: its key, and our registration, with these options of its manager."""
    registered = {
        "ClientID": CLIENT_ID,
        "ClientSecret": SECRET,
        "RedirectUris": addresses.redirect_uri,
        "PostLogoutRedirectUris": addresses.signed_out_url,
        "BypassConsent": 1,
        "IDTokenSignAlg": "RS256",
        "UserIDAttr": "uid",
        "DisplayName": "Ringline",
        **options,
    }
    return {
        "issuerDBOpenIDConnectActivation": 1,
        "oidcServiceMetaDataIssuer": issuer_of(peer),
        "oidcServicePrivateKeySig": peer.key.private,
        "oidcServicePublicKeySig": _public(peer.key.private),
        "oidcServiceKeyIdSig": key_name,
        "oidcServiceAllowAuthorizationCodeFlow": 1,
        _OPTION: {"rp": {f"{_OPTION}{name}": value for name, value in registered.items()}},
        "oidcRPMetaDataExportedVars": {"rp": _SENT},
        f"{_OPTION}ExtraClaims": {"rp": {"groups": "groups"}},
        # Beside those that its demonstration gives its people.
        "groups": {"engineering": "1"},
    }


def _public(private: str) -> str:
    key = serialization.load_pem_private_key(private.encode(), None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()
