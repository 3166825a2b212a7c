"""Cases of a list, each judged by `saml.read_response`: the code of a sign-in, with the case's own clock.

A case is what a connection, a request and an answer would be; `requires` names what the connection allows.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from ostiary import saml
from ostiary.kernel.errors import Refusal
from ostiary.saml.errors import AudienceMismatch, CertificateIsPublicKey

STRICT: Final = saml.SamlPolicy()
_NOWHERE = "unknown:"
_MOST_AUDIENCES = 16
_ALLOWANCES: Final[dict[str, dict[str, bool | int]]] = {
    "sha1_signature": {"allow_sha1": True},
    "sha1_digest": {"allow_sha1": True},
    "weak_rsa_key_1024": {"minimum_rsa_bits": 1024},
    "cbc_encryption": {"allow_cbc": True},
    "rsa_1_5_key_transport": {"allow_rsa15": True},
    "3des": {"allow_3des": True},
    "allow_unsolicited_idp_initiated": {"accept_unsolicited": True},
    "no_audience_restriction": {"allow_missing_audience": True},
    "empty_reference_uri": {"allow_empty_reference_uri": True},
    "missing_reference_uri": {"allow_missing_reference_uri": True},
    "inclusive_c14n": {"allow_inclusive_c14n": True},
    "c14n_with_comments": {"allow_c14n_with_comments": True},
    # Nothing to allow: dates of pinned keys refuse nothing, keys of ours come with the case.
    "ignore_idp_cert_expiry": {},
    "sp_private_key": {},
    "encrypted_nameid": {},
}


class CaseUnreadable(Exception):
    """A case can't be judged: it names what is not there, or requires what nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one case."""

    id: str
    verdict: str
    """accept, reject; error where it could not be judged."""
    code: str | None = None
    """Why it was refused."""
    nameid: str | None = None
    attributes: Mapping[str, list[str]] | None = None
    """The values of each name, in the order in which they came."""
    error: str = ""

    def as_json(self) -> dict[str, object]:
        """The object to print; `error` only where there is one."""
        shown: dict[str, object] = {
            "id": self.id,
            "verdict": self.verdict,
            "code": self.code,
            "nameid": self.nameid,
            "attributes": self.attributes,
        }
        return shown | ({"error": self.error} if self.error else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Circumstances:
    """The two sides of the case's connection, its request and its clock."""

    service_provider: saml.ServiceProvider
    identity_provider: saml.IdentityProvider
    policy: saml.SamlPolicy
    checks_audience: bool
    expected_request_id: str | None
    now: datetime


def read_cases(path: Path) -> list[Mapping[str, object]]:
    """The cases of the list in this file. Raises: `OSError`, `ValueError`."""
    listed = json.loads(path.read_bytes())
    if not isinstance(listed, list) or not all(isinstance(case, dict) for case in listed):
        raise ValueError("not a list of objects")
    return listed


def judge(case: Mapping[str, object], *, folder: Path, is_strict: bool) -> Verdict:
    """What a sign-in would make of the case. Raises nothing: what can't be judged says so in its verdict."""
    name = str(case.get("id", ""))
    try:
        assertion = _read(case, folder=folder, is_strict=is_strict)
    except Refusal as refusal:
        return Verdict(id=name, verdict="reject", code=refusal.code)
    except (CaseUnreadable, OSError) as error:
        return Verdict(id=name, verdict="error", error=str(error))
    except Exception as error:  # noqa: BLE001 - one case that breaks something must not hide the verdicts of the others
        return Verdict(id=name, verdict="error", error=f"{type(error).__name__}: {error}")
    attributes: dict[str, list[str]] = {}
    for attribute in assertion.attributes:
        attributes.setdefault(attribute.name, []).extend(attribute.values)
    return Verdict(id=name, verdict="accept", nameid=assertion.name_id.value, attributes=attributes)


def _read(case: Mapping[str, object], *, folder: Path, is_strict: bool) -> saml.Assertion:
    circumstances = _circumstances(case, folder=folder, is_strict=is_strict)
    form_value = _form_value(case, folder=folder)
    try:
        return _read_once(form_value, circumstances=circumstances)
    except AudienceMismatch as refusal:
        if circumstances.checks_audience:
            raise
        named, mismatch = refusal.received[:_MOST_AUDIENCES], refusal
    # No audience is to be checked, and a sign-in always checks it: so we are each of those that are named.
    for entity_id in named:
        ours = replace(circumstances.service_provider, entity_id=entity_id)
        try:
            return _read_once(form_value, circumstances=replace(circumstances, service_provider=ours))
        except AudienceMismatch as refusal:
            mismatch = refusal
    raise mismatch


def _read_once(form_value: bytes, *, circumstances: _Circumstances) -> saml.Assertion:
    return saml.read_response(
        form_value,
        service_provider=circumstances.service_provider,
        identity_provider=circumstances.identity_provider,
        policy=circumstances.policy,
        expected_request_id=circumstances.expected_request_id,
        now=circumstances.now,
    )


def _circumstances(case: Mapping[str, object], *, folder: Path, is_strict: bool) -> _Circumstances:
    checks_audience = case.get("sp_entity_id") is not None
    policy = STRICT if is_strict else _policy(_texts(case, "requires"))
    certificates = [each for name in _texts(case, "idp_cert_file") for each in _certificates(folder / name)]
    return _Circumstances(
        service_provider=saml.ServiceProvider(
            entity_id=_text(case, "sp_entity_id"),
            acs_url=_text(case, "acs_url"),
            decryption_keys=tuple(_decryption_key(folder / name) for name in _texts(case, "sp_key_files")),
        ),
        identity_provider=saml.IdentityProvider(
            entity_id=_text(case, "idp_entity_id"), sso_url=_NOWHERE, certificates=tuple(certificates)
        ),
        policy=policy,
        checks_audience=checks_audience,
        expected_request_id=None if case.get("in_response_to") is None else _text(case, "in_response_to"),
        now=_moment(_text(case, "now")),
    )


def _policy(requires: list[str]) -> saml.SamlPolicy:
    """The policy that allows exactly this."""
    unknown = [name for name in requires if name not in _ALLOWANCES]
    if unknown:
        raise CaseUnreadable(f"unknown requirement: {', '.join(unknown)}")
    policy = STRICT
    for name in requires:
        policy = replace(policy, **_ALLOWANCES[name])  # type: ignore[arg-type] # by name
    return policy


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        said = "is missing" if written.startswith(_NOWHERE) else f"is no time: {written}"
        raise CaseUnreadable(f"now {said}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _form_value(case: Mapping[str, object], *, folder: Path) -> bytes:
    content = (folder / _text(case, "file")).read_bytes()
    encoding = _text(case, "encoding")
    if encoding == "xml":
        return b64encode(content)
    if encoding == "b64":
        return content
    if encoding == "b64deflate":
        return b64encode(saml.inflated(content))
    raise CaseUnreadable(f"unknown encoding: {encoding}")


def _text(case: Mapping[str, object], name: str) -> str:
    """The text of this name; where it is null, one that nothing in a message is equal to."""
    found = case.get(name)
    if found is None:
        return _NOWHERE + name
    if not isinstance(found, str):
        raise CaseUnreadable(f"{name} is no text")
    return found


def _texts(case: Mapping[str, object], name: str) -> list[str]:
    """The texts of this name: one, a list, or null."""
    found = case.get(name)
    if found is None:
        return []
    texts = [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, str)]
    if len(texts) != (len(found) if isinstance(found, list) else 1):
        raise CaseUnreadable(f"{name} is no list of texts")
    return texts


@lru_cache(maxsize=512)
def _certificates(path: Path) -> tuple[saml.Certificate, ...]:
    """The certificates of the file, of any strength: whether a key counts is the policy's to say."""
    content = path.read_bytes()
    try:
        return saml.read_certificates(content, minimum_rsa_bits=0)
    except CertificateIsPublicKey:
        return (saml.certificate_around(content),)


@lru_cache(maxsize=64)
def _decryption_key(path: Path) -> saml.DecryptionKey:
    try:
        return saml.read_decryption_key(path.read_bytes())
    except ValueError as error:
        raise CaseUnreadable(f"{path.name}: {error}") from None
