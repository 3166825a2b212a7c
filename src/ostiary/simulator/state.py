"""What one simulated identity provider remembers: people, groups, applications, sessions. One JSON file, or memory."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ostiary.simulator.faults import Fault
from ostiary.simulator.oidc.state import OidcState, PersonClaims
from ostiary.simulator.profile import UserField


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person. The password is kept as it was typed: these people do not exist, and the pages print it."""

    id: str
    email: str
    first_name: str
    last_name: str
    password: str = field(repr=False)
    tenant: str = ""
    """Where the vendor has tenants. Empty: the first of them."""
    claims: PersonClaims = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    def value(self, source: UserField) -> str:
        """What an attribute with that source says about this person."""
        known: dict[UserField, str] = {
            "email": self.email,
            "email_prefix": self.email.partition("@")[0],
            "first_name": self.first_name,
            "last_name": self.last_name,
            "full_name": self.full_name,
        }
        return known[source]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group at Okta, a role at OneLogin."""

    id: str
    name: str
    members: tuple[str, ...] = ()
    """Ids of users."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute statement (Okta) or parameter (OneLogin)."""

    name: str
    value: str
    """By its name in the console, as `user.email` or `First Name`."""
    name_format: str
    included: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A person who has an application."""

    user_id: str
    user_name: str = ""
    """What the application calls this person instead of what its settings say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key, and two certificates of it: one that is valid for years, and one that expired the day before."""

    private_key_pem: str = field(repr=False)
    certificate_pem: str
    expired_certificate_pem: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture that an admin uploaded."""

    media_type: str
    base64: str


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One SAML application with all its settings. Choices are kept by their names in the console."""

    id: str
    name: str
    acs_url: str = ""
    acs_validator: str = ""
    recipient: str = ""
    """Empty: the ACS URL."""
    destination: str = ""
    """Empty: the ACS URL."""
    audience: str = ""
    relay_state: str = ""
    """What a login from the portal brings along."""
    name_id_format: str
    user_name: str
    attributes: tuple[Attribute, ...] = ()
    signs_response: bool
    signs_assertion: bool
    signature_algorithm: str
    digest_algorithm: str
    people: tuple[Assignment, ...] = ()
    groups: tuple[str, ...] = ()
    slo_url: str = ""
    """The application's Single Logout URL. Empty: it takes no part in single logout."""
    sp_issuer: str = ""
    """What its logout messages have to say that they come from, where the vendor asks for it."""
    sp_certificate: str = ""
    """In PEM: whose key signs its logout messages."""
    encrypts_assertion: bool = False
    encryption_certificate: str = ""
    """In PEM: to whose key assertions are encrypted."""
    encryption_algorithm: str = ""
    """Empty: the first that the console offers."""
    key_transport: str = ""
    """Empty: the first that the console offers."""
    first_key: SigningKey
    second_key: SigningKey | None = None
    spare_key: SigningKey | None = None
    """Made in the console and not active; once it is, the one that was active before."""
    faults: tuple[Fault, ...] = ()
    logo: Logo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """An application that somebody has opened in a session, and the names by which it knows them."""

    app_id: str
    name_id: str
    name_id_format: str
    session_index: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Someone signed in at this identity provider."""

    user_id: str
    """Empty: the administrator."""
    signed_in_at: datetime
    expires_at: datetime
    participants: tuple[Participant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiator:
    """The application that asked for a logout, and is told how it ended."""

    app_id: str
    request_id: str
    relay_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutUnderWay:
    """Who is still to be asked, and what the others said."""

    left: tuple[Participant, ...]
    initiator: Initiator | None = None
    """None: it began in the portal."""
    waiting_for: str = ""
    """The request that an application is to answer now."""
    results: tuple[tuple[str, str], ...] = ()
    """Applications by their names, and whether they have signed the person out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything, as one value. The mappings are by id, the sessions by the fingerprint of their token."""

    users: Mapping[str, User] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    apps: Mapping[str, App] = field(default_factory=dict)
    drafts: Mapping[str, App] = field(default_factory=dict)
    """Applications in the making, and changes that are not finished."""
    sessions: Mapping[str, Session] = field(default_factory=dict)
    logouts: Mapping[str, LogoutUnderWay] = field(default_factory=dict)
    oidc: OidcState = field(default_factory=OidcState)

    def user_by_email(self, email: str) -> User | None:
        """The person with that address, in whatever letter case."""
        wanted = email.strip().lower()
        return next((user for user in self.users.values() if user.email.lower() == wanted), None)

    def assignment(self, app: App, user: User) -> Assignment | None:
        """How the person has the application: by themselves, or by a group. None: not at all."""
        own = next((one for one in app.people if one.user_id == user.id), None)
        if own is not None:
            return own
        groups = (self.groups[group] for group in app.groups if group in self.groups)
        return Assignment(user_id=user.id) if any(user.id in group.members for group in groups) else None

    def with_user(self, user: User) -> "State":
        """The same, and this person."""
        return replace(self, users={**self.users, user.id: user})

    def with_group(self, group: Group) -> "State":
        """The same, and this group."""
        return replace(self, groups={**self.groups, group.id: group})

    def with_app(self, app: App) -> "State":
        """The same, and this application."""
        return replace(self, apps={**self.apps, app.id: app})

    def with_logout(self, logout_id: str, under_way: LogoutUnderWay | None) -> "State":
        """The same, and this logout as it stands now; without it where it is over."""
        others = {key: one for key, one in self.logouts.items() if key != logout_id}
        return replace(self, logouts=others if under_way is None else {**others, logout_id: under_way})

    def with_draft(self, app: App) -> "State":
        """The same, and this draft."""
        return replace(self, drafts={**self.drafts, app.id: app})

    def without_draft(self, app_id: str) -> "State":
        """The same, without the draft of that application."""
        return replace(self, drafts={key: app for key, app in self.drafts.items() if key != app_id})


_STATE = TypeAdapter(State)


class Store:
    """Holds the state; writes the file whole, or not at all."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._state = _read(path) if path is not None and path.exists() else State()

    def read(self) -> State:
        """The state at this moment."""
        return self._state

    def change(self, how: Callable[[State], State]) -> State:
        """The state after the change, which is on disk when this returns."""
        with self._lock:
            changed = how(self._state)
            if self._path is not None:
                _write(self._path, changed)
            self._state = changed
            return changed


def _read(path: Path) -> State:
    try:
        return _STATE.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{path} is not the state of a simulator of this version. Delete it to begin anew.") from error


def _write(path: Path, state: State) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    text = json.dumps(_STATE.dump_python(state, mode="json"), indent=1, ensure_ascii=False)
    # It holds private keys, of people who don't exist; nobody else on the machine needs to read them all the same.
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
