"""What one identity provider calls things, and the numbered steps that lead an admin through its console."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ostiary.domain.connection import AttributeNames, Binding, Protocol, Tile
from ostiary.guides.openid_preset import OpenIdPreset
from ostiary.guides.rich_text import RichText, fill, rich


class Recipe(StrEnum):
    """A change in the provider's console that explanations ask for. Every guide says how it is done there."""

    SET_AUDIENCE = "set_audience"
    SET_ACS = "set_acs"
    COPY_ISSUER = "copy_issuer"
    COPY_SSO_URL = "copy_sso_url"
    COPY_CERTIFICATE = "copy_certificate"
    SEND_EMAIL = "send_email"
    SEND_NAMES = "send_names"
    RENAME_ATTRIBUTE = "rename_attribute"
    SET_NAME_ID = "set_name_id"
    ASSIGN = "assign"
    SIGN = "sign"
    SIGN_SHA256 = "sign_sha256"
    SIGN_EXCLUSIVE = "sign_exclusive"
    NEW_CERTIFICATE = "new_certificate"
    SEND_PLAIN = "send_plain"
    SET_ENCRYPTION = "set_encryption"
    GIVE_ENCRYPTION_CERTIFICATE = "give_encryption_certificate"
    TRUST_REQUESTS = "trust_requests"
    SET_LOGOUT = "set_logout"
    SEND_FEWER_GROUPS = "send_fewer_groups"
    GET_METADATA = "get_metadata"
    READ_LOG = "read_log"
    SET_CLOCK = "set_clock"
    SIGN_IN_AGAIN = "sign_in_again"
    # Those that follow are asked for with OpenID Connect alone.
    SET_REDIRECT_URI = "set_redirect_uri"
    COPY_DISCOVERY_URL = "copy_discovery_url"
    COPY_CLIENT_ID = "copy_client_id"
    NEW_SECRET = "new_secret"  # noqa: S105 - a name
    SET_TOKEN_AUTHENTICATION = "set_token_authentication"  # noqa: S105 - a name
    ALLOW_CODE_FLOW = "allow_code_flow"
    ALLOW_SCOPES = "allow_scopes"
    GIVE_CONSENT = "give_consent"
    SEND_CLAIMS = "send_claims"
    SIGN_RS256 = "sign_rs256"
    NEW_SIGNING_KEY = "new_signing_key"
    SET_INITIATE_LOGIN = "set_initiate_login"
    SET_SIGNED_OUT = "set_signed_out"
    ASK_SECOND_FACTOR = "ask_second_factor"
    SET_HTTPS = "set_https"


class Field(StrEnum):
    """A place in the provider's console that explanations name. Every guide says where it stands."""

    AUDIENCE = "audience"
    ACS = "acs"
    SSO_URL = "sso_url"
    ISSUER = "issuer"
    CERTIFICATE = "certificate"
    NAME_ID = "name_id"
    ATTRIBUTES = "attributes"
    ASSIGNMENT = "assignment"
    SIGNATURE = "signature"
    ENCRYPTION = "encryption"
    REQUESTS = "requests"
    """Where the provider is told to check the signature of our requests, and takes our certificate for it."""
    LOGOUT = "logout"
    SIGNED_OUT = "signed_out"
    """Where the provider takes the addresses to which it may send people after signing out."""
    METADATA = "metadata"
    CLIENT_ID = "client_id"
    CLIENT_SECRET = "client_secret"  # noqa: S105 - a name
    DISCOVERY_URL = "discovery_url"
    REDIRECT_URI = "redirect_uri"
    SCOPES = "scopes"
    TOKEN_AUTHENTICATION = "token_authentication"  # noqa: S105 - a name
    INITIATE_LOGIN = "initiate_login"
    GROUPS = "groups"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleField:
    """A field or a screen of the provider's console."""

    name: str
    path: str
    """From the first menu to the field, with arrows; `{product}` stands for the name of the app there. Only the name
    where nobody has seen that console: half a path leads astray."""
    also_called: tuple[str, ...] = ()
    """What newer or older versions of the console call it. The brief's label is `name` (decision 20)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One line of a table of a step: what to put into a field."""

    field: RichText
    value: RichText
    copies: str | None
    """What to copy; None where there is nothing. In the file the name of a value of ours (acs_url, entity_id,
    acs_url_validator…), in a filled guide the value itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a step, with its two heads."""

    heads: tuple[str, str]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepItem:
    """One numbered thing to do, with what belongs under it."""

    text: RichText
    table: Table | None
    bullets: tuple[RichText, ...]
    is_ours: bool
    """Whether the line is our addition: the page that the customer may compare with does not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideStep:
    """A step of the guide, as "Step 2: Create a SAML App Integration in Okta"."""

    key: str
    number: int
    title: RichText
    items: tuple[StepItem, ...]
    notes: tuple[RichText, ...]
    is_ours: bool = False
    """Whether the whole step is our addition: the page that the customer may compare with leads to it, no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A row of the troubleshooting table."""

    issue: str
    solution: RichText
    codes: tuple[str, ...]
    """The explanations that this row leads to, the most likely one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirError:
    """An error in the words of the provider, by which an admin finds it: a code of theirs, or a piece of a sentence."""

    says: str
    means: str
    """One sentence, or two."""
    then: tuple[RichText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSection:
    """A section of the form beside the guide, and the steps that it belongs to."""

    title: RichText
    hint: RichText
    steps: tuple[int, ...]

    @property
    def where(self) -> str:
        """The steps in words: "Step 2", "Steps 3 and 4"."""
        numbers = [str(number) for number in self.steps]
        return f"Step {numbers[0]}" if len(numbers) == 1 else f"Steps {', '.join(numbers[:-1])} and {numbers[-1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupForm:
    """The three sections of the form: what the provider needs, what we need, and how people are read."""

    gives: FormSection
    takes: FormSection
    people: FormSection
    entity_id_help: RichText
    """Empty with OpenID Connect, as the next is with SAML."""
    discovery_url_help: RichText
    begins_with_metadata: bool
    """Whether the steps lead to the metadata first: a connection that was never saved asks for it before the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What this provider really does where nobody has changed it: the settings that a new connection begins with.

    It never allows anything weak: an allowance is the admin's own choice.
    """

    attributes: AttributeNames
    name_id_format: str
    """The format that our requests ask for, a URN; empty asks for none, which is right for nearly everybody."""
    tile: Tile
    sso_binding: Binding
    signs_requests: bool
    """Whether it refuses requests without a signature from the start (Keycloak's "Client signature required")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """Everything that we know of one identity provider's console."""

    key: str
    name: str
    """In the middle of a sentence: "Okta", "the identity provider"."""
    known_as: str
    """Below the name where an admin chooses: an older name, or what else it is for."""
    protocol: Protocol
    tile: str
    """Two letters, in place of a logo."""
    title: RichText
    console: str
    admin_access: str
    fix_heading: str
    """"Fix it in Okta": over the steps of an explanation."""
    plan: RichText
    verified_domain: RichText
    fields: Mapping[Field, ConsoleField]
    acs_validator: ConsoleField | None
    """OneLogin's regular expression for our ACS URL; None where the console has no such field."""
    idp_logout: ConsoleField | None
    """Where the console shows the provider's own address for logout messages; None where its metadata alone does."""
    steps: tuple[GuideStep, ...]
    form: SetupForm
    preset: Preset
    openid: OpenIdPreset | None
    """What only an OpenID Connect connection begins with; None with SAML."""
    login_flow: tuple[RichText, ...]
    troubleshooting: tuple[Trouble, ...]
    assigns: bool
    """Whether an app is closed to everybody who is not assigned to it, which is the most likely reason for silence."""
    pages: tuple[TheirError, ...]
    """What the provider shows on a page of its own, and tells us nothing of."""
    messages: tuple[TheirError, ...]
    """What it writes into an answer that signs nobody in (StatusMessage)."""
    recipes: Mapping[Recipe, tuple[RichText, ...]]

    @property
    def name_at_start(self) -> str:
        """The name as a sentence begins with it."""
        return self.name[:1].upper() + self.name[1:]

    def written(self, step: str | Recipe | RichText | tuple[RichText, ...]) -> tuple[RichText, ...]:
        """The steps in this guide's words: a recipe is one or several, a text with markup is one."""
        if isinstance(step, Recipe):
            # Of the other protocol: nothing can be said in this console's words.
            return self.recipes.get(step, ())
        if isinstance(step, str):
            return (rich(step),)
        return step if isinstance(step, tuple) else (step,)

    def values(self) -> dict[str, str]:
        """What texts may quote of this guide: `{idp}`, `{Idp}`, `{console}`, `{audience_field}`, and so on."""
        quoted = {"idp": self.name, "Idp": self.name_at_start, "console": self.console}
        for key, field in self.fields.items():
            quoted[f"{key}_field"] = field.name
            quoted[f"{key}_path"] = field.path
        return quoted

    def quoted(self, own: Mapping[str, str]) -> dict[str, str]:
        """The same beside the values of a connection (`ConnectionValues.quoted`): its places name the app there.

        Raises: `KeyError` when `own` lacks a name that a place quotes.
        """
        return {name: fill(text, own) for name, text in self.values().items()} | dict(own)

    def filled(self, values: Mapping[str, str]) -> "Guide":
        """The guide as one organization reads it: title, steps, form, login flow and troubleshooting with its values.

        Raises: `KeyError` when `values` lacks a name that a text quotes.
        """
        return replace(
            self,
            title=self.title.filled(values),
            plan=self.plan.filled(values),
            verified_domain=self.verified_domain.filled(values),
            steps=tuple(_filled_step(step, values) for step in self.steps),
            form=_filled_form(self.form, values),
            login_flow=tuple(line.filled(values) for line in self.login_flow),
            troubleshooting=tuple(
                replace(trouble, solution=trouble.solution.filled(values)) for trouble in self.troubleshooting
            ),
        )


def _filled_step(step: GuideStep, values: Mapping[str, str]) -> GuideStep:
    return replace(
        step,
        title=step.title.filled(values),
        items=tuple(_filled_item(item, values) for item in step.items),
        notes=tuple(note.filled(values) for note in step.notes),
    )


def _filled_item(item: StepItem, values: Mapping[str, str]) -> StepItem:
    return replace(
        item,
        text=item.text.filled(values),
        table=None if item.table is None else replace(item.table, rows=_filled_rows(item.table.rows, values)),
        bullets=tuple(bullet.filled(values) for bullet in item.bullets),
    )


def _filled_rows(rows: tuple[TableRow, ...], values: Mapping[str, str]) -> tuple[TableRow, ...]:
    return tuple(
        TableRow(
            field=row.field.filled(values),
            value=row.value.filled(values),
            copies=None if row.copies is None else values[row.copies],
        )
        for row in rows
    )


def _filled_form(form: SetupForm, values: Mapping[str, str]) -> SetupForm:
    def section(part: FormSection) -> FormSection:
        return replace(part, title=part.title.filled(values), hint=part.hint.filled(values))

    return SetupForm(
        gives=section(form.gives),
        takes=section(form.takes),
        people=section(form.people),
        entity_id_help=form.entity_id_help.filled(values),
        discovery_url_help=form.discovery_url_help.filled(values),
        begins_with_metadata=form.begins_with_metadata,
    )
