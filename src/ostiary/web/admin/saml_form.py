"""The form of a SAML connection: read from the request, and shown again with its errors in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from ostiary.domain.checkup import FieldProblem
from ostiary.domain.connection import AttributeNames, Connection, Tile
from ostiary.domain.errors import CertificateExpired
from ostiary.services import Services
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import NotSaved
from ostiary.web.admin.quoted import explained
from ostiary.web.context import Form, Incoming

_LARGEST_TEXT = 4096
_CORRECTIONS = {"space_removed": "White space around it was removed."}
_LABELS = {
    "sso_url": "SSO URL",
    "idp_entity_id": "Issuer / Entity ID",
    "certificate": "Certificate",
    "metadata": "Metadata file",
    "metadata_url": "Metadata URL",
    "attribute_email": "Email",
    "attribute_first_name": "First name",
    "attribute_last_name": "Last name",
    "default_role": "Default Role",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownForm:
    """What the form shows: values as typed or as saved, and what is wrong with them."""

    values: Mapping[str, str]
    errors: Mapping[str, tuple[str, ...]]
    """By field: the first sentence, and the rest."""
    corrections: Mapping[str, str]
    wrong: tuple[tuple[str, str], ...]
    """Field and label of each value that needs a change, for the callout above the form."""
    asks_expired: bool
    """Whether the certificate has expired and saving it waits for a confirmation."""


def read(form: Form) -> SaveSaml:
    """What was typed, pasted and uploaded. Raises: `FormUnreadable`."""
    certificate = form.upload("certificate_file")
    metadata = form.upload("metadata_file")
    return SaveSaml(
        sso_url=form.one("sso_url")[:_LARGEST_TEXT],
        idp_entity_id=form.one("idp_entity_id")[:_LARGEST_TEXT],
        # A file that was chosen is meant: it comes before what still stands in the text field.
        certificate=certificate.content if certificate else form.optional("certificate").encode(),
        metadata=metadata.content if metadata else b"",
        metadata_url=form.optional("metadata_url")[:_LARGEST_TEXT],
        attributes=AttributeNames(
            email=form.one("attribute_email"),
            first_name=form.one("attribute_first_name"),
            last_name=form.one("attribute_last_name"),
        ),
        default_role=form.one("default_role"),
        creates_accounts=form.optional("creates_accounts") == "yes",
        signs_requests=form.optional("signs_requests") == "yes",
        tile=form.optional("tile") or Tile.CONVERT.value,
        confirms_expired=form.optional("confirms_expired") == "yes",
    )


def of_saved(connection: Connection) -> ShownForm:
    """The form as it was last saved, or empty with the brief's names."""
    settings = connection.latest.settings if connection.latest else None
    names = settings.attributes if settings else AttributeNames()
    values = {
        "sso_url": settings.sso_url if settings else "",
        "idp_entity_id": settings.idp_entity_id if settings else "",
        "certificate": "",
        "metadata_url": "",
        "attribute_email": names.email,
        "attribute_first_name": names.first_name,
        "attribute_last_name": names.last_name,
        "default_role": settings.default_role.value if settings else "member",
        "creates_accounts": _yes(settings.creates_accounts if settings else True),
        "signs_requests": _yes(settings.signs_requests if settings else False),
        "tile": (settings.tile if settings else Tile.CONVERT).value,
    }
    return ShownForm(values=values, errors={}, corrections={}, wrong=(), asks_expired=False)


def of_refused(
    form: SaveSaml, not_saved: NotSaved, *, connection: Connection, incoming: Incoming, services: Services
) -> ShownForm:
    """The form as it was typed, with a sentence at each value that needs a change. A private key is not shown again."""
    private = any(problem.refusal.code == "setup.certificate_is_private_key" for problem in not_saved.problems)
    values = {
        "sso_url": form.sso_url,
        "idp_entity_id": form.idp_entity_id,
        "certificate": "" if private else form.certificate.decode("utf-8", "replace"),
        "metadata_url": form.metadata_url,
        "attribute_email": form.attributes.email,
        "attribute_first_name": form.attributes.first_name,
        "attribute_last_name": form.attributes.last_name,
        "default_role": form.default_role,
        "creates_accounts": _yes(form.creates_accounts),
        "signs_requests": _yes(form.signs_requests),
        "tile": form.tile,
    }
    return ShownForm(
        values=values,
        errors={problem.field: _sentences(problem, connection, incoming, services) for problem in not_saved.problems},
        corrections={each.field: _CORRECTIONS[each.what] for each in not_saved.corrections},
        wrong=tuple((problem.field, _LABELS[problem.field]) for problem in not_saved.problems),
        asks_expired=any(isinstance(problem.refusal, CertificateExpired) for problem in not_saved.problems),
    )


def _sentences(
    problem: FieldProblem, connection: Connection, incoming: Incoming, services: Services
) -> tuple[str, ...]:
    refusal = problem.refusal
    words = explained(refusal.code, refusal.facts(), connection=connection, incoming=incoming, services=services)
    first_step = words.steps[0].plain if words.steps else ""
    title = words.title if words.title.endswith(".") else f"{words.title}."
    return tuple(part for part in (title, words.second, first_step) if part)


def _yes(flag: bool) -> str:  # noqa: FBT001 - a value of a checkbox
    return "yes" if flag else ""
