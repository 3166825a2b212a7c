"""The face: one simulated identity provider as an ASGI application, and what a demo or a test arranges beforehand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from ostiary.kernel.clock import Clock
from ostiary.kernel.randomness import Random
from ostiary.simulator.console import to_console_sign_in
from ostiary.simulator.faults import Fault
from ostiary.simulator.oidc.apps import OidcSide
from ostiary.simulator.oidc.calls import Calls, OverTheNetwork
from ostiary.simulator.pages import templates
from ostiary.simulator.profile import load
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import route
from ostiary.simulator.routes import pages_of
from ostiary.simulator.state import App, Assignment, Attribute, Group, State, Store, User

_AppChange: TypeAlias = Callable[[App], App]
AttributeNames: TypeAlias = tuple[str, str, str]
"""What the application calls email, first name and last name."""

_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlApp:
    """An application as a service provider's admin needs it."""

    id: str
    sso_url: str
    issuer: str
    certificate_pem: str
    """The certificate of the key that the application was made with."""
    expired_certificate_pem: str
    """The same key in a certificate that expired a day before the application was made."""
    metadata_url: str
    slo_url: str
    """Where its logout messages go."""


class Simulator:
    """One identity provider. Without `state_path` it forgets everything when the process ends."""

    def __init__(
        self,
        *,
        profile: str,
        base_url: str,
        state_path: Path | None,
        clock: Clock,
        random: Random,
        calls: Calls | None = None,
    ) -> None:
        self._idp = IdentityProvider(
            profile=load(profile),
            base_url=base_url.rstrip("/"),
            store=Store(state_path),
            clock=clock,
            random=random,
            templates=templates(),
            calls=calls or OverTheNetwork(),
        )
        self.oidc = OidcSide(self._idp)
        """The OpenID Connect applications, where the vendor has any."""
        self.app = Starlette(routes=_routes(self._idp))
        """The ASGI application."""

    @property
    def name(self) -> str:
        """The vendor's name."""
        return self._idp.profile.name

    @property
    def base_url(self) -> str:
        """Where the portal stands; the console is at `/admin` under it, the faults at `/faults`."""
        return self._idp.base_url

    @property
    def is_new(self) -> bool:
        """Whether nobody and nothing has been added yet."""
        state = self._idp.store.read()
        return not state.users and not state.apps and not state.oidc.clients

    def add_user(
        self,
        email: str,
        *,
        first_name: str,
        last_name: str,
        password: str,
        groups: Iterable[str] = (),
        tenant: str = "",
    ) -> User:
        """A person, in groups (Okta) or roles (OneLogin) by name; what is missing is made. No tenant: the first one.

        Returns: the person who has that address already, unchanged, or the new one.
        """
        known = self._idp.store.read().user_by_email(email)
        if known is not None:
            return known
        user = User(
            id=self._idp.new_id("u"),
            email=email,
            first_name=first_name,
            last_name=last_name,
            password=password,
            tenant=tenant,
        )
        self._idp.store.change(lambda state: state.with_user(user))
        for group in groups:
            self._join(group, user=user)
        return user

    def add_saml_app(
        self,
        display_name: str,
        *,
        acs_url: str,
        audience: str,
        attributes: AttributeNames = ("email", "firstName", "lastName"),
        acs_validator: str = "",
        name_id_format: str = "",
    ) -> SamlApp:
        """An application, set up as the guides say. Returns: the one of that name, unchanged, if there is one."""
        named = (app for app in self._idp.store.read().apps.values() if app.name == display_name)
        app = next(named, None) or self._store_new_app(
            replace(
                self._idp.new_app(display_name),
                acs_url=acs_url,
                audience=audience,
                acs_validator=acs_validator or acs_url.replace(".", r"\.").replace("/", r"\/"),
                attributes=self._standard_attributes(attributes),
                name_id_format=name_id_format or self._email_format(),
            )
        )
        return self.saml_app(app.id)

    def saml_app(self, app_id: str) -> SamlApp:
        """What is known of an application. Raises: `KeyError` when there is none."""
        app = self._idp.store.read().apps[app_id]
        return SamlApp(
            id=app.id,
            sso_url=self._idp.sso_url(app),
            issuer=self._idp.issuer(app),
            certificate_pem=app.first_key.certificate_pem,
            expired_certificate_pem=app.first_key.expired_certificate_pem,
            metadata_url=self._idp.metadata_url(app),
            slo_url=self._idp.slo_url(app),
        )

    def saml_apps(self) -> Sequence[tuple[str, SamlApp]]:
        """Every application with its name, those that were made in the console too."""
        return [(app.name, self.saml_app(app.id)) for app in self._idp.store.read().apps.values()]

    def assign(self, app: SamlApp, user: User) -> None:
        """Give the person the application."""
        self._change_app(app, lambda one: replace(one, people=(*_others(one, user), Assignment(user_id=user.id))))

    def unassign(self, app: SamlApp, user: User) -> None:
        """Take the application from the person, if they have it by themselves and not by a group."""
        self._change_app(app, lambda one: replace(one, people=_others(one, user)))

    def set_fault(self, app: SamlApp, fault: Fault, *, on: bool = True) -> None:
        """Switch a fault of the application on or off."""
        self._idp.set_fault(app.id, fault, on=on)

    def set_single_logout(self, app: SamlApp, *, slo_url: str, issuer: str, certificate_pem: str) -> None:
        """Let the application take part in single logout."""
        self._change_app(
            app, lambda one: replace(one, slo_url=slo_url, sp_issuer=issuer, sp_certificate=certificate_pem)
        )

    def _store_new_app(self, app: App) -> App:
        self._idp.store.change(lambda state: state.with_app(app))
        return app

    def _change_app(self, app: SamlApp, how: _AppChange) -> None:
        self._idp.store.change(lambda state: state.with_app(how(state.apps[app.id])))

    def _standard_attributes(self, names: AttributeNames) -> tuple[Attribute, ...]:
        kinds = self._idp.saml.app
        name_format = next(iter(kinds.attribute_formats))
        wanted = dict(zip(("email", "first_name", "last_name"), names, strict=True))
        values = {source: value for value, source in reversed(list(kinds.attribute_values.items()))}
        return tuple(
            Attribute(name=name, value=values[source], name_format=name_format)
            for source, name in wanted.items()
            if source in values
        )

    def _email_format(self) -> str:
        formats = self._idp.saml.app.name_id_formats
        return next(name for name, urn in formats.items() if urn.endswith(":emailAddress"))

    def _join(self, name: str, *, user: User) -> None:
        def change(state: State) -> State:
            known = next((group for group in state.groups.values() if group.name == name), None)
            group = known or Group(id=self._idp.new_id("g"), name=name)
            return state.with_group(replace(group, members=(*group.members, user.id)))

        self._idp.store.change(change)


def _others(app: App, user: User) -> tuple[Assignment, ...]:
    return tuple(one for one in app.people if one.user_id != user.id)


def _routes(idp: IdentityProvider) -> list[BaseRoute]:
    pages: list[BaseRoute] = [route(page, idp=idp, to_sign_in=to_console_sign_in) for page in pages_of(idp.profile)]
    return [*pages, Mount("/static", StaticFiles(directory=_PACKAGE / "static"))]
