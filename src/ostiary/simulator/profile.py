"""The quirks and the words of one vendor, read from `profiles/*.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import TypeAdapter

from ostiary.simulator.oidc.profile import OidcProfile

UserField = Literal["email", "email_prefix", "first_name", "last_name", "full_name"]
Digest = Literal["sha1", "sha256", "sha384", "sha512"]
CipherName = Literal[
    "aes128-cbc", "aes192-cbc", "aes256-cbc", "aes128-gcm", "aes192-gcm", "aes256-gcm", "tripledes-cbc"
]
Transport = Literal["rsa-oaep-mgf1p", "rsa-1_5"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where things stand under the base URL. `{app_id}`, `{slug}` and `{base}` are filled in."""

    issuer: str
    """The entity ID, whole."""
    sso: str
    slo: str
    metadata: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppQuirks:
    """What an application can be set to, by the names of the console, and what a new one is set to."""

    id_prefix: str
    id_length: int
    """0: the id is a GUID."""
    default_name_id_format: str
    default_user_name: str
    signs_response: bool
    signs_assertion: bool
    name_id_formats: Mapping[str, str]
    user_names: Mapping[str, UserField]
    attribute_values: Mapping[str, UserField]
    attribute_formats: Mapping[str, str]
    signature_algorithms: Mapping[str, Digest]
    """The first is what a new application signs with."""
    encryption_algorithms: Mapping[str, CipherName]
    key_transports: Mapping[str, Transport]
    """Of both, the first is what a new application encrypts with."""
    encrypted_key_beside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQuirks:
    """The shape of what is sent."""

    protocol_prefix: str
    assertion_prefix: str
    response_id_prefix: str
    assertion_id_prefix: str
    id_alphabet: str
    id_length: int
    milliseconds: bool
    issuer_format: str
    prefix_list: tuple[str, ...]
    wrapped_certificate: bool
    window_before_seconds: int
    window_after_seconds: int
    session_seconds: int
    """After which SessionNotOnOrAfter falls. 0: it is not sent."""
    session_index_is_request_id: bool
    empty_relay_state: bool
    """Whether a click on a tile sends RelayState even where it is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestQuirks:
    """How strictly a request is compared with the application's settings."""

    acs_rule: Literal["exact", "validator"]
    name_id_policy_must_match: bool
    acs_without_underscore: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutQuirks:
    """How single logout goes."""

    binding: Literal["redirect", "post"]
    """By which the vendor's own messages travel."""
    checks_signature: bool
    """Whether an application's messages count only when they are signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateQuirks:
    """What the signing certificates look like."""

    subject: Mapping[Literal["CN", "O", "OU"], str]
    years: int
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAssigned:
    """The vendor's own page for a user without the application. `{email}` and `{app}` are filled in."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationItem:
    """One page of the console that its navigation leads to."""

    label: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationSection:
    """One menu of the console's navigation."""

    label: str
    items: tuple[NavigationItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryWords:
    """What the console calls people, groups and their fields."""

    end_sessions: str
    """Signing a person out everywhere."""
    people: str
    add_person: str
    first_name: str
    last_name: str
    email: str
    password: str
    save_person: str
    groups: str
    group: str
    add_group: str
    group_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlProfile:
    """How the vendor speaks SAML."""

    paths: Paths
    app: AppQuirks
    message: MessageQuirks
    request: RequestQuirks
    logout: LogoutQuirks
    certificate: CertificateQuirks


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One vendor."""

    key: str
    name: str
    maker: str = ""
    """Whose product it is, where that is not its name."""
    console: str
    portal: str
    portal_path: str
    administrator: str
    navigation_at: Literal["side", "top"]
    navigation: tuple[NavigationSection, ...]
    directory: DirectoryWords
    not_assigned: NotAssigned
    saml: SamlProfile | None = None
    """None: only OpenID Connect is simulated."""
    oidc: OidcProfile | None = None


_PROFILE = TypeAdapter(Profile)


@cache
def load(key: str) -> Profile:
    """The profile of that vendor. Raises: `ValueError` when there is none."""
    file = files("ostiary.simulator") / "profiles" / f"{key}.toml"
    if not key.isalnum() or not file.is_file():
        raise ValueError(f"There is no simulated identity provider named {key!r}.")
    return _PROFILE.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
