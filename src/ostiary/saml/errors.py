"""Why a SAML message, a certificate or metadata is refused: a class for each reason, with its facts.

The words are in `ostiary.problems`. A class named here, once released, keeps its code for ever.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ostiary.kernel.errors import Refusal


class SamlRefusal(Refusal):
    """A SAML message was refused."""


class CertificateRefusal(Refusal):
    """What was given as a certificate can't be used as one."""


class MetadataRefusal(Refusal):
    """What was given as metadata of an identity provider can't be used as such."""


# --- could it be read -------------------------------------------------------


@dataclass(eq=False)
class TooLarge(SamlRefusal):
    """The message is larger than we read. Nothing of it was looked at."""

    code: ClassVar[str] = "saml.too_large"
    limit: int
    received: int


@dataclass(eq=False)
class NotBase64(SamlRefusal):
    """The form field SAMLResponse is no base64. Facts: the first thing that does not belong there.

    A space inside means that a `+` was lost: something on the way did not encode the form. SAML Bindings 3.5.4.
    """

    code: ClassVar[str] = "saml.not_base64"
    found: str


@dataclass(eq=False)
class NotXml(SamlRefusal):
    """What was decoded is no well-formed XML. Facts: the XML parser's own words, and the line."""

    code: ClassVar[str] = "saml.not_xml"
    detail: str
    line: int


@dataclass(eq=False)
class DoctypeRefused(SamlRefusal):
    """The message has a document type. No SAML message needs one; entity bombs and file disclosure do."""

    code: ClassVar[str] = "saml.doctype"


@dataclass(eq=False)
class TooComplex(SamlRefusal):
    """The message is nested deeper, or has more parts, than any real one.

    `what`: depth, elements, attributes, namespaces, prefixes.
    """

    code: ClassVar[str] = "saml.too_complex"
    what: str
    limit: int


@dataclass(eq=False)
class XmlFeatureRefused(SamlRefusal):
    """The message uses a feature of XML that no SAML message needs and that attacks have used.

    `feature`: processing instruction, relative namespace, encoding. `received`: its name, or the namespace.
    """

    code: ClassVar[str] = "saml.xml_feature_refused"
    feature: str
    received: str


@dataclass(eq=False)
class DuplicateId(SamlRefusal):
    """Two elements have the same ID, so a signature could be taken for that of another element."""

    code: ClassVar[str] = "saml.duplicate_id"
    received: str


@dataclass(eq=False)
class IdAmbiguous(SamlRefusal):
    """An element carries an attribute that could be mistaken for its ID: another spelling, or in a namespace."""

    code: ClassVar[str] = "saml.id_ambiguous"
    element: str
    attribute: str


@dataclass(eq=False)
class NotAResponse(SamlRefusal):
    """The document is something else than a SAML Response: an assertion alone, a request, a logout message."""

    code: ClassVar[str] = "saml.not_a_response"
    received: str


@dataclass(eq=False)
class VersionRefused(SamlRefusal):
    """The message is not of SAML 2.0. SAML Core 3.2.2."""

    code: ClassVar[str] = "saml.version_refused"
    element: str
    received: str


@dataclass(eq=False)
class StructureRefused(SamlRefusal):
    """A part stands where it does not belong, twice, or not at all. `problem`: missing, repeated, misplaced, empty."""

    code: ClassVar[str] = "saml.structure_refused"
    element: str
    problem: str


@dataclass(eq=False)
class TimeUnreadable(SamlRefusal):
    """A time is not written as SAML wants it: with a date, a time and `Z` or an offset. SAML Core 1.3.3."""

    code: ClassVar[str] = "saml.time_unreadable"
    attribute: str
    received: str


# --- what the provider reports ----------------------------------------------


@dataclass(eq=False)
class StatusDenied(SamlRefusal):
    """The identity provider reports that it has signed nobody in. SAML Core 3.2.2.2.

    `status` and `substatus` are the last parts of the codes (Responder, AuthnFailed), `message` is its own text.
    """

    code: ClassVar[str] = "saml.status_denied"
    status: str
    substatus: str
    message: str


@dataclass(eq=False)
class AssertionCount(SamlRefusal):
    """There is no assertion, or more than one. We read exactly one."""

    code: ClassVar[str] = "saml.assertion_count"
    received: int


@dataclass(eq=False)
class EncryptedRefused(SamlRefusal):
    """A part is encrypted, and this connection has no key for it.

    `element`: EncryptedAssertion, EncryptedID, EncryptedAttribute, BaseID.
    """

    code: ClassVar[str] = "saml.encrypted"
    element: str


@dataclass(eq=False)
class EncryptionRefused(SamlRefusal):
    """A part is encrypted in a way that this connection does not take. Nothing was decrypted.

    `algorithm`: AES-128-CBC, RSA 1.5, Triple-DES, or the URI as received. `allowance`: the switch of the connection
    that would let it pass (`SamlPolicy`); empty where there is none.
    """

    code: ClassVar[str] = "saml.encryption_refused"
    element: str
    algorithm: str
    uri: str
    allowance: str = ""


@dataclass(eq=False)
class DecryptionFailed(SamlRefusal):
    """An encrypted part could not be opened with any of our keys, or what was inside was not what it must be.

    One answer for every reason, so that nobody can ask us about a ciphertext bit by bit. Without a signature around
    it, and with a cipher that does not show changes, it also stands for a wrong signature inside.
    """

    code: ClassVar[str] = "saml.decryption_failed"
    element: str


@dataclass(eq=False)
class DecryptionPaused(SamlRefusal):
    """Too many parts could not be opened of late, so that nothing unsigned is opened now that could be guessed at.

    Answers that are signed around the encrypted part, and those by AES-GCM with RSA-OAEP, are still opened.
    """

    code: ClassVar[str] = "saml.decryption_paused"
    element: str


# --- signatures -------------------------------------------------------------


@dataclass(eq=False)
class SignatureMissing(SamlRefusal):
    """Neither the response nor the assertion is signed."""

    code: ClassVar[str] = "saml.signature_missing"


@dataclass(eq=False)
class SignatureStructure(SamlRefusal):
    """A signature is not built as SAML wants it. SAML Core 5.4.

    `element`: the signed one (Response, Assertion). `part`: what is wrong: Signature, Reference, Transform, Object, …
    """

    code: ClassVar[str] = "saml.signature_structure"
    element: str
    part: str


@dataclass(eq=False)
class SignatureReference(SamlRefusal):
    """A signature covers something else than the element in which it stands (signature wrapping).

    `allowance`: the switch for a Response whose signature names nothing; empty where there is none.
    """

    code: ClassVar[str] = "saml.signature_reference"
    element: str
    expected: str
    received: str
    allowance: str = ""


@dataclass(eq=False)
class AlgorithmRefused(SamlRefusal):
    """A signature uses an algorithm that we don't accept. `algorithm`: SHA-1, MD5, HMAC, or the URI as received.

    `allowance`: the switch of the connection that would let it pass (`SamlPolicy`); empty where there is none.
    """

    code: ClassVar[str] = "saml.algorithm_refused"
    element: str
    algorithm: str
    uri: str
    allowance: str = ""


@dataclass(eq=False)
class CanonicalizationRefused(SamlRefusal):
    """A signature is made over a canonical form that this connection does not take. SAML Core 5.4.3.

    `algorithm`: inclusive, with comments. `allowance`: the switch that would let it pass.
    """

    code: ClassVar[str] = "saml.canonicalization_refused"
    element: str
    algorithm: str
    allowance: str


@dataclass(eq=False)
class KeyTooWeak(SamlRefusal):
    """The pinned key with which the message was signed is too short to be trusted."""

    code: ClassVar[str] = "saml.key_too_weak"
    element: str
    bits: int
    minimum: int
    fingerprint: str
    allowance: str = ""


@dataclass(eq=False)
class SignatureWrong(SamlRefusal):
    """The content was changed after it was signed. The key is one of ours; what it signed is not what arrived."""

    code: ClassVar[str] = "saml.signature_wrong"
    element: str


@dataclass(eq=False)
class CertificateUnknown(SamlRefusal):
    """The signature was made by none of the pinned keys.

    `expected`: their fingerprints. `received`: that of the certificate which the message carries, empty where it
    carries none. It is shown for comparison and never trusted.
    """

    code: ClassVar[str] = "saml.certificate_unknown"
    element: str
    expected: tuple[str, ...]
    received: str
    received_subject: str


@dataclass(eq=False)
class CertificateExpired(SamlRefusal):
    """The signature was made by none of the pinned keys, and a pinned certificate is past its date (decision 26).

    Most likely the identity provider has a new key. Dates alone refuse nothing.
    """

    code: ClassVar[str] = "saml.certificate_expired"
    element: str
    not_after: datetime
    expired_fingerprint: str
    expected: tuple[str, ...]
    received: str
    received_subject: str


# --- addressed to this connection -------------------------------------------


@dataclass(eq=False)
class DestinationMismatch(SamlRefusal):
    """The response was sent to another URL than our ACS URL; empty where a signed response names none.

    SAML Bindings 3.5.5.2.
    """

    code: ClassVar[str] = "saml.destination_mismatch"
    expected: str
    received: str


@dataclass(eq=False)
class IssuerMismatch(SamlRefusal):
    """Another identity provider issued it, or the connection names another entity ID.

    `element`: Response, Assertion.
    """

    code: ClassVar[str] = "saml.issuer_mismatch"
    element: str
    expected: str
    received: str


@dataclass(eq=False)
class SubjectMissing(SamlRefusal):
    """The assertion names nobody: no Subject, no NameID, or an empty one."""

    code: ClassVar[str] = "saml.subject_missing"


@dataclass(eq=False)
class AudienceMissing(SamlRefusal):
    """The assertion says nowhere for which service provider it is. SAML Profiles 4.1.4.2."""

    code: ClassVar[str] = "saml.audience_missing"
    expected: str
    allowance: str = "allow_missing_audience"


@dataclass(eq=False)
class AudienceMismatch(SamlRefusal):
    """The assertion is addressed to another service provider. SAML Core 2.5.1.4."""

    code: ClassVar[str] = "saml.audience_mismatch"
    expected: str
    received: tuple[str, ...]


@dataclass(eq=False)
class ConditionUnknown(SamlRefusal):
    """The assertion is valid only under a condition that we don't know. SAML Core 2.5.1."""

    code: ClassVar[str] = "saml.condition_unknown"
    received: str


@dataclass(eq=False)
class NotBearer(SamlRefusal):
    """No subject confirmation is of the method bearer. SAML Profiles 4.1.4.2."""

    code: ClassVar[str] = "saml.not_bearer"
    received: tuple[str, ...]


@dataclass(eq=False)
class ConfirmationIncomplete(SamlRefusal):
    """The bearer confirmation misses what it must say. SAML Profiles 4.1.4.2.

    `attribute`: what is missing, SubjectConfirmationData or NotOnOrAfter.
    """

    code: ClassVar[str] = "saml.confirmation_incomplete"
    attribute: str


@dataclass(eq=False)
class RecipientMismatch(SamlRefusal):
    """The assertion was made to be handed in at another URL than our ACS URL. Empty where it names none."""

    code: ClassVar[str] = "saml.recipient_mismatch"
    expected: str
    received: str


@dataclass(eq=False)
class RequestMismatch(SamlRefusal):
    """The message answers another request (InResponseTo) than the one this browser was sent out with."""

    code: ClassVar[str] = "saml.request_mismatch"
    element: str
    expected: str
    received: str


@dataclass(eq=False)
class RequestUnknown(SamlRefusal):
    """The message says that it answers a request, and we wait for none of that ID."""

    code: ClassVar[str] = "saml.request_unknown"
    received: str


@dataclass(eq=False)
class UnsolicitedRefused(SamlRefusal):
    """Nobody asked for this message (tile login), and this connection takes only answers."""

    code: ClassVar[str] = "saml.unsolicited_refused"
    allowance: str = "accept_unsolicited"


# --- time -------------------------------------------------------------------


@dataclass(eq=False)
class ResponseNotYetValid(SamlRefusal):
    """By our clock the assertion is not valid yet. Most likely the two clocks differ. SAML Core 2.5.1.2.

    `issued_at` is the identity provider's clock when it wrote the assertion. `seconds`: how much too early we are.
    """

    code: ClassVar[str] = "saml.response_not_yet_valid"
    attribute: str
    not_before: datetime
    received_at: datetime
    issued_at: datetime | None
    seconds: int
    allowed_seconds: int


@dataclass(eq=False)
class ResponseExpired(SamlRefusal):
    """By our clock the assertion is no longer valid. SAML Core 2.5.1.2.

    `issued_at` is the identity provider's clock when it wrote the assertion. `seconds`: how much too late we are.
    """

    code: ClassVar[str] = "saml.response_expired"
    attribute: str
    not_on_or_after: datetime
    received_at: datetime
    issued_at: datetime | None
    seconds: int
    allowed_seconds: int


@dataclass(eq=False)
class SessionEnded(SamlRefusal):
    """The session at the identity provider had ended before the message arrived (SessionNotOnOrAfter). Core 2.7.2."""

    code: ClassVar[str] = "saml.session_ended"
    session_not_on_or_after: datetime
    received_at: datetime


@dataclass(eq=False)
class AuthenticationStale(SamlRefusal):
    """The person had signed in before we asked for it to be done anew (ForceAuthn). SAML Core 3.4.1.

    `authn_instant`: when they had signed in, as the provider says; None where it does not say.
    """

    code: ClassVar[str] = "saml.authentication_stale"
    authn_instant: datetime | None
    requested_at: datetime
    allowed_seconds: int


@dataclass(eq=False)
class AuthnStatementMissing(SamlRefusal):
    """The assertion does not say that anybody signed in. SAML Profiles 4.1.4.2."""

    code: ClassVar[str] = "saml.authn_statement_missing"


# --- raised by those who read the assertion ---------------------------------


@dataclass(eq=False)
class ResponseReplayed(SamlRefusal):
    """This assertion was used before. It counts once. Raised where it is remembered."""

    code: ClassVar[str] = "saml.response_replayed"
    assertion_id: str


@dataclass(eq=False)
class AttributeMissing(SamlRefusal):
    """The email attribute has not arrived, and the NameID is no email address (decision 27).

    `expected`: the names that this connection reads. `received`: the names that arrived.
    """

    code: ClassVar[str] = "saml.attribute_missing"
    expected: tuple[str, ...]
    received: tuple[str, ...]
    name_id_format: str


# --- certificates -----------------------------------------------------------


@dataclass(eq=False)
class CertificateUnreadable(CertificateRefusal):
    """What was pasted or uploaded holds no certificate that can be read.

    `detail`: empty, cut short, not a certificate, too large.
    """

    code: ClassVar[str] = "setup.certificate_unreadable"
    detail: str


@dataclass(eq=False)
class CertificateIsPrivateKey(CertificateRefusal):
    """A private key was pasted. It belongs to the identity provider alone and is compromised if it really is in use."""

    code: ClassVar[str] = "setup.certificate_is_private_key"


@dataclass(eq=False)
class CertificateIsFingerprint(CertificateRefusal):
    """A fingerprint was pasted. It names a certificate and is none."""

    code: ClassVar[str] = "setup.certificate_is_fingerprint"
    received: str


@dataclass(eq=False)
class CertificateIsPublicKey(CertificateRefusal):
    """A bare public key was pasted in place of the certificate around it."""

    code: ClassVar[str] = "setup.certificate_is_public_key"


@dataclass(eq=False)
class CertificateIsMetadata(CertificateRefusal):
    """Metadata or another XML or HTML document was given in place of a certificate."""

    code: ClassVar[str] = "setup.certificate_is_metadata"


@dataclass(eq=False)
class CertificateWeak(CertificateRefusal):
    """The key in the certificate is too short to be trusted, or of a kind that SAML does not sign with.

    `allowance`: the switch of the connection that would let it pass; empty where there is none.
    """

    code: ClassVar[str] = "setup.certificate_weak"
    key: str
    minimum: str
    fingerprint: str
    allowance: str = ""


# --- metadata ---------------------------------------------------------------


@dataclass(eq=False)
class MetadataUnreadable(MetadataRefusal):
    """The document is no well-formed XML, too large, or has a document type. Facts: what is wrong, and the line."""

    code: ClassVar[str] = "setup.metadata_unreadable"
    detail: str
    line: int


@dataclass(eq=False)
class MetadataIsHtml(MetadataRefusal):
    """A web page came in place of metadata: a sign-in page, or a page about metadata."""

    code: ClassVar[str] = "setup.metadata_is_html"


@dataclass(eq=False)
class MetadataIsSomethingElse(MetadataRefusal):
    """The document is XML and no SAML metadata. `received`: its outermost element."""

    code: ClassVar[str] = "setup.metadata_is_something_else"
    received: str


@dataclass(eq=False)
class MetadataIsServiceProvider(MetadataRefusal):
    """The metadata describes a service provider, such as ourselves, and no identity provider."""

    code: ClassVar[str] = "setup.metadata_is_service_provider"
    entity_id: str


@dataclass(eq=False)
class MetadataHasSeveral(MetadataRefusal):
    """The metadata describes more than one identity provider; one has to be chosen."""

    code: ClassVar[str] = "setup.metadata_has_several"
    received: tuple[str, ...]


@dataclass(eq=False)
class MetadataIncomplete(MetadataRefusal):
    """The metadata misses what a connection needs.

    `missing`: entityID, IDPSSODescriptor, SingleSignOnService, certificate; several are joined by commas.
    """

    code: ClassVar[str] = "setup.metadata_incomplete"
    entity_id: str
    missing: str
