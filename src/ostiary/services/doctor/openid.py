"""What was pasted, beside a connection that speaks OpenID Connect: the doctor judges SAML, so it says what it is."""

from datetime import datetime

from ostiary import saml
from ostiary.domain.doctor.findings import NotSaml, OtherProtocol
from ostiary.domain.doctor.inspection import Facts
from ostiary.domain.doctor.specimen import METADATA, Kind, Specimen
from ostiary.kernel.errors import Named, Refusal
from ostiary.services.doctor.against import Against
from ostiary.services.doctor.certificates import examine_certificate
from ostiary.services.doctor.others import examine_metadata


def examine_beside_openid(specimen: Specimen, *, now: datetime) -> tuple[Facts, list[Named]]:
    """What stands in it, and that this connection has no use for it. Nothing of it is compared or verified."""
    if specimen.kind is Kind.CERTIFICATE:
        return examine_certificate(specimen, Against(), now=now)[0], [OtherProtocol()]
    if specimen.kind in METADATA:
        return examine_metadata(specimen, Against(), now=now)[0], [OtherProtocol()]
    try:
        outline = saml.unverified_outline(specimen.octets)
    except Refusal as refusal:
        return (), [refusal]
    facts: Facts = tuple((each.name, each.values) for each in outline.parts)
    if specimen.kind is Kind.OTHER_XML:
        return facts, [] if specimen.findings else [NotSaml(received="an XML document of another kind")]
    return facts, [OtherProtocol()]
