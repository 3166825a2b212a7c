"""How a vendor's console shows an OpenID Connect application: its pages, fields and labels. Table `[oidc.console]`."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as filled
from typing import Literal

FieldName = Literal[
    "name",
    "client_id",
    "new_client_id",
    "secrets",
    "issuer",
    "tenant",
    "discovery_url",
    "redirect_uris",
    "post_logout_redirect_uris",
    "initiate_login_uri",
    "backchannel_logout_uri",
    "auth_method",
    "confidential",
    "jwks_uri",
    "jwks",
    "requires_pkce",
    "requires_pushed",
    "asks_consent",
    "access",
    "is_multi_tenant",
    "groups_claim",
    "optional_claims",
    "signing_algorithm",
    "encryption_algorithm",
    "encryption_content",
    "people",
    "groups",
    "fixed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleField:
    """One field by its label."""

    field: FieldName
    label: str
    help: str = ""
    required: bool = False
    choices: Mapping[str, str] = filled(default_factory=dict)
    """What can be chosen, by its label; a fixed field shows the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleForm:
    """One page of fields: a tab of an application, or a step on the way to a new one."""

    label: str
    slug: str = ""
    button: str = "Save"
    fields: tuple[ConsoleField, ...]

    @property
    def is_saved(self) -> bool:
        """Whether there is anything to save."""
        shown = {"client_id", "secrets", "issuer", "tenant", "discovery_url", "fixed"}
        return any(one.field not in shown for one in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretWords:
    """How client secrets are made."""

    add: str
    shown_once: bool = False
    replaces: bool = False
    description: str = ""
    """The label of a description; empty: there is none."""
    months: int = 0
    """After which a new one expires where nothing is chosen; 0: never."""
    choices: Mapping[str, int] = filled(default_factory=dict)
    """How many months it may last, by the label; empty: that can't be chosen."""
    most: int = 2

    @property
    def preset(self) -> str:
        """The label of what is chosen at first."""
        return next((label for label, months in self.choices.items() if months == self.months), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleWords:
    """The pages of one console."""

    title: str
    add: str
    new_title: str
    kind: str
    """What an application is called in lists."""
    steps: tuple[ConsoleForm, ...]
    tabs: tuple[ConsoleForm, ...]
    secrets: SecretWords
    endpoints: ConsoleForm | None = None
    """The page of the provider's own addresses; None where every application shows them."""
