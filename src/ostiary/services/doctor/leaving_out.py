"""Checks that say nothing, because what they compare with was taken from the message itself."""

from collections.abc import Sequence
from dataclasses import replace

from ostiary import saml
from ostiary.domain.connection_report import CheckLine, Result
from ostiary.services.doctor.against import Against

_OWN_KEY = {
    "response_signature": "response_fits_its_own_certificate",
    "assertion_signature": "assertion_fits_its_own_certificate",
}
_NEEDS_A_KEY = frozenset(
    {
        saml.errors.CertificateUnknown.code,
        saml.errors.CertificateExpired.code,
        saml.errors.EncryptedRefused.code,
        saml.errors.DecryptionFailed.code,
    }
)
_CONNECTION = "the_connection"


def without_what_is_not_known(
    lines: Sequence[CheckLine], against: Against, completed: Against
) -> tuple[CheckLine, ...]:
    """The checks, those that could say something. A signature that fits the certificate inside is told as such."""
    unknown = {
        "destination": not against.acs_url,
        "recipient": not against.acs_url,
        "issuer": not against.idp_entity_id,
        "audience": not against.entity_id,
    }
    kept = []
    for line in lines:
        says_something = line.code == saml.errors.AudienceMissing.code
        if unknown.get(line.name, False) and not says_something:
            continue
        if not against.certificates:
            kept.append(_by_own_key(line, has_one=bool(completed.certificates)))
        elif not against.decryption_keys and line.code == saml.errors.EncryptedRefused.code:
            kept.append(_not_run(line))
        else:
            kept.append(line)
    return tuple(kept)


def _by_own_key(line: CheckLine, *, has_one: bool) -> CheckLine:
    """The same line where no key is trusted."""
    cannot_say = (
        line.result is Result.REFUSED and (line.code in _NEEDS_A_KEY) and not _is_decided(line, has_one=has_one)
    )
    shown = _not_run(line) if cannot_say else line
    return replace(
        shown,
        name=_OWN_KEY.get(line.name, line.name),
        because_of=_OWN_KEY.get(shown.because_of, shown.because_of),
    )


def _is_decided(line: CheckLine, *, has_one: bool) -> bool:
    """A signature that does not even fit the certificate beside it is wrong, whoever is trusted."""
    return has_one and line.code == saml.errors.CertificateUnknown.code


def _not_run(line: CheckLine) -> CheckLine:
    return CheckLine(name=line.name, result=Result.NOT_RUN, because_of=_CONNECTION, facts={})
