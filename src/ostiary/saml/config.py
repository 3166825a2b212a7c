"""Who talks with whom, and how strictly: the frozen values with which every message is read or written."""

from dataclasses import dataclass

from ostiary.saml.certificates import Certificate
from ostiary.saml.xmlenc.keys import DecryptionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProvider:
    """Our side of one connection."""

    entity_id: str
    acs_url: str
    """Where answers are posted: what is shown to admins, sent in requests, and compared. Never from a request."""
    slo_url: str = ""
    """Where logout messages come in; empty where nobody is told of it."""
    decryption_keys: tuple[DecryptionKey, ...] = ()
    """Our keys to which the provider may encrypt: several while one takes the place of another, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """The customer's side of one connection."""

    entity_id: str
    sso_url: str
    certificates: tuple[Certificate, ...]
    """The pinned keys: a message counts only if one of these has signed it. Dates refuse nothing (decision 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlPolicy:
    """What a connection allows. The defaults are strict: each allowance is a risk, and some vendor's customers need it.

    A refusal that an allowance would lift carries its name in the fact `allowance`.
    """

    clock_skew_seconds: int = 120
    accept_unsolicited: bool = False
    """Answers that nobody asked for (tile login). Risk: a visitor can be signed in to a stranger's account."""
    allow_sha1: bool = False
    """SHA-1 in signatures and digests. Risk: collisions are bought for money. Old OneLogin, Auth0 and AD FS apps."""
    minimum_rsa_bits: int = 2048
    """The shortest RSA key that counts; 1024 for old certificates. Risk: such a key is broken by whoever can pay."""
    allow_missing_audience: bool = False
    """Assertions that don't say for whom they are. Risk: one made for another service counts here. Some Oracle OAM."""
    allow_empty_reference_uri: bool = False
    """`URI=""` (the whole document), on the Response only. Risk: SAML Core 5.4.2 forbids it. Old Okta, SAML tools."""
    allow_missing_reference_uri: bool = False
    """A Reference without any URI, on the Response only. Risk: as above. Home-made identity providers."""
    allow_inclusive_c14n: bool = False
    """Canonical XML 1.0 and 1.1. Risk: what stands around counts too. Old CA SSO."""
    allow_c14n_with_comments: bool = False
    """Canonicalization with comments. Risk: comments cut values (VU#475445); ours are whole. Some Java libraries."""
    allow_cbc: bool = False
    """AES-CBC encryption. Risk: a padding oracle opens it (CCS 2011). Okta, Shibboleth 3, SimpleSAMLphp send it."""
    allow_rsa15: bool = False
    """RSA PKCS #1 1.5 key transport. Risk: Bleichenbacher's attack opens it (ESORICS 2012). Old SimpleSAMLphp."""
    opens_unsigned_guesses: bool = True
    """Whether CBC or RSA 1.5 is opened, where it is allowed, without a signature around it: an oracle needs many."""
    allow_3des: bool = False
    """Triple-DES encryption. Risk: as CBC, with blocks too short for much content. pysaml2 as identity provider."""
