"""The form as a value, and what is put right in it without asking."""

from dataclasses import dataclass, field, replace
from typing import Final

from ostiary.domain.checkup import Correction
from ostiary.domain.connection import Allowance, AttributeNames, Binding, Tile

_TEXT_FIELDS = ("sso_url", "idp_entity_id", "metadata_url", "metadata_entity", "slo_url", "slo_response_url")
NAME_ID_FORMATS: Final = (
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName",
)
"""What our requests may ask for. Not transient, nor entity: nobody can be recognised by either."""
NAME_FIELDS = ("email", "first_name", "last_name", "groups")
_LONGEST_URL = 4096
_ROOTS = (b"EntityDescriptor", b"EntitiesDescriptor")
_ROOT_WITHIN = 8192
"""A comment, a licence or a style sheet may stand before the outermost element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSaml:
    """What the form of a SAML connection holds, as it was typed or pasted."""

    sso_url: str = ""
    idp_entity_id: str = ""
    certificate: bytes = b""
    """Pasted or uploaded; empty keeps the certificates that are saved."""
    metadata: bytes = b""
    """Uploaded metadata; it replaces the three fields above."""
    metadata_text: str = ""
    """The same, pasted."""
    metadata_url: str = ""
    """Where it is published; empty where nothing new is to be looked up."""
    metadata_entity: str = ""
    """Which identity provider of metadata that describes several."""
    keeps_fresh: bool = True
    """Whether the metadata URL, new or saved, stays the source from which new keys are trusted."""
    attributes: AttributeNames = field(default_factory=AttributeNames)
    default_role: str = "member"
    creates_accounts: bool = True
    signs_requests: bool = False
    sso_binding: str = Binding.REDIRECT.value
    slo_url: str = ""
    slo_response_url: str = ""
    slo_binding: str = Binding.REDIRECT.value
    name_id_format: str = ""
    forces_authentication: bool = False
    wants_encryption: bool = False
    tile: str = Tile.CONVERT.value
    allowances: tuple[str, ...] = ()
    confirms_expired: bool = False

    @property
    def allowed(self) -> tuple[Allowance, ...]:
        """The allowances that are ticked, in their own order; a name that is none is left out."""
        return tuple(each for each in Allowance if each.value in self.allowances)


def tidy(form: SaveSaml) -> tuple[SaveSaml, tuple[Correction, ...]]:
    """The form without white space around its values and with what stood in a wrong field in its own, and where."""
    tidied = replace(
        form,
        **{name: getattr(form, name).strip() for name in _TEXT_FIELDS},
        attributes=AttributeNames(**{name: _on_one_line(getattr(form.attributes, name)) for name in NAME_FIELDS}),
    )
    corrections = [
        Correction(field=name, what="space_removed")
        for name in _TEXT_FIELDS
        if getattr(form, name) != getattr(tidied, name)
    ]
    tidied = _with_pasted_url(_with_metadata(tidied, corrections), corrections)
    return tidied, tuple(corrections)


def _on_one_line(name: str) -> str:
    # A long name wraps in its field, where Enter writes a line break. No attribute's name has one.
    return "".join(line.strip() for line in name.split("\n"))


def _with_metadata(form: SaveSaml, corrections: list[Correction]) -> SaveSaml:
    """The form with metadata that was put into the certificate or the URL where it belongs."""
    if form.metadata or form.metadata_text.strip():
        return form
    if is_metadata(form.certificate):
        corrections.append(Correction(field="certificate", what="read_as_metadata"))
        return replace(form, certificate=b"", metadata=form.certificate)
    if is_metadata(form.metadata_url.encode()):
        corrections.append(Correction(field="metadata_url", what="read_as_metadata"))
        return replace(form, metadata_url="", metadata_text=form.metadata_url)
    return form


def _with_pasted_url(form: SaveSaml, corrections: list[Correction]) -> SaveSaml:
    """The form with a URL that was pasted in place of a document as the metadata URL."""
    pasted = {"certificate": form.certificate, "metadata_text": form.metadata_text.encode()}
    for name, content in pasted.items():
        if not form.metadata_url and is_url(content):
            corrections.append(Correction(field=name, what="read_as_metadata_url"))
            empty: dict[str, bytes | str] = {"certificate": b"", "metadata_text": ""}
            url = content.decode("ascii").strip()
            return replace(form, metadata_url=url, **{name: empty[name]})  # type: ignore[arg-type]  # one field by its name
    return form


def is_metadata(content: bytes) -> bool:
    """Whether this looks like SAML metadata, in UTF-8 or UTF-16."""
    start = content[:_ROOT_WITHIN].replace(b"\0", b"")
    return start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<") and any(root in start for root in _ROOTS)


def is_url(content: bytes) -> bool:
    """Whether this is one web address and nothing else."""
    text = content.strip()
    return text.isascii() and text.startswith((b"https://", b"http://")) and len(text.split()) == 1 < _LONGEST_URL
