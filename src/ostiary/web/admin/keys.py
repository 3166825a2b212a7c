"""Our own keys of a connection: what the identity provider is given, and how another takes the place of one."""

from textwrap import wrap
from typing import Protocol

from ostiary.domain.connection import Protocol as Speaks
from ostiary.domain.connection import SamlSettings, urls
from ostiary.domain.connection_key import KeyRole
from ostiary.domain.errors import ConnectionUnknown, KeyStepMissed, PageUnknown
from ostiary.domain.openid.settings import Authentication, OidcSettings
from ostiary.guides import guide
from ostiary.kernel.ids import ConnectionId, OrganizationId
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.saml.keys import KeyInRole
from ostiary.services.saml.rotation import KeysView
from ostiary.web.admin.messages import message_of
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Document, Page, SeeOther

_PEM = "application/x-pem-file"
_PEM_LINE = 64


class Step(Protocol):
    """One step of changing a key."""

    def __call__(self, connection_id: ConnectionId, *, organization_id: OrganizationId, actor: Actor) -> None:
        """Take it."""
        ...


def keys(incoming: Incoming, services: Services) -> Answer:
    """The page of a connection's keys."""
    values = _values(incoming, services)
    return Page(template="admin/openid/keys.html" if values["is_openid"] else "admin/keys.html", values=values)


def certificate(incoming: Incoming, services: Services) -> Answer:
    """A certificate to be uploaded at a provider that reads no metadata."""
    view = _view(incoming, services)
    name = incoming.path_parameters["role"]
    key = view.in_role(KeyRole(name)) if name in set(KeyRole) else None
    if key is None:
        raise PageUnknown
    file_name = f"{view.connection.id}-{name}.pem"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return Document(body=pem(key).encode("ascii"), media_type=_PEM, headers=headers)


def prepare(incoming: Incoming, services: Services) -> Answer:
    """Makes the next key."""
    return _step(services.key_rotation.prepare, incoming, done="key-prepared")


def switch(incoming: Incoming, services: Services) -> Answer:
    """The next key signs from now on."""
    return _step(services.key_rotation.switch, incoming, done="key-switched")


def remove_page(incoming: Incoming, services: Services) -> Answer:
    """Asks before the previous key is removed."""
    values = _values(incoming, services)
    return Page(template="admin/remove_key.html", values=values) if values["previous"] else _back(incoming)


def remove(incoming: Incoming, services: Services) -> Answer:
    """Removes the previous key for ever."""
    return _step(services.key_rotation.remove, incoming, done="key-removed")


def _step(take: Step, incoming: Incoming, *, done: str) -> SeeOther:
    """Take this step; where somebody was faster, the page says so and shows how the keys stand."""
    try:
        take(_id(incoming), organization_id=_organization(incoming), actor=actor_of(incoming))
    except KeyStepMissed:
        return _back(incoming, done="key-step-missed")
    return _back(incoming, done=done)


def pem(key: KeyInRole) -> str:
    """The certificate as text, as consoles take it."""
    lines = "\n".join(wrap(key.key.certificate.base64, _PEM_LINE))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def _values(incoming: Incoming, services: Services) -> dict[str, object]:
    view = _view(incoming, services)
    of_provider = guide(view.connection.provider, protocol=view.connection.protocol)
    if of_provider is None:
        raise ConnectionUnknown
    known = [each.settings for each in (view.connection.latest, view.connection.serving) if each is not None]
    return {
        "connection": view.connection,
        "guide": of_provider,
        "urls": urls(services.settings.public_url, view.connection.id),
        "keys": [(each, pem(each)) for each in view.keys],
        "next": view.in_role(KeyRole.NEXT),
        "previous": view.in_role(KeyRole.PREVIOUS),
        "signs_requests": any(isinstance(each, SamlSettings) and each.signs_requests for each in known),
        "wants_encryption": any(each.wants_encryption for each in known),
        "is_openid": view.connection.protocol is Speaks.OIDC,
        "is_used": any(_is_proven_with(each) for each in known),
        "message": message_of(incoming),
    }


def _is_proven_with(settings: SamlSettings | OidcSettings) -> bool:
    """Whether we prove ourselves at an OpenID Connect provider by these keys."""
    return isinstance(settings, OidcSettings) and settings.authentication is Authentication.PRIVATE_KEY_JWT


def _view(incoming: Incoming, services: Services) -> KeysView:
    return services.key_rotation.view(_id(incoming), organization_id=_organization(incoming))


def _back(incoming: Incoming, *, done: str = "") -> SeeOther:
    path = f"/settings/security/connections/{_id(incoming)}/keys"
    return SeeOther(location=f"{path}?done={done}" if done else path)


def _organization(incoming: Incoming) -> OrganizationId:
    return incoming.signed_in.organization.id


def _id(incoming: Incoming) -> ConnectionId:
    return ConnectionId(incoming.path_parameters["connection_id"])
