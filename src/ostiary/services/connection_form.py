"""The form of a SAML connection: what was typed, pasted or uploaded, read into settings or into field problems."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from ostiary import saml
from ostiary.domain import checkup
from ostiary.domain.checkup import Correction, FieldProblem
from ostiary.domain.connection import AttributeNames, Connection, SamlSettings, Tile, urls
from ostiary.domain.errors import SsoUrlUnreadable, ValueMissing
from ostiary.kernel.errors import Refusal
from ostiary.kernel.http import Fetch, HttpRequest
from ostiary.kernel.values import WebUrl
from ostiary.outbound.errors import StatusRefused
from ostiary.saml.errors import MetadataIncomplete

T = TypeVar("T")

_TEXT_FIELDS = ("sso_url", "idp_entity_id", "metadata_url")
_NAME_FIELDS = ("email", "first_name", "last_name")
_LONGEST_NAME = 255
MOST_CERTIFICATES = 10
"""Pinned at once. Each is tried on an answer of a stranger: a thousand of an odd kind took six seconds for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSaml:
    """What the form of a SAML connection holds, as it was typed or pasted."""

    sso_url: str = ""
    idp_entity_id: str = ""
    certificate: bytes = b""
    """Pasted or uploaded; empty keeps the certificates that are saved."""
    metadata: bytes = b""
    """Uploaded metadata; it replaces the three fields above."""
    metadata_url: str = ""
    attributes: AttributeNames = field(default_factory=AttributeNames)
    default_role: str = "member"
    creates_accounts: bool = True
    signs_requests: bool = False
    tile: str = Tile.CONVERT.value
    confirms_expired: bool = False


@dataclass(frozen=True, slots=True)
class _FromProvider:
    """The three values of the identity provider."""

    sso_url: str
    idp_entity_id: str
    certificates: tuple[saml.Certificate, ...]


def tidy(form: SaveSaml) -> tuple[SaveSaml, tuple[Correction, ...]]:
    """The form without white space around its values, and which fields had some."""
    tidied = replace(
        form,
        sso_url=form.sso_url.strip(),
        idp_entity_id=form.idp_entity_id.strip(),
        metadata_url=form.metadata_url.strip(),
        attributes=AttributeNames(**{name: getattr(form.attributes, name).strip() for name in _NAME_FIELDS}),
    )
    corrections = tuple(
        Correction(field=name, what="space_removed")
        for name in _TEXT_FIELDS
        if getattr(form, name) != getattr(tidied, name)
    )
    return tidied, corrections


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionForm:
    """Reads the form. Fetches the metadata URL where one was given, so it runs on THREAD."""

    fetch: Fetch
    public_url: str

    def read(self, form: SaveSaml, *, connection: Connection, now: datetime) -> SamlSettings | tuple[FieldProblem, ...]:
        """The settings, or every value that needs a change. Raises nothing of its own."""
        problems: list[FieldProblem] = []
        source = self._provider_values(form, connection, problems)
        role = _collect(problems, "default_role", lambda: checkup.read_default_role(form.default_role))
        _read_names(form.attributes, problems)
        if source is not None and not form.confirms_expired:
            expired = checkup.certificate_refusal(source.certificates, now)
            if expired is not None:
                problems.append(FieldProblem("certificate", expired))
        if problems or source is None or role is None:
            return tuple(problems)
        return SamlSettings(
            sso_url=source.sso_url,
            idp_entity_id=source.idp_entity_id,
            certificates=tuple(certificate.base64 for certificate in source.certificates),
            attributes=form.attributes,
            default_role=role,
            creates_accounts=form.creates_accounts,
            signs_requests=form.signs_requests,
            tile=Tile(form.tile) if form.tile in set(Tile) else Tile.CONVERT,
        )

    def _provider_values(
        self, form: SaveSaml, connection: Connection, problems: list[FieldProblem]
    ) -> _FromProvider | None:
        if form.metadata_url:
            document = _collect(problems, "metadata_url", lambda: self._fetched(form.metadata_url, connection))
            return None if document is None else self._from_metadata(document, "metadata_url", connection, problems)
        if form.metadata:
            return self._from_metadata(form.metadata, "metadata", connection, problems)
        return self._typed(form, connection, problems)

    def _typed(self, form: SaveSaml, connection: Connection, problems: list[FieldProblem]) -> _FromProvider | None:
        own = urls(self.public_url, connection.id)
        issuer = form.idp_entity_id
        sso_url = _collect(problems, "sso_url", lambda: checkup.read_sso_url(form.sso_url, issuer=issuer, own=own))
        entity_id = _collect(
            problems, "idp_entity_id", lambda: checkup.read_issuer(issuer, sso_url=form.sso_url, own=own)
        )
        certificates = _collect(problems, "certificate", lambda: _certificates(form.certificate, connection))
        if sso_url is None or entity_id is None or certificates is None:
            return None
        return _FromProvider(sso_url, entity_id, certificates)

    def _from_metadata(
        self, document: bytes, where: str, connection: Connection, problems: list[FieldProblem]
    ) -> _FromProvider | None:
        own = urls(self.public_url, connection.id)

        def read() -> _FromProvider:
            metadata = saml.read_idp_metadata(document)
            if metadata.sso_binding != saml.BINDING_REDIRECT:
                # JumpCloud leaves it out unless "Declare Redirect Endpoint" is ticked.
                missing = "SingleSignOnService with the binding HTTP-Redirect"
                raise MetadataIncomplete(entity_id=metadata.entity_id, missing=missing)
            sso_url = checkup.read_sso_url(metadata.sso_url, issuer=metadata.entity_id, own=own)
            return _FromProvider(sso_url, metadata.entity_id, _few(metadata.certificates))

        return _collect(problems, where, read)

    def _fetched(self, url: str, connection: Connection) -> bytes:
        try:
            WebUrl.parse(url)
        except ValueError as error:
            raise SsoUrlUnreadable(received=url) from error
        response = self.fetch(HttpRequest(method="GET", url=url), purpose=connection.id)
        if response.status != HTTPStatus.OK:
            raise StatusRefused(host=WebUrl.parse(url).host, status=response.status)
        return response.body


def _certificates(pasted: bytes, connection: Connection) -> tuple[saml.Certificate, ...]:
    if pasted.strip():
        return _few(saml.read_certificates(pasted))
    if connection.latest is None:
        raise ValueMissing(field="certificate")
    return tuple(saml.certificate_from_stored(text) for text in connection.latest.settings.certificates)


def _few(certificates: tuple[saml.Certificate, ...]) -> tuple[saml.Certificate, ...]:
    if len(certificates) > MOST_CERTIFICATES:
        raise saml.errors.CertificateUnreadable(detail="too many")
    return certificates


def _read_names(names: AttributeNames, problems: list[FieldProblem]) -> None:
    for name in _NAME_FIELDS:
        value: str = getattr(names, name)
        if not value or len(value) > _LONGEST_NAME:
            problems.append(FieldProblem(f"attribute_{name}", ValueMissing(field=f"attribute_{name}")))


def _collect(problems: list[FieldProblem], field_name: str, read: Callable[[], T]) -> T | None:
    """What `read` returns; None after its refusal was added to the problems."""
    try:
        return read()
    except Refusal as refusal:
        problems.append(FieldProblem(field_name, refusal))
        return None
