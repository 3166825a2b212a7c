"""What the doctor has to say, as codes and facts. The words are in `problems.doctor`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ostiary.kernel.errors import Finding


class DoctorFinding(Finding):
    """Something that was pasted, looked at."""

    is_wrong: ClassVar[bool] = True
    """Whether something has to be done; otherwise it is worth knowing."""


@dataclass(frozen=True)
class NothingHere(DoctorFinding):
    """Nothing was pasted, or white space alone."""

    code: ClassVar[str] = "doctor.nothing_here"


@dataclass(frozen=True)
class TooMuch(DoctorFinding):
    """More was pasted than the doctor reads. Sizes in bytes."""

    code: ClassVar[str] = "doctor.too_large"
    limit: int
    received: int


@dataclass(frozen=True)
class CutShort(DoctorFinding):
    """The end is missing. `part`: what it seems to be."""

    code: ClassVar[str] = "doctor.cut_short"
    part: str


@dataclass(frozen=True)
class WebPage(DoctorFinding):
    """A web page, such as a sign-in page or an error page of the provider. `page_title`: its title, may be empty."""

    code: ClassVar[str] = "doctor.web_page"
    page_title: str


@dataclass(frozen=True)
class NotSaml(DoctorFinding):
    """Something else. `received`: what it is, as "a PDF document"."""

    code: ClassVar[str] = "doctor.not_saml"
    received: str


@dataclass(frozen=True)
class OpenIdConnect(DoctorFinding):
    """Something of OpenID Connect. `received`: what it is, as "a JSON Web Token"."""

    code: ClassVar[str] = "doctor.open_id_connect"
    received: str


@dataclass(frozen=True)
class OtherProtocol(DoctorFinding):
    """Something of SAML, beside a connection that speaks OpenID Connect."""

    code: ClassVar[str] = "doctor.other_protocol"


@dataclass(frozen=True)
class RecordingWithoutSaml(DoctorFinding):
    """A browser's recording in which no message of SAML travels. `requests`: how many it holds."""

    code: ClassVar[str] = "doctor.recording_without_saml"
    requests: int


@dataclass(frozen=True)
class SecretsInside(DoctorFinding):
    """A browser's recording holds cookies, and passwords that were typed."""

    code: ClassVar[str] = "doctor.secrets_inside"
    is_wrong: ClassVar[bool] = False


@dataclass(frozen=True)
class PlusSignsLost(DoctorFinding):
    """Spaces stand in the base64 where plus signs were. SAML Bindings 3.5.4."""

    code: ClassVar[str] = "doctor.plus_signs_lost"


@dataclass(frozen=True)
class UrlSafeBase64(DoctorFinding):
    """The base64 is written with `-` and `_`, which SAML does not know."""

    code: ClassVar[str] = "doctor.url_safe_base64"


@dataclass(frozen=True)
class ResponseByRedirect(DoctorFinding):
    """A Response that travels in a query. SAML Profiles 4.1.2 allows that for requests alone."""

    code: ClassVar[str] = "doctor.response_by_redirect"


@dataclass(frozen=True)
class LaidOutAnew(DoctorFinding):
    """The XML was laid out for reading, and its signature does not fit any more."""

    code: ClassVar[str] = "doctor.laid_out_anew"


@dataclass(frozen=True)
class OwnCertificateOnly(DoctorFinding):
    """The signature fits the certificate that the message itself carries. That proves nothing."""

    code: ClassVar[str] = "doctor.own_certificate_only"
    is_wrong: ClassVar[bool] = False
    fingerprint: str
    subject: str


@dataclass(frozen=True)
class JudgedAsOf(DoctorFinding):
    """It was judged as if it had arrived at this moment, which is not now."""

    code: ClassVar[str] = "doctor.judged_as_of"
    is_wrong: ClassVar[bool] = False
    at: datetime


@dataclass(frozen=True)
class RequestTakenOver(DoctorFinding):
    """It says that it answers this request, and that was believed: which browser sent it can't be seen here."""

    code: ClassVar[str] = "doctor.request_taken_over"
    is_wrong: ClassVar[bool] = False
    received: str


@dataclass(frozen=True)
class UsedAlready(DoctorFinding):
    """Somebody has signed in with this answer. A second time it would be refused."""

    code: ClassVar[str] = "doctor.used_already"
    is_wrong: ClassVar[bool] = False


@dataclass(frozen=True)
class ValueDiffers(DoctorFinding):
    """A value is another one than that of the connection. `what`: its name, as "SSO URL"."""

    code: ClassVar[str] = "doctor.value_differs"
    what: str
    expected: str
    received: str


@dataclass(frozen=True)
class CertificateNotPinned(DoctorFinding):
    """A certificate that this connection does not trust. Fingerprints; `expected`: those that it trusts."""

    code: ClassVar[str] = "doctor.certificate_not_pinned"
    expected: tuple[str, ...]
    received: tuple[str, ...]


@dataclass(frozen=True)
class CertificateOld(DoctorFinding):
    """A certificate is past its date. Dates alone refuse nobody (decision 4)."""

    code: ClassVar[str] = "doctor.certificate_old"
    is_wrong: ClassVar[bool] = False
    not_after: datetime
    fingerprint: str


@dataclass(frozen=True)
class SeveralProviders(DoctorFinding):
    """Metadata of several entities. `received`: their entity IDs."""

    code: ClassVar[str] = "doctor.several_providers"
    is_wrong: ClassVar[bool] = False
    received: tuple[str, ...]


@dataclass(frozen=True)
class AddressOnly(DoctorFinding):
    """A web address. `looks_like`: metadata, sign-in, ours, other."""

    code: ClassVar[str] = "doctor.address_only"
    is_wrong: ClassVar[bool] = False
    looks_like: str
    received: str
