"""Writing a Response, in the shape of the vendor, with what is wrong on purpose."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from ostiary.kernel.randomness import Random
from ostiary.simulator.certificates import signing_key
from ostiary.simulator.encryption import Encrypter, encrypt_assertion
from ostiary.simulator.faults import Fault
from ostiary.simulator.profile import MessageQuirks, SamlProfile
from ostiary.simulator.request import ASSERTION, PROTOCOL, AuthnRequest
from ostiary.simulator.signing import Signer, sign
from ostiary.simulator.state import App, User

XS = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"  # noqa: S105 - the name of a context
CLOCK_FAULT = timedelta(minutes=7)
ANOTHER_AUDIENCE = "https://another-application.example/saml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything that an answer is made of."""

    profile: SamlProfile
    app: App
    issuer: str
    acs_url: str
    user: User
    user_name: str
    """What the assignment calls the person, or empty."""
    request: AuthnRequest | None
    """None: nobody asked (a click on the tile)."""
    signed_in_at: datetime
    session_index: str

    @property
    def name_id(self) -> str:
        """The name by which the application knows the person."""
        return self.user_name or self.user.value(self.profile.app.user_names[self.app.user_name])


def session_index(quirks: MessageQuirks, *, request: AuthnRequest | None, random: Random) -> str:
    """The name of the person's session at the application."""
    if quirks.session_index_is_request_id and request is not None:
        return request.id
    return "_" + random.token(16).hex()


def response_xml(answer: Answer, *, random: Random, now: datetime) -> bytes:
    """The signed response, as octets."""
    faults = answer.app.faults
    moment = now - CLOCK_FAULT if Fault.CLOCK_SLOW in faults else now
    writer = _Writer(answer, random=random, moment=moment)
    root = writer.response()
    assertion = writer.assertion(root)
    # The inner signature first: what is around it covers it.
    if Fault.UNSIGNED not in faults and answer.app.signs_assertion:
        sign(assertion, signer=_signer(answer))
    if answer.app.encrypts_assertion:
        encrypt_assertion(assertion, encrypter=_encrypter(answer), random=random)
    if Fault.UNSIGNED not in faults and answer.app.signs_response:
        sign(root, signer=_signer(answer))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _encrypter(answer: Answer) -> Encrypter:
    app, kinds = answer.app, answer.profile.app
    ciphers, transports = kinds.encryption_algorithms, kinds.key_transports
    return Encrypter(
        certificate_pem=app.encryption_certificate,
        cipher=ciphers[app.encryption_algorithm or next(iter(ciphers))],
        transport=transports[app.key_transport or next(iter(transports))],
        key_beside=kinds.encrypted_key_beside,
    )


def _signer(answer: Answer) -> Signer:
    app, quirks = answer.app, answer.profile.message
    algorithms = answer.profile.app.signature_algorithms
    weak = Fault.SHA1 in app.faults
    return Signer(
        key=signing_key(app),
        signature="sha1" if weak else algorithms[app.signature_algorithm],
        digest="sha1" if weak else algorithms[app.digest_algorithm],
        prefix_list=quirks.prefix_list,
        wrapped_certificate=quirks.wrapped_certificate,
    )


class _Writer:
    """Writes the elements of one response."""

    def __init__(self, answer: Answer, *, random: Random, moment: datetime) -> None:
        self._answer = answer
        self._quirks = answer.profile.message
        self._random = random
        self._moment = moment
        self._in_response_to = {} if answer.request is None else {"InResponseTo": answer.request.id}

    def response(self) -> etree._Element:
        """The Response with everything but its Assertion. SAML Core 3.3.3."""
        app = self._answer.app
        root = etree.Element(
            f"{{{PROTOCOL}}}Response",
            nsmap={self._quirks.protocol_prefix: PROTOCOL, "xs": XS},
            Destination=app.destination or self._answer.acs_url,
            ID=_message_id(self._quirks, prefix=self._quirks.response_id_prefix, random=self._random),
            IssueInstant=self._time(self._moment),
            Version="2.0",
        )
        for name, value in self._in_response_to.items():
            root.set(name, value)
        self._issuer(root)
        status = etree.SubElement(root, f"{{{PROTOCOL}}}Status")
        etree.SubElement(status, f"{{{PROTOCOL}}}StatusCode", Value=SUCCESS)
        return root

    def assertion(self, root: etree._Element) -> etree._Element:
        """The Assertion, at the end of the response. SAML Core 2.3.3."""
        assertion = self._element(
            root,
            "Assertion",
            ID=_message_id(self._quirks, prefix=self._quirks.assertion_id_prefix, random=self._random),
            IssueInstant=self._time(self._moment),
            Version="2.0",
        )
        self._issuer(assertion)
        self._subject(assertion)
        self._conditions(assertion)
        self._authn_statement(assertion)
        self._attributes(assertion)
        return assertion

    def _issuer(self, parent: etree._Element) -> None:
        issuer = self._element(parent, "Issuer")
        issuer.text = self._answer.issuer
        if self._quirks.issuer_format:
            issuer.set("Format", self._quirks.issuer_format)

    def _subject(self, assertion: etree._Element) -> None:
        app, kinds = self._answer.app, self._answer.profile.app
        subject = self._element(assertion, "Subject")
        name_id = self._element(subject, "NameID", Format=kinds.name_id_formats[app.name_id_format])
        name_id.text = self._answer.name_id
        confirmation = self._element(subject, "SubjectConfirmation", Method=BEARER)
        self._element(
            confirmation,
            "SubjectConfirmationData",
            **self._in_response_to,
            NotOnOrAfter=self._time(self._moment + timedelta(seconds=self._quirks.window_after_seconds)),
            Recipient=app.recipient or self._answer.acs_url,
        )

    def _conditions(self, assertion: etree._Element) -> None:
        conditions = self._element(
            assertion,
            "Conditions",
            NotBefore=self._time(self._moment - timedelta(seconds=self._quirks.window_before_seconds)),
            NotOnOrAfter=self._time(self._moment + timedelta(seconds=self._quirks.window_after_seconds)),
        )
        restriction = self._element(conditions, "AudienceRestriction")
        self._element(restriction, "Audience").text = self._audience()

    def _audience(self) -> str:
        app = self._answer.app
        if Fault.WRONG_AUDIENCE in app.faults:
            return ANOTHER_AUDIENCE
        # Captured at OneLogin: a field that was left empty arrives as its placeholder.
        audience = app.audience or "{audience}"
        return audience + "/" if Fault.AUDIENCE_SLASH in app.faults else audience

    def _authn_statement(self, assertion: etree._Element) -> None:
        statement = self._element(
            assertion,
            "AuthnStatement",
            AuthnInstant=self._time(self._answer.signed_in_at),
            SessionIndex=self._answer.session_index,
        )
        if self._quirks.session_seconds:
            ends = self._moment + timedelta(seconds=self._quirks.session_seconds)
            statement.set("SessionNotOnOrAfter", self._time(ends))
        context = self._element(statement, "AuthnContext")
        self._element(context, "AuthnContextClassRef").text = PASSWORD

    def _attributes(self, assertion: etree._Element) -> None:
        app, kinds = self._answer.app, self._answer.profile.app
        wanted = [one for one in app.attributes if one.included]
        if not wanted or Fault.ATTRIBUTE_MISSING in app.faults:
            return
        statement = self._element(assertion, "AttributeStatement")
        for one in wanted:
            name_format = kinds.attribute_formats[one.name_format]
            attribute = self._element(statement, "Attribute", Name=one.name, NameFormat=name_format)
            value = self._element(attribute, "AttributeValue")
            value.set(f"{{{XSI}}}type", "xs:string")
            # A parameter that was added and given no value yet is sent empty.
            source = kinds.attribute_values.get(one.value)
            value.text = self._answer.user.value(source) if source is not None else ""

    def _element(self, parent: etree._Element, name: str, **attributes: str) -> etree._Element:
        spaces = {self._quirks.assertion_prefix: ASSERTION}
        if name == "Assertion":
            spaces["xs"] = XS
        if name == "AttributeValue":
            spaces |= {"xs": XS, "xsi": XSI}
        return etree.SubElement(parent, f"{{{ASSERTION}}}{name}", attributes, nsmap=spaces)

    def _time(self, moment: datetime) -> str:
        precision = "milliseconds" if self._quirks.milliseconds else "seconds"
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _message_id(quirks: MessageQuirks, *, prefix: str, random: Random) -> str:
    letters = quirks.id_alphabet
    return prefix + "".join(letters[octet % len(letters)] for octet in random.token(quirks.id_length))
