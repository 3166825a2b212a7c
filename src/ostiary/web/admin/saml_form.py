"""The form of a SAML connection: read from the request, and shown again with its errors in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ostiary.domain.checkup import FieldProblem
from ostiary.domain.connection import AttributeNames, Binding, Connection, SamlSettings, Tile
from ostiary.domain.errors import CertificateExpired
from ostiary.guides import Guide
from ostiary.problems.allowances import allowance_of
from ostiary.problems.corrections import correction
from ostiary.problems.quoting import FIELD_LABELS
from ostiary.saml.errors import MetadataHasSeveral
from ostiary.services import Services
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import NotSaved
from ostiary.web.admin.quoted import explained
from ostiary.web.context import Fields, Form, Incoming

_LARGEST_TEXT = 4096
_LARGEST_ECHO = 512 * 1024
_NAMES = ("attribute_email", "attribute_first_name", "attribute_last_name", "attribute_groups")
_ADVANCED = ("attribute_groups", "slo_url", "slo_response_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownForm:
    """What the form shows: values as typed or as saved, and what is wrong with them."""

    values: Mapping[str, str]
    allowed: tuple[str, ...] = ()
    """The allowances that are ticked."""
    entities: tuple[str, ...] = ()
    """The identity providers of metadata that describes several."""
    errors: Mapping[str, tuple[str, ...]]
    """By field: the first sentence, and the rest."""
    corrections: Mapping[str, str]
    wrong: tuple[tuple[str, str], ...]
    """Field and label of each value that needs a change, for the callout above the form."""
    asks_expired: bool
    """Whether the certificate has expired and saving it waits for a confirmation."""

    asks_for_allowance: bool = False
    """Whether a switch would let pass what was refused."""

    @property
    def opens_advanced(self) -> bool:
        """Whether something in the Advanced section is to be looked at."""
        return self.asks_for_allowance or any(name in self.errors or name in self.corrections for name in _ADVANCED)


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
        metadata_text=form.optional("metadata_text"),
        # Whole: a document that was pasted into it is recognised.
        metadata_url=form.optional("metadata_url"),
        metadata_entity=form.optional("metadata_entity")[:_LARGEST_TEXT],
        keeps_fresh=form.optional("keeps_fresh") == "yes",
        attributes=AttributeNames(
            email=form.one("attribute_email"),
            first_name=form.one("attribute_first_name"),
            last_name=form.one("attribute_last_name"),
            groups=form.optional("attribute_groups"),
        ),
        default_role=form.one("default_role"),
        creates_accounts=form.optional("creates_accounts") == "yes",
        signs_requests=form.optional("signs_requests") == "yes",
        sso_binding=form.optional("sso_binding") or Binding.REDIRECT.value,
        slo_url=form.optional("slo_url")[:_LARGEST_TEXT],
        slo_response_url=form.optional("slo_response_url")[:_LARGEST_TEXT],
        slo_binding=form.optional("slo_binding") or Binding.REDIRECT.value,
        name_id_format=form.optional("name_id_format"),
        forces_authentication=form.optional("forces_authentication") == "yes",
        wants_encryption=form.optional("wants_encryption") == "yes",
        tile=form.optional("tile") or Tile.CONVERT.value,
        allowances=form.all("allowance"),
        confirms_expired=form.optional("confirms_expired") == "yes",
    )


def of_saved(connection: Connection, guide: Guide) -> ShownForm:
    """The form as it was last saved; before that, with what its provider really does."""
    form = _saved(connection.saml_latest) if connection.saml_latest else _preset(guide)
    return ShownForm(
        values=_values(form), allowed=form.allowances, errors={}, corrections={}, wrong=(), asks_expired=False
    )


def with_suggestion(form: ShownForm, query: Fields) -> ShownForm:
    """The form with the attribute names that a report has found, where the address brings some ("Use this name")."""
    found = {name: query.optional(name)[:_LARGEST_TEXT] for name in _NAMES if query.optional(name)}
    told = dict.fromkeys(found, "Filled in by the link. Save to use it, then test again.")
    return replace(form, values={**form.values, **found}, corrections={**form.corrections, **told})


def of_refused(
    form: SaveSaml, not_saved: NotSaved, *, connection: Connection, incoming: Incoming, services: Services
) -> ShownForm:
    """The form as it was typed, with a sentence at each value that needs a change. A private key is not shown again."""
    several = next((each.refusal for each in not_saved.problems if isinstance(each.refusal, MetadataHasSeveral)), None)
    private = any(problem.refusal.code == "setup.certificate_is_private_key" for problem in not_saved.problems)
    values = {
        **_values(form),
        "certificate": "" if private else form.certificate.decode("utf-8", "replace"),
        # A browser sends no file twice: what has to be chosen from is kept as text.
        "metadata_text": form.metadata_text or (_as_text(form.metadata) if several else ""),
    }
    return ShownForm(
        values=values,
        allowed=form.allowances,
        entities=several.received if several else (),
        errors={problem.field: _sentences(problem, connection, incoming, services) for problem in not_saved.problems},
        corrections={each.field: correction(each.what) for each in not_saved.corrections},
        wrong=tuple((problem.field, FIELD_LABELS[problem.field]) for problem in not_saved.problems),
        asks_expired=any(isinstance(problem.refusal, CertificateExpired) for problem in not_saved.problems),
        asks_for_allowance=any(allowance_of(problem.refusal.facts()) for problem in not_saved.problems),
    )


def _saved(settings: SamlSettings) -> SaveSaml:
    return SaveSaml(
        sso_url=settings.sso_url,
        idp_entity_id=settings.idp_entity_id,
        # Nothing is looked up again by saving something else: a source that is saved stands beside the field.
        metadata_url="",
        keeps_fresh=True,
        attributes=settings.attributes,
        default_role=settings.default_role.value,
        creates_accounts=settings.creates_accounts,
        signs_requests=settings.signs_requests,
        sso_binding=settings.sso_binding.value,
        slo_url=settings.slo_url,
        slo_response_url=settings.slo_response_url,
        slo_binding=settings.slo_binding.value,
        name_id_format=settings.name_id_format,
        forces_authentication=settings.forces_authentication,
        wants_encryption=settings.wants_encryption,
        tile=settings.tile.value,
        allowances=tuple(allowance.value for allowance in settings.allowances),
    )


def _preset(guide: Guide) -> SaveSaml:
    preset = guide.preset
    return SaveSaml(
        attributes=preset.attributes,
        signs_requests=preset.signs_requests,
        sso_binding=preset.sso_binding.value,
        name_id_format=preset.name_id_format,
        tile=preset.tile.value,
    )


def _values(form: SaveSaml) -> dict[str, str]:
    return {
        "sso_url": form.sso_url,
        "idp_entity_id": form.idp_entity_id,
        "certificate": "",
        "metadata_url": form.metadata_url,
        "metadata_text": "",
        "metadata_entity": form.metadata_entity,
        "keeps_fresh": _yes(form.keeps_fresh),
        "attribute_email": form.attributes.email,
        "attribute_first_name": form.attributes.first_name,
        "attribute_last_name": form.attributes.last_name,
        "attribute_groups": form.attributes.groups,
        "default_role": form.default_role,
        "creates_accounts": _yes(form.creates_accounts),
        "signs_requests": _yes(form.signs_requests),
        "sso_binding": form.sso_binding,
        "slo_url": form.slo_url,
        "slo_response_url": form.slo_response_url,
        "slo_binding": form.slo_binding,
        "name_id_format": form.name_id_format,
        "forces_authentication": _yes(form.forces_authentication),
        "wants_encryption": _yes(form.wants_encryption),
        "tile": form.tile,
    }


def _as_text(document: bytes) -> str:
    try:
        return document.decode() if len(document) <= _LARGEST_ECHO else ""
    except UnicodeDecodeError:
        return ""


def _sentences(
    problem: FieldProblem, connection: Connection, incoming: Incoming, services: Services
) -> tuple[str, ...]:
    refusal = problem.refusal
    words = explained(refusal.code, refusal.facts(), connection=connection, incoming=incoming, services=services)
    first_step = words.steps[0].plain if words.steps else ""
    title = words.title if words.title.endswith(".") else f"{words.title}."
    switch = words.allowance
    otherwise = f"If that can't be done: Advanced → Put up with something older → {switch.label}." if switch else ""
    return tuple(part for part in (title, words.second, first_step, otherwise) if part)


def _yes(flag: bool) -> str:  # noqa: FBT001 - a value of a checkbox
    return "yes" if flag else ""
