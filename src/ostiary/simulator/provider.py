"""One identity provider: its profile, its state, and the few things that portal and console both do with them."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment

from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import fingerprint, secret
from ostiary.kernel.randomness import Random
from ostiary.simulator.faults import NEW_KEY, Fault
from ostiary.simulator.keys import new_key
from ostiary.simulator.oidc.calls import Calls, OverTheNetwork
from ostiary.simulator.oidc.profile import OidcProfile
from ostiary.simulator.oidc.state import OidcState
from ostiary.simulator.profile import Profile, SamlProfile
from ostiary.simulator.state import App, Session, SigningKey, State, Store, User

SESSION_LASTS: Final = timedelta(hours=12)
ADMINISTRATOR: Final = ""
ADMINISTRATOR_PASSWORD: Final = "simulator"  # noqa: S105 - printed on the sign-in page of the console
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """What every handler is given."""

    profile: Profile
    base_url: str
    store: Store
    clock: Clock
    random: Random
    templates: Environment
    calls: Calls = field(default_factory=OverTheNetwork)

    @property
    def saml(self) -> SamlProfile:
        """How the vendor speaks SAML. Raises: `LookupError` where only OpenID Connect is simulated."""
        if self.profile.saml is None:
            raise LookupError(f"The simulated {self.profile.name} speaks no SAML.")
        return self.profile.saml

    @property
    def oidc(self) -> OidcProfile:
        """How the vendor speaks OpenID Connect. Raises: `LookupError` where only SAML is simulated."""
        if self.profile.oidc is None:
            raise LookupError(f"The simulated {self.profile.name} speaks no OpenID Connect.")
        return self.profile.oidc

    def issuer(self, app: App) -> str:
        """The entity ID that the application's answers bear."""
        return self.saml.paths.issuer.format(base=self.base_url, app_id=app.id)

    def sso_url(self, app: App) -> str:
        """Where requests for the application go."""
        slug = _NOT_IN_A_SLUG.sub("", app.name.lower()) or "app"
        return self.base_url + self.saml.paths.sso.format(app_id=app.id, slug=slug)

    def slo_url(self, app: App) -> str:
        """Where logout messages of the application go."""
        slug = _NOT_IN_A_SLUG.sub("", app.name.lower()) or "app"
        return self.base_url + self.saml.paths.slo.format(app_id=app.id, slug=slug)

    def metadata_url(self, app: App) -> str:
        """Where the metadata of the application stands."""
        return self.base_url + self.saml.paths.metadata.format(app_id=app.id)

    def cookie_name(self, kind: str) -> str:
        """The name of a cookie. Cookies ignore ports, so each simulator puts its own name and port into it."""
        port = urlsplit(self.base_url).port or 0
        return f"simulated_{self.profile.key}_{port}_{kind}"

    def sign_in(self, user_id: str) -> str:
        """A new session. Returns its token, for the cookie."""
        token, now = secret(self.random), self.clock.now()
        session = Session(user_id=user_id, signed_in_at=now, expires_at=now + SESSION_LASTS)
        self.store.change(lambda state: _with_session(state, key=fingerprint(token), session=session))
        return token

    def session(self, token: str | None) -> Session | None:
        """The session with that token, if it is still running."""
        session = self.store.read().sessions.get(fingerprint(token)) if token else None
        return session if session is not None and session.expires_at > self.clock.now() else None

    def sign_out(self, token: str | None) -> None:
        """End the session with that token."""
        key = fingerprint(token or "")
        self.store.change(
            lambda state: replace(state, sessions={name: one for name, one in state.sessions.items() if name != key})
        )

    def signed_in_user(self, session: Session | None) -> User | None:
        """The person of a session of the portal."""
        return None if session is None else self.store.read().users.get(session.user_id)

    def new_signing_key(self) -> SigningKey:
        """A key made now. Takes 30 to 100 ms."""
        return new_key(self.saml.certificate, random=self.random, now=self.clock.now())

    def new_app(self, name: str) -> App:
        """An application as the console makes it, with a key of its own. It is not stored yet."""
        kinds = self.saml.app
        algorithm = next(iter(kinds.signature_algorithms))
        return App(
            id=self._app_id(),
            name=name,
            name_id_format=kinds.default_name_id_format,
            user_name=kinds.default_user_name,
            signs_response=kinds.signs_response,
            signs_assertion=kinds.signs_assertion,
            signature_algorithm=algorithm,
            digest_algorithm=algorithm,
            first_key=self.new_signing_key(),
        )

    def set_fault(self, app_id: str, fault: Fault, *, on: bool) -> App:
        """Switch a fault on or off. Returns the application after it. Raises: `KeyError` if it is not there."""
        fresh = self.new_signing_key() if fault in NEW_KEY and on else None

        def change(state: State) -> State:
            app = state.apps[app_id]
            rest = tuple(one for one in app.faults if one is not fault)
            key = app.second_key or fresh
            return state.with_app(replace(app, faults=(*rest, fault) if on else rest, second_key=key))

        return self.store.change(change).apps[app_id]

    def change_oidc(self, how: Callable[[OidcState], OidcState]) -> OidcState:
        """What the OpenID Connect side remembers after the change."""
        return self.store.change(lambda state: replace(state, oidc=how(state.oidc))).oidc

    def new_token(self, count: int = 32) -> str:
        """That many random bytes as text for a URL."""
        return urlsafe_b64encode(self.random.token(count)).rstrip(b"=").decode("ascii")

    def new_id(self, prefix: str) -> str:
        """A new id of a person, a group or a role."""
        return prefix + self.random.token(6).hex()

    def _app_id(self) -> str:
        kinds = self.saml.app
        if kinds.id_length:
            return kinds.id_prefix + self.random.token(kinds.id_length).hex()[: kinds.id_length]
        text = self.random.token(16).hex()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _with_session(state: State, *, key: str, session: Session) -> State:
    running = {name: one for name, one in state.sessions.items() if _is_running(one, now=session.signed_in_at)}
    return replace(state, sessions={**running, key: session})


def _is_running(session: Session, *, now: datetime) -> bool:
    return session.expires_at > now
