"""The values of the identity provider: from its metadata, or as they were typed."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar

from ostiary import saml
from ostiary.domain import checkup
from ostiary.domain.checkup import FieldProblem
from ostiary.domain.connection import Allowance, Binding, Connection, ConnectionUrls, SamlSettings
from ostiary.domain.errors import SsoUrlUnreadable, ValueMissing
from ostiary.kernel.errors import Refusal
from ostiary.kernel.http import Fetch, HttpRequest
from ostiary.kernel.values import WebUrl
from ostiary.outbound.errors import StatusRefused
from ostiary.saml.errors import CertificateUnreadable, MetadataHasSeveral
from ostiary.services.connection_form.save_saml import SaveSaml

T = TypeVar("T")

MOST_CERTIFICATES: Final = 10
"""Pinned at once. Each is tried on an answer of a stranger: a thousand of an odd kind took six seconds for each."""
_STRONG_BITS, _WEAK_BITS = 2048, 1024
_BINDINGS: Final = {saml.BINDING_REDIRECT: Binding.REDIRECT, saml.BINDING_POST: Binding.POST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What the identity provider gives: three values, and with its metadata more."""

    sso_url: str
    idp_entity_id: str
    certificates: tuple[saml.Certificate, ...]
    sso_binding: Binding
    slo_url: str
    slo_response_url: str
    slo_binding: Binding
    signs_requests: bool
    metadata_url: str
    """The source of the values, where they were looked up."""
    unconfirmed: tuple[str, ...] = ()
    """See `SamlSettings.unconfirmed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderReader:
    """Reads what a form says of the identity provider of one connection. Problems are added to a list."""

    fetch: Fetch
    connection: Connection
    own: ConnectionUrls
    form: SaveSaml
    problems: list[FieldProblem]

    def read(self) -> Provider | None:
        """The provider; None after its problems were added."""
        form = self.form
        if form.metadata_url:
            document = collect(self.problems, "metadata_url", self._fetched)
            return None if document is None else self._described(document, "metadata_url")
        if form.metadata:
            return self._described(form.metadata, "metadata")
        if form.metadata_text.strip():
            return self._described(form.metadata_text.encode(), "metadata_text")
        return self._typed()

    def _typed(self) -> Provider | None:
        form, own = self.form, self.own
        issuer = form.idp_entity_id
        sso_url = collect(self.problems, "sso_url", lambda: checkup.read_sso_url(form.sso_url, issuer=issuer, own=own))
        entity_id = collect(
            self.problems, "idp_entity_id", lambda: checkup.read_issuer(issuer, sso_url=form.sso_url, own=own)
        )
        certificates = collect(self.problems, "certificate", self._certificates)
        if sso_url is None or entity_id is None or certificates is None:
            return None
        before = self.connection.saml_latest
        return Provider(
            sso_url=sso_url,
            idp_entity_id=entity_id,
            certificates=certificates,
            sso_binding=_binding(form.sso_binding),
            slo_url=form.slo_url,
            slo_response_url=form.slo_response_url,
            slo_binding=_binding(form.slo_binding),
            signs_requests=form.signs_requests,
            # Another issuer is another provider: its keys never come from the source of the one before.
            metadata_url=before.metadata_url if before and before.idp_entity_id == entity_id else "",
            unconfirmed=_still_unconfirmed(before, certificates),
        )

    def _described(self, document: bytes, where: str) -> Provider | None:
        metadata = self._metadata(document, where)
        if metadata is None:
            return None
        return collect(self.problems, where, lambda: self._taken_over(metadata))

    def _metadata(self, document: bytes, where: str) -> saml.IdpMetadata | None:
        """The one identity provider of the document, or the one that was chosen of several."""
        form = self.form
        try:
            return saml.read_idp_metadata(document, entity_id=form.metadata_entity or None)
        except MetadataHasSeveral as several:
            # A set-up that is saved once more names its issuer already.
            if not form.metadata_entity and form.idp_entity_id in several.received:
                return saml.read_idp_metadata(document, entity_id=form.idp_entity_id)
            self.problems.append(FieldProblem("metadata_entity", several))
        except Refusal as refusal:
            self.problems.append(FieldProblem(where, refusal))
        return None

    def _taken_over(self, metadata: saml.IdpMetadata) -> Provider:
        form = self.form
        chosen = _binding(form.sso_binding)
        offered = {_BINDINGS[each.binding]: each.location for each in reversed(metadata.sso_endpoints)}
        # JumpCloud offers POST alone unless "Declare Redirect Endpoint" is ticked.
        binding = chosen if chosen in offered else _BINDINGS[metadata.sso_binding]
        slo = metadata.slo
        return Provider(
            sso_url=checkup.read_sso_url(
                offered.get(binding, metadata.sso_url), issuer=metadata.entity_id, own=self.own
            ),
            idp_entity_id=metadata.entity_id,
            certificates=_few(self._strong(metadata.certificates)),
            sso_binding=binding,
            slo_url=slo.location if slo else form.slo_url,
            slo_response_url=slo.response_location if slo else form.slo_response_url,
            slo_binding=_BINDINGS[slo.binding] if slo else _binding(form.slo_binding),
            signs_requests=form.signs_requests or metadata.wants_signed_requests,
            metadata_url=form.metadata_url,
        )

    def _certificates(self) -> tuple[saml.Certificate, ...]:
        if self.form.certificate.strip():
            return _few(saml.read_certificates(self.form.certificate, minimum_rsa_bits=self._bits))
        if self.connection.latest is None:
            raise ValueMissing(field="certificate")
        return tuple(saml.certificate_from_stored(text) for text in self.connection.latest.saml.certificates)

    @property
    def _bits(self) -> int:
        return _WEAK_BITS if Allowance.WEAK_KEYS in self.form.allowed else _STRONG_BITS

    def _strong(self, certificates: tuple[saml.Certificate, ...]) -> tuple[saml.Certificate, ...]:
        """Those whose keys would be taken at a sign-in. Raises: `CertificateWeak` where there is none."""
        strong = tuple(each for each in certificates if saml.has_strong_key(each, minimum_rsa_bits=self._bits))
        if not strong:
            saml.require_strong_key(certificates[0], minimum_rsa_bits=self._bits)
        return strong

    def _fetched(self) -> bytes:
        url = self.form.metadata_url
        try:
            parsed = WebUrl.parse(url)
        except ValueError as error:
            raise SsoUrlUnreadable(received=url) from error
        response = self.fetch(HttpRequest(method="GET", url=url), purpose=self.connection.id)
        if response.status != HTTPStatus.OK:
            raise StatusRefused(host=parsed.host, status=response.status)
        return response.body


def collect(problems: list[FieldProblem], field_name: str, read: Callable[[], T]) -> T | None:
    """What `read` returns; None after its refusal was added to the problems."""
    try:
        return read()
    except Refusal as refusal:
        problems.append(FieldProblem(field_name, refusal))
        return None


def _few(certificates: tuple[saml.Certificate, ...]) -> tuple[saml.Certificate, ...]:
    if len(certificates) > MOST_CERTIFICATES:
        raise CertificateUnreadable(detail="too many")
    return certificates


def _binding(chosen: str) -> Binding:
    return Binding(chosen) if chosen in set(Binding) else Binding.REDIRECT


def _still_unconfirmed(before: SamlSettings | None, certificates: tuple[saml.Certificate, ...]) -> tuple[str, ...]:
    """A key that came by itself is not confirmed by saving something else."""
    kept = {certificate.base64 for certificate in certificates}
    return tuple(each for each in before.unconfirmed if each in kept) if before else ()
