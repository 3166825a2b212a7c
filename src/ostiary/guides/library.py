"""The guides that this version knows, read once from the files beside this one.

A guide that lacks anything is refused whole: half an explanation would send an admin to the wrong place.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TypeVar

from ostiary.domain.connection import AttributeNames, Binding, Protocol, Tile
from ostiary.domain.openid.settings import Authentication, ClaimNames, SubjectClaim, UserinfoUse
from ostiary.guides.guide import (
    ConsoleField,
    Field,
    FormSection,
    Guide,
    GuideStep,
    Preset,
    Recipe,
    SetupForm,
    StepItem,
    Table,
    TableRow,
    TheirError,
    Trouble,
)
from ostiary.guides.openid_preset import OpenIdPreset
from ostiary.guides.protocols import FIELDS, RECIPES
from ostiary.guides.rich_text import RichText, rich
from ostiary.oidc.relying_party.config import ResponseMode
from ostiary.oidc.relying_party.userinfo import Method

KEYS = ("okta", "onelogin", "entra", "google", "adfs", "keycloak", "jumpcloud", "ping", "saml")
"""The SAML guides by their keys, in the order in which an admin chooses. The last is for any other provider."""

OPENID_KEYS = ("google", "okta", "onelogin", "entra", "keycloak", "auth0", "jumpcloud", "ping", "google_own", "oidc")
"""The same for OpenID Connect. One provider has one key, whatever it speaks.

Google has two: with the operator's client, and with one of the customer's own."""

COPIED = frozenset(
    {
        "acs_url",
        "entity_id",
        "acs_url_validator",
        "email_attribute",
        "first_name_attribute",
        "last_name_attribute",
        "redirect_uri",
        "initiate_login_uri",
        "backchannel_logout_uri",
        "signed_out_uri",
        "keys_uri",
    }
)
"""Values of ours that a step may offer to copy."""

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class GuideIncomplete(ValueError):
    """A guide's file lacks something, or has something of the wrong kind. The text says where."""


def guide(key: str, *, protocol: Protocol = Protocol.SAML) -> Guide | None:
    """The guide to this provider over this protocol; None for a key without one."""
    return _guide(key, protocol) if key in _keys(protocol) else None


def guides(*, protocol: Protocol = Protocol.SAML) -> tuple[Guide, ...]:
    """Every guide to this protocol, in the order in which an admin chooses. The last is for any other provider."""
    return tuple(_guide(key, protocol) for key in _keys(protocol))


def _keys(protocol: Protocol) -> tuple[str, ...]:
    return OPENID_KEYS if protocol is Protocol.OIDC else KEYS


@cache
def _guide(key: str, protocol: Protocol) -> Guide:
    name = f"openid/{key}.toml" if protocol is Protocol.OIDC else f"{key}.toml"
    return read_guide(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


def read_guide(toml: str) -> Guide:
    """The guide that is written there.

    Raises: `GuideIncomplete` when a part is missing, empty, of the wrong kind, or not known.
    """
    top = _Part(tomllib.loads(toml), "guide")
    protocol = top.one_of("protocol", Protocol)
    read = Guide(
        key=top.text("key"),
        name=top.text("name"),
        known_as=top.text("known_as"),
        protocol=protocol,
        tile=top.text("tile"),
        title=top.rich("title"),
        console=top.text("console"),
        admin_access=top.text("admin_access"),
        fix_heading=top.text("fix_heading"),
        plan=top.rich("plan"),
        verified_domain=top.rich("verified_domain"),
        fields=_fields(top.part("fields"), protocol),
        acs_validator=_field(top.part("acs_validator")) if top.has("acs_validator") else None,
        idp_logout=_field(top.part("idp_logout")) if top.has("idp_logout") else None,
        steps=tuple(_step(part, number) for number, part in enumerate(top.parts("steps"), start=1)),
        form=_form(top.part("form"), protocol),
        preset=_preset(top.part("preset")),
        openid=_openid(top.part("openid")) if protocol is Protocol.OIDC else None,
        login_flow=top.riches("login_flow"),
        troubleshooting=tuple(_trouble(part) for part in top.parts("troubleshooting")),
        assigns=top.flag("assigns") if top.has("assigns") else True,
        pages=tuple(_their_error(part) for part in top.parts("pages")) if top.has("pages") else (),
        messages=tuple(_their_error(part) for part in top.parts("messages")) if top.has("messages") else (),
        recipes=_recipes(top.part("recipes"), protocol),
    )
    top.finish()
    return read


class _Part:
    """A table of the file that is taken apart entry by entry. What is left at the end is a mistake of writing."""

    def __init__(self, entries: Mapping[str, object], where: str) -> None:
        self._entries = dict(entries)
        self._where = where
        self._open: list[_Part] = []

    def has(self, name: str) -> bool:
        return name in self._entries

    def text(self, name: str) -> str:
        value = self._take(name, str)
        if not value.strip():
            raise GuideIncomplete(f"{self._where}.{name} is empty")
        return value

    def rich(self, name: str) -> RichText:
        return rich(self.text(name))

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(self._is(item, str, name) for item in self._list(name))

    def riches(self, name: str) -> tuple[RichText, ...]:
        return tuple(rich(text) for text in self.texts(name))

    def numbers(self, name: str) -> tuple[int, ...]:
        return tuple(self._is(item, int, name) for item in self._list(name))

    def flag(self, name: str) -> bool:
        return self._take(name, bool)

    def one_of(self, name: str, kind: type[E]) -> E:
        value = self.text(name)
        for member in kind:
            if member.value == value:
                return member
        raise GuideIncomplete(f"{self._where}.{name} is none of {', '.join(member.value for member in kind)}")

    def rows(self, name: str) -> tuple[tuple[str, ...], ...]:
        rows = [self._is(row, list, name) for row in self._list(name)]
        return tuple(tuple(self._is(cell, str, name) for cell in row) for row in rows)

    def part(self, name: str) -> "_Part":
        part = _Part(self._take(name, dict), f"{self._where}.{name}")
        self._open.append(part)
        return part

    def parts(self, name: str) -> "list[_Part]":
        tables = [self._is(item, dict, name) for item in self._list(name)]
        parts = [_Part(table, f"{self._where}.{name}[{index}]") for index, table in enumerate(tables)]
        self._open.extend(parts)
        return parts

    def finish(self) -> None:
        """Refuse what nobody has read, here and in every part below."""
        if self._entries:
            raise GuideIncomplete(f"{self._where} has entries that no guide has: {', '.join(sorted(self._entries))}")
        for part in self._open:
            part.finish()

    def _list(self, name: str) -> list[object]:
        return self._take(name, list)

    def _take(self, name: str, kind: type[T]) -> T:
        if name not in self._entries:
            raise GuideIncomplete(f"{self._where}.{name} is missing")
        return self._is(self._entries.pop(name), kind, name)

    def _is(self, value: object, kind: type[T], name: str) -> T:
        if not isinstance(value, kind):
            raise GuideIncomplete(f"{self._where}.{name} is no {kind.__name__}")
        return value


def _fields(part: _Part, protocol: Protocol) -> dict[Field, ConsoleField]:
    return {field: _field(part.part(field.value)) for field in FIELDS[protocol]}


def _field(part: _Part) -> ConsoleField:
    also_called = part.texts("also_called") if part.has("also_called") else ()
    name = part.text("name")
    return ConsoleField(name=name, path=part.text("path") if part.has("path") else name, also_called=also_called)


def _step(part: _Part, number: int) -> GuideStep:
    return GuideStep(
        key=part.text("key"),
        number=number,
        title=part.rich("title"),
        items=tuple(_item(item) for item in part.parts("items")),
        notes=part.riches("notes") if part.has("notes") else (),
        is_ours=part.flag("ours") if part.has("ours") else False,
    )


def _item(part: _Part) -> StepItem:
    return StepItem(
        text=part.rich("text"),
        table=_table(part.part("table")) if part.has("table") else None,
        bullets=part.riches("bullets") if part.has("bullets") else (),
        is_ours=part.flag("ours") if part.has("ours") else False,
    )


def _table(part: _Part) -> Table:
    heads = part.texts("heads")
    if len(heads) != 2:  # noqa: PLR2004 - a field and its value
        raise GuideIncomplete(f"a table has {len(heads)} heads, not 2")
    return Table(heads=(heads[0], heads[1]), rows=tuple(_row(cells) for cells in part.rows("rows")))


def _row(cells: tuple[str, ...]) -> TableRow:
    if len(cells) not in {2, 3}:
        raise GuideIncomplete(f"a row has {len(cells)} cells, not 2 or 3: {cells}")
    copies = cells[2] if len(cells) > 2 else None  # noqa: PLR2004 - the third cell
    if copies is not None and copies not in COPIED:
        raise GuideIncomplete(f"no value of ours is named {copies}")
    return TableRow(field=rich(cells[0]), value=rich(cells[1]), copies=copies)


def _form(part: _Part, protocol: Protocol) -> SetupForm:
    nothing = RichText(())
    return SetupForm(
        gives=_section(part.part("gives")),
        takes=_section(part.part("takes")),
        people=_section(part.part("people")),
        entity_id_help=part.rich("entity_id_help") if protocol is Protocol.SAML else nothing,
        discovery_url_help=part.rich("discovery_url_help") if protocol is Protocol.OIDC else nothing,
        begins_with_metadata=part.flag("begins_with_metadata") if part.has("begins_with_metadata") else False,
    )


def _section(part: _Part) -> FormSection:
    return FormSection(title=part.rich("title"), hint=part.rich("hint"), steps=part.numbers("steps"))


def _preset(part: _Part) -> Preset:
    names = part.part("attributes")
    return Preset(
        attributes=AttributeNames(
            email=names.text("email"),
            first_name=names.text("first_name"),
            last_name=names.text("last_name"),
            groups=names.text("groups") if names.has("groups") else "",
        ),
        name_id_format=part.text("name_id_format") if part.has("name_id_format") else "",
        tile=part.one_of("tile", Tile) if part.has("tile") else Tile.CONVERT,
        sso_binding=part.one_of("sso_binding", Binding) if part.has("sso_binding") else Binding.REDIRECT,
        signs_requests=part.flag("signs_requests") if part.has("signs_requests") else False,
    )


def _openid(part: _Part) -> OpenIdPreset:
    names = part.part("claims")
    return OpenIdPreset(
        issuer=part.text("issuer"),
        asks_nothing=part.flag("asks_nothing") if part.has("asks_nothing") else False,
        claims=ClaimNames(
            email=names.text("email"), first_name=names.text("first_name"), last_name=names.text("last_name")
        ),
        groups_claim=part.text("groups_claim") if part.has("groups_claim") else "",
        scopes=part.texts("scopes"),
        groups_scope=part.text("groups_scope") if part.has("groups_scope") else "",
        subject_claim=part.one_of("subject_claim", SubjectClaim),
        authentication=part.one_of("authentication", Authentication),
        userinfo_method=part.one_of("userinfo_method", Method),
        userinfo_use=part.one_of("userinfo_use", UserinfoUse),
        response_mode=part.one_of("response_mode", ResponseMode),
        extra=tuple((row[0], row[1]) for row in part.rows("extra")) if part.has("extra") else (),
    )


def _trouble(part: _Part) -> Trouble:
    return Trouble(issue=part.text("issue"), solution=part.rich("solution"), codes=part.texts("codes"))


def _their_error(part: _Part) -> TheirError:
    return TheirError(says=part.text("says"), means=part.text("means"), then=part.riches("then"))


def _recipes(part: _Part, protocol: Protocol) -> dict[Recipe, tuple[RichText, ...]]:
    recipes = {recipe: part.riches(recipe.value) for recipe in RECIPES[protocol]}
    empty = [recipe.value for recipe, steps in recipes.items() if not steps]
    if empty:
        raise GuideIncomplete(f"recipes without a step: {', '.join(empty)}")
    return recipes
