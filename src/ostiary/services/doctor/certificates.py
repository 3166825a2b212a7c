"""A certificate: what stands in it, and whether it is one that the connection trusts."""

from datetime import datetime

from ostiary import saml
from ostiary.domain.doctor.findings import CertificateNotPinned, CertificateOld
from ostiary.domain.doctor.inspection import Facts
from ostiary.domain.doctor.specimen import Kind, Specimen
from ostiary.kernel.errors import Named, Refusal
from ostiary.services.doctor.against import Against


def examine_certificate(specimen: Specimen, against: Against, *, now: datetime) -> tuple[Facts, list[Named]]:
    """What it says, and what is wrong with it. A private key is named, and nothing of it is read."""
    if specimen.kind is Kind.PRIVATE_KEY:
        return (), [saml.errors.CertificateIsPrivateKey()]
    found: list[Named] = []
    try:
        certificates = saml.read_certificates(specimen.octets)
    except saml.errors.CertificateWeak as refusal:
        found.append(refusal)
        certificates = saml.read_certificates(specimen.octets, minimum_rsa_bits=0)
    except Refusal as refusal:
        return (), [refusal]
    return facts_of(certificates), [*found, *judge_certificates(certificates, against, now=now)]


def judge_certificates(certificates: tuple[saml.Certificate, ...], against: Against, *, now: datetime) -> list[Named]:
    """Which of them are past their date, and whether the connection trusts every one."""
    found: list[Named] = [
        CertificateOld(not_after=each.not_after, fingerprint=each.fingerprint)
        for each in certificates
        if each.is_expired(now)
    ]
    pinned = {each.fingerprint for each in against.certificates}
    strangers = tuple(each.fingerprint for each in certificates if each.fingerprint not in pinned)
    if pinned and strangers:
        found.append(CertificateNotPinned(expected=tuple(sorted(pinned)), received=strangers))
    return found


def facts_of(certificates: tuple[saml.Certificate, ...]) -> Facts:
    """What stands in each of them."""
    return tuple(
        (name, (value,))
        for each in certificates
        for name, value in (
            ("subject", each.subject),
            ("certificate_from", f"{each.not_before.day} {each.not_before:%B %Y}"),
            ("certificate_until", f"{each.not_after.day} {each.not_after:%B %Y}"),
            ("certificate_key", each.key),
            ("fingerprint", each.fingerprint),
        )
    )
