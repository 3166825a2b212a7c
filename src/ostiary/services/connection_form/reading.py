"""Reads the whole form. Every value that needs a change is found at once, so that an admin is told once."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from ostiary.domain import checkup
from ostiary.domain.account import Role
from ostiary.domain.checkup import FieldProblem
from ostiary.domain.connection import AttributeNames, Connection, ConnectionUrls, SamlSettings, Tile, urls
from ostiary.domain.errors import ValueMissing, ValueTooLong
from ostiary.kernel.http import Fetch
from ostiary.services.connection_form.provider import Provider, ProviderReader, collect
from ostiary.services.connection_form.save_saml import NAME_FIELDS, NAME_ID_FORMATS, SaveSaml

LONGEST_NAME: Final = 255
_OPTIONAL_NAMES = ("groups",)
_LOGOUT_FIELDS = ("slo_url", "slo_response_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionForm:
    """Reads the form. Fetches the metadata URL where one was given, so it runs on THREAD."""

    fetch: Fetch
    public_url: str

    def read(self, form: SaveSaml, *, connection: Connection, now: datetime) -> SamlSettings | tuple[FieldProblem, ...]:
        """The settings, or every value that needs a change. Raises nothing of its own."""
        problems: list[FieldProblem] = []
        own = urls(self.public_url, connection.id)
        provider = ProviderReader(fetch=self.fetch, connection=connection, own=own, form=form, problems=problems).read()
        role = collect(problems, "default_role", lambda: checkup.read_default_role(form.default_role))
        _read_names(form.attributes, problems)
        _read_logout(form, own, problems)
        if provider is not None and not form.confirms_expired:
            expired = checkup.certificate_refusal(provider.certificates, now)
            if expired is not None:
                problems.append(FieldProblem("certificate", expired))
        if problems or provider is None or role is None:
            return tuple(problems)
        return _settings(form, provider, role)


def _settings(form: SaveSaml, provider: Provider, role: Role) -> SamlSettings:
    return SamlSettings(
        sso_url=provider.sso_url,
        idp_entity_id=provider.idp_entity_id,
        certificates=tuple(certificate.base64 for certificate in provider.certificates),
        attributes=form.attributes,
        default_role=role,
        creates_accounts=form.creates_accounts,
        signs_requests=provider.signs_requests,
        sso_binding=provider.sso_binding,
        slo_url=provider.slo_url,
        slo_response_url=provider.slo_response_url,
        slo_binding=provider.slo_binding,
        name_id_format=form.name_id_format if form.name_id_format in NAME_ID_FORMATS else "",
        forces_authentication=form.forces_authentication,
        wants_encryption=form.wants_encryption,
        tile=Tile(form.tile) if form.tile in set(Tile) else Tile.CONVERT,
        allowances=form.allowed,
        metadata_url=provider.metadata_url if form.keeps_fresh else "",
        unconfirmed=provider.unconfirmed,
    )


def _read_names(names: AttributeNames, problems: list[FieldProblem]) -> None:
    for name in NAME_FIELDS:
        value: str = getattr(names, name)
        field = f"attribute_{name}"
        if not value and name not in _OPTIONAL_NAMES:
            problems.append(FieldProblem(field, ValueMissing(field=field)))
        elif len(value) > LONGEST_NAME:
            problems.append(FieldProblem(field, ValueTooLong(field=field, limit=LONGEST_NAME)))


def _read_logout(form: SaveSaml, own: ConnectionUrls, problems: list[FieldProblem]) -> None:
    for name in _LOGOUT_FIELDS:
        written: str = getattr(form, name)
        if written:
            collect(problems, name, partial(checkup.read_logout_url, written, field=name, own=own))
