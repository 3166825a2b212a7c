"""SAML 2.0 as a service provider: requests out, answers in, metadata both ways.

Bytes, configuration and the present moment go in; a frozen value or a typed refusal comes out. This folder opens no
file and no connection, asks no clock and writes no log. What it returns was read from octets that a pinned key has
signed; whatever else a message says can only forbid.
"""

from ostiary.saml.assertion import Attribute, NameId
from ostiary.saml.authn_request import build_authn_request
from ostiary.saml.bindings import decoded, inflated, post_value, redirect_url, unverified_in_response_to
from ostiary.saml.certificates import (
    Certificate,
    certificate_around,
    certificate_from_der,
    certificate_from_stored,
    has_strong_key,
    read_certificates,
    require_strong_key,
)
from ostiary.saml.checks import CHECK_GROUPS, CHECKS
from ostiary.saml.config import IdentityProvider, SamlPolicy, ServiceProvider
from ostiary.saml.constants import BINDING_POST, BINDING_REDIRECT, NAME_ID_EMAIL, NAME_ID_UNSPECIFIED
from ostiary.saml.metadata import LONGEST_ENTITY_ID, Endpoint, IdpMetadata, OfferedAttribute, read_idp_metadata
from ostiary.saml.outline.document import Outline, unverified_outline
from ostiary.saml.outline.parts import Part
from ostiary.saml.response import Assertion, Diagnosis, UnverifiedContent, diagnose_response, read_response
from ostiary.saml.service_provider.metadata import build_sp_metadata
from ostiary.saml.xmlenc.keys import DecryptionKey, decryption_key, read_decryption_key

__all__ = [
    "read_response",
    "diagnose_response",
    "Assertion",
    "NameId",
    "Attribute",
    "Diagnosis",
    "UnverifiedContent",
    "unverified_outline",
    "Outline",
    "Part",
    "CHECKS",
    "CHECK_GROUPS",
    "unverified_in_response_to",
    "decoded",
    "inflated",
    "build_authn_request",
    "redirect_url",
    "post_value",
    "ServiceProvider",
    "IdentityProvider",
    "SamlPolicy",
    "Certificate",
    "read_certificates",
    "certificate_around",
    "certificate_from_der",
    "certificate_from_stored",
    "has_strong_key",
    "require_strong_key",
    "DecryptionKey",
    "decryption_key",
    "read_decryption_key",
    "IdpMetadata",
    "Endpoint",
    "OfferedAttribute",
    "read_idp_metadata",
    "LONGEST_ENTITY_ID",
    "build_sp_metadata",
    "NAME_ID_EMAIL",
    "NAME_ID_UNSPECIFIED",
    "BINDING_REDIRECT",
    "BINDING_POST",
]
