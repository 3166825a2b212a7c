"""The one list of toggles: every provider that has a guide, and every connection, whatever it speaks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from ostiary.domain.connection import Connection, Protocol, State
from ostiary.domain.enforcement.policy import SignInPolicy
from ostiary.domain.errors import AllowanceOn, CertificateExpiresSoon
from ostiary.domain.openid.form_errors import EmailNotAsked, ProviderVouches, SecretExpiresSoon
from ostiary.guides import KEYS, OPENID_KEYS, guide
from ostiary.kernel.errors import Finding
from ostiary.problems.allowances import ACCEPTS
from ostiary.services.connections import ConnectionView, Overview
from ostiary.web.admin.places import CONNECTIONS, PATH, connection_path

LISTED: Final = ("google", "okta", "onelogin", "entra", "keycloak", "auth0", "jumpcloud", "ping", "adfs")
"""Every provider that has a guide of its own, in the order of the brief's page, then by how often they are met."""
OWN_GOOGLE: Final = "google_own"
"""Google by a client of the customer's: a guide of its own, and a connection of Google all the same."""
CALLED: Final = {"entra": "Microsoft Entra ID (Azure)"}
PROTOCOLS: Final = {Protocol.OIDC: "OpenID Connect", Protocol.SAML: "SAML 2.0"}
GUIDE: Final = f"{PATH}/guide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Toggle:
    """A switch: where it leads or what it does, or why it does nothing yet."""

    action: str = ""
    is_on: bool = False
    only_leads: bool = False
    """Whether a press opens a page and changes nothing by itself."""
    fields: Mapping[str, str] = field(default_factory=dict)
    not_yet: str = ""
    """The id of the element that says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A provider, or one of its connections."""

    id: str
    name: str
    tile: str
    protocol: str
    guide_href: str
    state: str
    says: str
    enable: Toggle
    enforce: Toggle
    action: str
    href: str
    discard: str = ""
    """Where a set-up that was begun and never saved is thrown away; empty for everything else."""


def rows_of(seen: Overview, *, product: str, has_google: bool) -> tuple[Row, ...]:
    """The list. `has_google`: whether the operator has a client there, so that a press is all it takes."""
    by_provider: dict[str, list[ConnectionView]] = {}
    for view in seen.connections:
        provider = view.connection.provider
        by_provider.setdefault("google" if provider == OWN_GOOGLE else provider, []).append(view)
    missing = "" if seen.includes_sso else "plan-state"
    rows: list[Row] = []
    for key in LISTED:
        connected = [_connected(view, seen.policy) for view in by_provider.pop(key, ())]
        rows += connected or [_not_connected(key, product=product, has_google=has_google, missing=missing)]
    return (*rows, *(_connected(view, seen.policy) for others in by_provider.values() for view in others))


def protocols_of(provider: str) -> tuple[Protocol, ...]:
    """What we have a guide for with this provider; OpenID Connect first, as the switches begin it."""
    known = ((Protocol.OIDC, OPENID_KEYS), (Protocol.SAML, KEYS))
    return tuple(protocol for protocol, keys in known if provider in keys)


def name_of(provider: str) -> str:
    """What the list calls a provider without a connection."""
    known = guide(provider, protocol=protocols_of(provider)[0])
    return CALLED.get(provider) or (known.name_at_start if known else provider)


def guide_path(provider: str, protocol: Protocol) -> str:
    """Where the guide of a provider can be read before anything is made."""
    return f"{GUIDE}?{urlencode({'provider': provider, 'protocol': protocol.value})}"


def _connected(view: ConnectionView, policy: SignInPolicy) -> Row:
    connection = view.connection
    own = connection_path(connection.id)
    state_id = f"state-{connection.id}"
    needs_attention = bool(view.findings) and connection.is_enabled
    is_set_up = connection.latest is not None
    switch = Toggle(action=f"{own}/switch", is_on=connection.is_enabled)
    return Row(
        id=connection.id,
        name=view.name if connection.name else CALLED.get(connection.provider, view.name),
        tile=view.guide.tile,
        protocol=PROTOCOLS[connection.protocol],
        guide_href=f"{own}#guide",
        state="needs_attention" if needs_attention else state_of(connection, policy),
        says=_attention(view, policy) if needs_attention else _says(view, policy),
        enable=switch if connection.serving else Toggle(action=own, only_leads=True),
        enforce=_enforce(connection) if connection.is_enabled else Toggle(not_yet=state_id),
        action="Open" if is_set_up else "Set up",
        href=own,
        discard="" if is_set_up else f"{own}/discard",
    )


def _not_connected(key: str, *, product: str, has_google: bool, missing: str) -> Row:
    protocols = protocols_of(key)
    known = guide(key, protocol=protocols[0])
    row_id = f"new-{key}"
    begin = Toggle(action=CONNECTIONS, fields={"provider": key}, not_yet=missing)
    says = "Needs a passed test first"
    if key == "google":
        says = "Nothing has to be put in. Needs a passed test first"
        if not has_google:
            says = f"{product} has no Google client yet: its operator sets OSTIARY_GOOGLE_CLIENT_ID and its secret"
    return Row(
        id=row_id,
        name=name_of(key),
        tile=known.tile if known else "",
        protocol=" or ".join(PROTOCOLS[protocol] for protocol in protocols),
        guide_href=guide_path(key, protocols[0]),
        state=State.NOT_SET_UP.value,
        says=says,
        enable=begin,
        enforce=Toggle(not_yet=f"state-{row_id}"),
        action="Set up",
        href=f"{PATH}/new?{urlencode({'provider': key})}",
    )


def _enforce(connection: Connection) -> Toggle:
    """Beginning it leads to its page; one click takes it back."""
    own = connection_path(connection.id)
    if connection.is_enforced:
        return Toggle(action=f"{own}/enforce/stop", is_on=True)
    return Toggle(action=f"{own}/enforce", only_leads=True)


def state_of(connection: Connection, policy: SignInPolicy) -> str:
    """The state in one word, for its glyph."""
    return "enforced" if connection.is_enforced and policy.is_in_force else connection.state.value


def enforcement_says(connection: Connection, policy: SignInPolicy) -> str:
    """What enforcing means for this connection; empty where nothing is enforced."""
    if policy.begins_at is None or not connection.is_enabled:
        return ""
    if policy.is_in_force:
        return "Required at sign-in" if connection.is_enforced else "Refused: another connection is enforced"
    day = f"{policy.begins_at.day} {policy.begins_at:%B %Y}"
    return f"Enforced from {day}" if connection.is_enforced else f"Refused from {day}: another one is enforced then"


def _says(view: ConnectionView, policy: SignInPolicy) -> str:
    connection = view.connection
    told = enforcement_says(connection, policy)
    match connection.state:
        case State.NOT_SET_UP:
            wanted = "Client ID, Client Secret and Discovery URL"
            if connection.protocol is Protocol.SAML:
                wanted = "SSO URL, Issuer and certificate"
            return f"Begun. Next: copy {wanted} from {view.guide.name}"
        case State.UNTESTED:
            return "Saved. Needs a passed test first"
        case State.TESTED:
            return "Turned off. The test has passed"
        case State.ENABLED if connection.has_untested_changes:
            return f"{told}. Newer settings wait for their test" if told else "Newer settings wait for their test"
        case State.ENABLED:
            return told or "Offered at sign-in"


def _attention(view: ConnectionView, policy: SignInPolicy) -> str:
    """What of an enabled connection is to be looked at, in one line: a certificate, and what it puts up with."""
    begins = f"{enforcement_says(view.connection, policy) or 'Enabled'}."
    return " ".join((begins, *_attentions(view)))


_OPENID: Final[Mapping[type[Finding], str]] = {
    SecretExpiresSoon: "Its client secret ends soon or has ended; nobody signs in without one.",
    ProviderVouches: "Its provider counts as authoritative for your verified domains.",
    EmailNotAsked: "Its scopes ask for no email address.",
}


def _attentions(view: ConnectionView) -> Iterator[str]:
    if any(isinstance(finding, CertificateExpiresSoon) for finding in view.findings):
        yield "Its signing certificate expires soon or has expired; sign-ins go on."
    for finding in view.findings:
        if type(finding) in _OPENID:
            yield _OPENID[type(finding)]
    allowed = [finding for finding in view.findings if isinstance(finding, AllowanceOn)]
    if allowed:
        first = ACCEPTS["allowance", allowed[0].allowance]
        more = f" and {len(allowed) - 1} more" if len(allowed) > 1 else ""
        yield f"This connection accepts {first}{more}."
