"""What a text may quote: facts, the guide's names, the connection's values, and words for the reader."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from ostiary.guides import ConnectionValues, Guide
from ostiary.guides.rich_text import fill
from ostiary.kernel.errors import Fact
from ostiary.problems import allowances

_LONGEST = 160
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)")
_DATES = frozenset({"not_after", "until"})
"""Facts of which only the day matters."""
_FIELDS = frozenset({"field", "other"})
"""Facts that are the name of a field of ours."""

_SETTINGS = "Settings → Security → Single Sign-On"
_ANY_PROVIDER = {"saml": "SAML", "oidc": "OpenID Connect"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400

FIELD_LABELS: Final = {
    "sso_url": "SSO URL",
    "idp_entity_id": "Issuer / Entity ID",
    "certificate": "Certificate",
    "metadata": "Metadata file",
    "metadata_url": "Metadata URL",
    "default_role": "Default Role",
    "attribute_email": "Email",
    "attribute_first_name": "First name",
    "attribute_last_name": "Last name",
    "attribute_groups": "Groups",
    "metadata_text": "Pasted metadata",
    "metadata_entity": "Which identity provider",
    "sso_binding": "How our requests travel",
    "name_id_format": "NameID format",
    "slo_url": "Logout URL",
    "slo_response_url": "Logout response URL",
    "client_id": "Client ID",
    "client_secret": "Client Secret",
    "secret_expires": "Expires on",
    "discovery_url": "Discovery URL",
    "userinfo_method": "Method",
    "claim_email": "Email",
    "claim_first_name": "First name",
    "claim_last_name": "Last name",
    "claim_groups": "Groups",
    "scopes": "Scopes",
    "algorithms": "Signature algorithms",
    "tenants": "Tenants",
    "hosted_domains": "Workspace domains",
    "max_age": "Longest since the last sign-in",
    "acr_values": "Authentication classes",
    "extra": "Further parameters",
    "first_name": "First name",
    "last_name": "Last name",
    "groups": "Groups",
    "email": "Email",
    "password": "Password",
    "name": "Name",
    "domain": "Domain",
}
"""Fields of our own forms by their names in the form. A field without a label is quoted by its name."""

FACT_WORDS: Final = {
    ("reason", "not_a_url"): "it is no web address",
    ("reason", "not_https"): "it does not begin with https://",
    ("reason", "too_long"): "it is too long",
    ("reason", "characters"): "it holds characters that no web address has",
    ("problem", "both"): "there twice, as a request and as a response",
    ("problem", "unknown"): "of a kind that is not known",
    ("detail", "empty"): "it is empty",
    ("detail", "cut short"): "it is cut short",
    ("detail", "not a certificate"): "it is something else",
    ("detail", "too large"): "it is too large",
    ("detail", "too many"): "it holds more than ten of them",
    ("detail", "document type"): "it has a document type",
    ("missing", "entityID"): "the entity ID (entityID)",
    ("missing", "IDPSSODescriptor"): "the part on identity providers (IDPSSODescriptor)",
    ("missing", "SingleSignOnService"): "the SSO URL (SingleSignOnService)",
    ("missing", "certificate"): "the signing certificate (KeyDescriptor)",
    ("missing", "SingleSignOnService, certificate"): "the SSO URL (SingleSignOnService) and the signing certificate "
    "(KeyDescriptor)",
    **allowances.ACCEPTS,
    ("what", "age"): "its age (iat): it was issued more than ten minutes ago, or in the future",
    ("what", "events"): "its kind (events): it is no back-channel logout",
    ("what", "nonce"): "the nonce: only ID tokens have one",
    ("what", "subject"): "the person (sub, sid): it names nobody",
    ("what", "jti"): "its number (jti): it has none, or came before",
    ("where", "discovery"): "configuration (discovery document)",
    ("where", "keys"): "set of keys (JWKS)",
    ("where", "token"): "token endpoint",
    ("where", "refreshed token"): "token endpoint",
    ("where", "userinfo"): "UserInfo endpoint",
    ("where", "pushed request"): "endpoint for requests in advance (PAR)",
    ("reason", "false"): "it says that the address is not verified",
    ("reason", "absent"): "it does not say that the address is verified",
    ("reason", "other_domain"): "the domain is not the tenant's own",
    ("reason", "guest"): "the person is a guest from another tenant",
    ("reason", "private"): "it is the address of a private account",
    ("wanted", "a_day"): "a day is written as 2027-03-31",
    ("wanted", "scopes"): "words with spaces between, without quotation marks",
    ("wanted", "tenants"): "a tenant ID is 36 characters long, in five groups",
    ("wanted", "domains"): "domain names with spaces between, such as company.example",
    ("wanted", "seconds"): "a number of seconds, at most 2592000",
    ("wanted", "parameters"): "one parameter in a line, as name=value",
    ("wanted", "free_names"): "this parameter is set by a field of its own, or by every sign-in anew",
    ("wanted", "names_once"): "each parameter once",
    ("looks_like", "our_acs_url"): "this connection's ACS URL",
    ("looks_like", "our_entity_id"): "this connection's Entity ID, where our metadata is",
    ("looks_like", "the_sso_url"): "this connection's SSO URL",
    ("looks_like", "the_issuer"): "this connection's Issuer / Entity ID: a name, and no page",
    ("looks_like", "metadata"): "the address of metadata",
    ("looks_like", "oidc_discovery"): "a discovery document of OpenID Connect, not of SAML",
    ("looks_like", "our_redirect_uri"): "this connection's Redirect URI",
    ("looks_like", "the_discovery_url"): "this connection's Discovery URL",
    ("looks_like", "the_discovery"): "the discovery document of this connection",
    ("looks_like", "another_discovery"): "a discovery document of another provider than this connection's",
    ("looks_like", "sso_url"): "an SSO URL, where sign-in requests go",
    ("looks_like", "issuer"): "an Issuer / Entity ID: a name, and no page",
    ("looks_like", "other"): "a page of another kind",
}
"""Facts that are one of a few words in the code, as a sentence says them. Any other value is quoted as it is."""

READER_WORDS = ("person", "who_is", "finish_it", "unchanged", "nobody", "our_form", "settings")
"""What every text may quote besides facts, guide and connection."""


class _Values(dict[str, str]):
    """Values by name. A fact that an older version did not record is told as such, not a reason to break."""

    def __missing__(self, name: str) -> str:
        return "(not recorded)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotes:
    """Everything that the texts of one explanation may quote."""

    values: dict[str, str]
    is_test: bool
    zone: tzinfo

    @classmethod
    def of(
        cls,
        facts: Mapping[str, Fact],
        *,
        guide: Guide,
        values: ConnectionValues,
        person: str,
        is_test: bool,
        zone: tzinfo = UTC,
    ) -> "Quotes":
        """The quotes for these facts. A fact comes before a value of the same name, unless it is empty."""
        quoted = values.quoted()
        places = {name: fill(text, {"product": values.product}) for name, text in guide.values().items()}
        found = _Values(quoted | places | _reader_words(facts, values, guide=guide, person=person, is_test=is_test))
        for name, fact in facts.items():
            if not fact and name in found:
                continue
            found[name] = _sentence_part(name, fact, zone=zone)
            if name.endswith("seconds"):
                found[f"{name}_words"] = seconds_in_words(int(found[name])) if found[name].isdecimal() else found[name]
            if name == "allowance":
                switch = allowances.allowance_of(facts)
                found["allowance_words"] = f"{switch.risk} {switch.needed_by}" if switch else ""
            if name == "days":
                is_number = found[name].removeprefix("-").isdecimal()
                found["days_words"] = days_in_words(int(found[name])) if is_number else found[name]
        return cls(values=found, is_test=is_test, zone=zone)

    def fill(self, text: str, **more: str) -> str:
        """The text with every name replaced."""
        return fill(text, _Values({**self.values, **more}))


def quotable(text: str, *, zone: tzinfo) -> str:
    """A fact as it is shown in a row: a moment in the reader's zone, everything else unchanged."""
    at = _read_moment(text, zone=zone)
    if at is None:
        return text
    name = "UTC" if zone is UTC else at.tzname() or ""
    return f"{_day(at)}, {at:%H:%M:%S} {name}".strip()


def placeholders(facts: Sequence[str], *, values: ConnectionValues) -> dict[str, Fact]:
    """What stands for these facts where there is no attempt: their names in brackets.

    A fact that is a value of the connection as well is left out, so that the value stands there.
    """
    return {fact: f"⟨{fact.replace('_', ' ')}⟩" for fact in facts if fact not in values.quoted()}


def seconds_in_words(seconds: int) -> str:
    """A span of time, as "45 s", "5 min 12 s", "2 h" or "3 days"."""
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min" + (f" {seconds % _MINUTE} s" if seconds % _MINUTE else "")
    if seconds < 2 * _DAY:
        minutes = seconds % _HOUR // _MINUTE
        return f"{seconds // _HOUR} h" + (f" {minutes} min" if minutes else "")
    return f"{seconds // _DAY} days"


def days_in_words(days: int) -> str:
    """From now to a day: "in 12 days", "today", "3 days ago"."""
    if days == 0:
        return "today"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {count}" if days > 0 else f"{count} ago"


def _reader_words(
    facts: Mapping[str, Fact], values: ConnectionValues, *, guide: Guide, person: str, is_test: bool
) -> dict[str, str]:
    email = facts.get("email")
    who = person or (email if isinstance(email, str) else "") or ("your own user" if is_test else "this person")
    form = values.name or _ANY_PROVIDER.get(guide.key, guide.name)
    nobody = f"Nobody can sign in with {values.name or guide.name}"
    if is_test and values.is_served_apart:
        nobody = "Sign-ins use the settings tested before. Nobody can sign in with the new ones"
    return {
        "person": who,
        "who_is": "you are" if is_test else f"{who} is",
        "finish_it": "Finish it in the other tab. The report opens there and here."
        if is_test
        else "It can be finished there, within 15 minutes.",
        "unchanged": "This test changed nothing." if is_test else "No account was changed.",
        "nobody": nobody,
        "settings": _SETTINGS,
        "our_form": f"{_SETTINGS} → {form}",
    }


def _sentence_part(name: str, fact: Fact, *, zone: tzinfo) -> str:
    text = fact if isinstance(fact, str) else _all_of(fact) if name == "expected" else ", ".join(fact)
    if name in _FIELDS:
        return FIELD_LABELS.get(text, text)
    if (name, text) in FACT_WORDS:
        return FACT_WORDS[name, text]
    at = _read_moment(text, zone=zone) if name in _DATES else None
    if at is not None:
        return _day(at)
    text = quotable(text, zone=zone)
    if not text:
        return "(empty)"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _all_of(names: Sequence[str]) -> str:
    """Everything that is wanted: "email, firstName and lastName"."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _read_moment(text: str, *, zone: tzinfo) -> datetime | None:
    # A fact may hold what an identity provider wrote, so a month 13 or the year 9999 must not break a page.
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(zone)
    except (ValueError, OverflowError):
        return None


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
