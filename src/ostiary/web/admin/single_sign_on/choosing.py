"""Before there is a connection: which protocol, which provider, and the guide of one to read."""

from dataclasses import dataclass, replace
from typing import Final

from ostiary.domain.connection import Protocol
from ostiary.domain.errors import ConnectionUnknown
from ostiary.guides import Guide, guide, guides
from ostiary.guides.guide import GuideStep, StepItem
from ostiary.services import Services
from ostiary.web.admin.quoted import values_of
from ostiary.web.admin.single_sign_on.rows import LISTED, OWN_GOOGLE, PROTOCOLS, guide_path, name_of, protocols_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Page

OTHER: Final = "other"
"""A provider without a guide of its own: the general one of either protocol."""
_GENERAL: Final = {Protocol.OIDC: "oidc", Protocol.SAML: "saml"}
_WANTS: Final = {
    Protocol.OIDC: "Client ID, Client Secret and Discovery URL to copy",
    Protocol.SAML: "SSO URL, Issuer and certificate to copy, or metadata",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to connect a provider: what its button says, and what it sends."""

    tile: str
    title: str
    says: str
    provider: str
    protocol: str
    """Empty: the one press that Google takes."""
    guide_href: str = ""
    is_offered: bool = True


def choose(incoming: Incoming, services: Services) -> Answer:
    """Enable SSO: first which protocol, then which provider; or for one provider, which protocol."""
    provider, protocol = incoming.query.optional("provider"), incoming.query.optional("protocol")
    known = next((each for each in Protocol if each.value == protocol), None)
    *listed, any_other = guides(protocol=known or Protocol.SAML)
    is_one = provider in LISTED or provider == OTHER
    return Page(
        template="admin/new_connection.html",
        values={
            "protocol": known.value if known else "",
            "protocol_name": PROTOCOLS[known] if known else "",
            "guides": listed,
            "any_other": any_other,
            "ways": _ways(provider, services) if is_one else (),
            "named": "Another provider" if provider == OTHER else name_of(provider) if is_one else "",
            "is_google": provider == "google",
            "support_contact": services.settings.support_contact,
            "overview": services.connections.overview(incoming.signed_in.organization),
        },
    )


def read_guide(incoming: Incoming, services: Services) -> Answer:
    """The guide of a provider, to read before anything is made. Raises: `ConnectionUnknown`."""
    provider, protocol = incoming.query.optional("provider"), incoming.query.optional("protocol")
    known = next((each for each in Protocol if each.value == protocol), Protocol.OIDC)
    found = guide(provider, protocol=known)
    if found is None:
        raise ConnectionUnknown
    quotes = {**found.values(), **values_of(None, incoming, services).quoted(), "our_form": "this page"}
    others = [each for each in protocols_of(provider) if each is not known]
    return Page(
        template="admin/single_sign_on/guide.html",
        values={
            "guide": _to_read(found.filled(quotes)),
            "protocol": known.value,
            "protocol_name": PROTOCOLS[known],
            "others": [(PROTOCOLS[each], guide_path(provider, each)) for each in others],
            # One press is all that Google takes, where the operator has a client there.
            "sends_protocol": not (provider == "google" and known is Protocol.OIDC),
            "overview": services.connections.overview(incoming.signed_in.organization),
        },
    )


def _ways(provider: str, services: Services) -> tuple[Way, ...]:
    if provider == OTHER:
        return tuple(_way(key, protocol, title=PROTOCOLS[protocol]) for protocol, key in _GENERAL.items())
    if provider != "google":
        return tuple(_way(provider, protocol, title=PROTOCOLS[protocol]) for protocol in protocols_of(provider))
    one_press = Way(
        tile="Go",
        title="Google",
        says="Nothing has to be put in at either side",
        provider="google",
        protocol="",
        guide_href=guide_path("google", Protocol.OIDC),
        is_offered=services.google.is_offered,
    )
    return (
        one_press,
        replace(
            _way(OWN_GOOGLE, Protocol.OIDC, title="Google, with a client of your own"),
            says="From your Google Cloud console: Client ID and Client Secret to copy",
        ),
        _way("google", Protocol.SAML, title="SAML 2.0, as an app of Google Workspace"),
    )


def _way(provider: str, protocol: Protocol, *, title: str) -> Way:
    known = guide(provider, protocol=protocol)
    return Way(
        tile=known.tile if known else "",
        title=title,
        says=_WANTS[protocol],
        provider=provider,
        protocol=protocol.value,
        guide_href=guide_path(provider, protocol),
    )


def _to_read(found: Guide) -> Guide:
    """The guide with nothing to copy: our values are made with the connection."""
    return replace(found, steps=tuple(_step(each) for each in found.steps))


def _step(step: GuideStep) -> GuideStep:
    return replace(step, items=tuple(_item(item) for item in step.items))


def _item(item: StepItem) -> StepItem:
    if item.table is None:
        return item
    rows = tuple(replace(row, copies=None) for row in item.table.rows)
    return replace(item, table=replace(item.table, rows=rows))
