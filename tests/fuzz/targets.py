"""What a fuzzer throws bytes at. A target returns for every input, or raises what is a fault: there is no third way.

A refusal is an answer. A fault is any other exception, and whatever `Forged` stands for: the inputs are written by
nobody who has a key of the provider, so that what they say must never be believed.
"""

import base64
import contextlib
import json
import re
from collections.abc import Callable
from functools import cache

from lxml import etree

from ostiary import saml
from ostiary.kernel.errors import Refusal
from ostiary.saml import logout
from ostiary.services.doctor.recognising import specimens_in
from tests.property.placements import FACTS, OURS
from tests.saml.circumstances import AT, SERVICE_PROVIDER, usual
from tests.vectors.encryption import Encrypting, encrypted_part
from tests.vectors.message import SAML, Message, Signing, sign
from tests.vectors.vector import read_all

OTHER_ID = re.compile(rb' ID="[^"]*"')
LARGEST_SPECIMEN = 1024 * 1024
EVERYTHING = {
    "allow_sha1": True,
    "minimum_rsa_bits": 1024,
    "allow_missing_audience": True,
    "allow_empty_reference_uri": True,
    "allow_missing_reference_uri": True,
    "allow_inclusive_c14n": True,
    "allow_c14n_with_comments": True,
    "allow_cbc": True,
    "allow_rsa15": True,
    "allow_3des": True,
    "accept_unsolicited": True,
}
CIPHERS = (
    Encrypting(),
    Encrypting(cipher="http://www.w3.org/2001/04/xmlenc#aes128-cbc"),
    Encrypting(cipher="http://www.w3.org/2001/04/xmlenc#tripledes-cbc"),
)
PARTS = ("EncryptedAssertion", "EncryptedID", "EncryptedAttribute")


class Forged(AssertionError):
    """Something was believed that the provider's key has not signed."""


def decode(octets: bytes) -> None:
    """A form field, and a value of a query."""
    for read in (saml.decoded, saml.inflated):
        with contextlib.suppress(Refusal):
            assert isinstance(read(octets), bytes)
    saml.unverified_in_response_to(octets)
    _outcome(octets)


def parse(octets: bytes) -> None:
    """A document that is only shown, and one that is judged check by check."""
    with contextlib.suppress(Refusal):
        saml.unverified_outline(octets)
    form = base64.b64encode(octets)
    diagnosis = saml.diagnose_response(form, **usual(policy=EVERYTHING, **OURS))
    outcome = _outcome(form)
    if isinstance(outcome, Refusal):
        refusal = diagnosis.refusal
        if refusal is None or (refusal.code, refusal.facts()) != (outcome.code, outcome.facts()):
            raise AssertionError(f"a sign-in says {outcome.code}, a test {refusal}")
    elif diagnosis.assertion != outcome:
        raise AssertionError("a sign-in and a test read two things")
    json.dumps([str(each) for each in diagnosis.results])


def certificates(octets: bytes) -> None:
    """What was pasted into the field for certificates; what is read is read again from where it is stored."""
    try:
        found = saml.read_certificates(octets)
    except Refusal:
        return
    for each in found:
        assert saml.certificate_from_der(each.der).fingerprint == each.fingerprint


def metadata(octets: bytes) -> None:
    """What was uploaded or fetched as metadata."""
    for entity_id in (None, "http://www.okta.com/exk8r2w6tLq1ZbN5d7"):
        with contextlib.suppress(Refusal):
            assert saml.read_idp_metadata(octets, entity_id=entity_id).certificates


def response(octets: bytes) -> None:
    """A document at the ACS, with everything allowed. Nobody but the provider has made it, or it is refused."""
    outcome = _both_ways(octets)
    if isinstance(outcome, saml.Assertion) and facts_of(outcome) not in genuine():
        raise Forged(outcome)


def content(octets: bytes) -> None:
    """An assertion of whatever content, which the provider has signed: every line behind the signature is reached."""
    inside = octets.decode("utf-8", "replace")
    try:
        root = etree.fromstring(Message(before_assertion="", after_assertion="").xml().encode())
        made = etree.fromstring(
            f'<saml2:Assertion xmlns:saml2="{SAML}" ID="_a" Version="2.0">{inside}</saml2:Assertion>'
        )
        old = root.find(f"{{{SAML}}}Assertion")
        assert old is not None
        root.replace(old, made)
        sign(made, how=Signing())
    except (etree.LxmlError, ValueError):
        return
    _both_ways(etree.tostring(root))


def decryption(octets: bytes) -> None:
    """Whatever somebody has encrypted to us: anybody can. The first byte says how, and as which part."""
    if not octets:
        return
    how = CIPHERS[octets[0] % len(CIPHERS)]
    part = encrypted_part(PARTS[octets[0] // 16 % len(PARTS)], octets[1:].decode("utf-8", "replace"), how=how)
    if part.startswith("<saml2:EncryptedAssertion"):
        document = Message(before_assertion=part).xml().encode()
        cut = document.index(b"<saml2:Assertion")
        document = document[:cut] + b"</saml2p:Response>"
    elif part.startswith("<saml2:EncryptedID"):
        document = _signed(Message(name_id=part))
    else:
        document = _signed(Message(attributes=part))
    outcome = _outcome(base64.b64encode(document))
    if (
        isinstance(outcome, saml.Assertion)
        and document.find(b"<ds:Signature ") < 0
        and facts_of(outcome) not in genuine()
    ):
        raise Forged(outcome)


def logouts(octets: bytes) -> None:
    """A query or a form at the Single Logout URL. Nobody here has the key: all is refused, or was signed by nobody."""
    parties = logout.LogoutParties(
        service_provider=SERVICE_PROVIDER,
        identity_provider=usual()["identity_provider"],
        policy=saml.SamlPolicy(**EVERYTHING),  # type: ignore[arg-type] # by name
        slo_url=SERVICE_PROVIDER.acs_url.replace("/acs", "/slo"),
    )
    arrivals: list[logout.Arrival] = [logout.ByPost(parameter=logout.REQUEST, value=octets, relay_state="")]
    arrivals.append(logout.ByPost(parameter=logout.RESPONSE, value=base64.b64encode(octets), relay_state=""))
    with contextlib.suppress(Refusal):
        arrivals.append(logout.arrival_of_query(octets))
    for arrival in arrivals:
        with contextlib.suppress(Refusal):
            raise Forged(logout.read_logout_request(arrival, parties=parties, now=AT))
        logout.unverified_answer_to(arrival)


def pasted(octets: bytes) -> None:
    """What an admin pastes into the doctor."""
    assert specimens_in(octets, limit=LARGEST_SPECIMEN)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "decode": decode,
    "parse": parse,
    "certificates": certificates,
    "metadata": metadata,
    "response": response,
    "content": content,
    "decryption": decryption,
    "logout": logouts,
    "doctor": pasted,
}


def _outcome(form: bytes) -> saml.Assertion | Refusal:
    try:
        return saml.read_response(form, **usual(policy=EVERYTHING, **OURS))
    except Refusal as refusal:
        return refusal


def _both_ways(document: bytes) -> saml.Assertion | Refusal:
    """What is made of the document, by its text if it is of the usual shape, and by its tree in any case.

    A comment behind the last tag changes nothing of a document, and makes it unusual.
    """
    outcome = _outcome(base64.b64encode(document))
    if not document.endswith(b">"):
        return outcome
    by_tree = _outcome(base64.b64encode(document + b"<!---->"))
    if _comparable(outcome) != _comparable(by_tree):
        raise AssertionError(f"by its text {_comparable(outcome)}, by its tree {_comparable(by_tree)}")
    return outcome


def _comparable(outcome: saml.Assertion | Refusal) -> object:
    if not isinstance(outcome, Refusal):
        return outcome
    # At which column a parser gives up depends on how much there is.
    return outcome.code, {} if outcome.code == "saml.not_xml" else outcome.facts()


def _signed(message: Message) -> bytes:
    root = message.tree()
    assertion = root.find(f"{{{SAML}}}Assertion")
    assert assertion is not None
    sign(assertion, how=Signing())
    return etree.tostring(root)


def facts_of(assertion: saml.Assertion) -> tuple[object, ...]:
    """Everything that a sign-in goes by."""
    return tuple(getattr(assertion, name) for name in FACTS)


@cache
def genuine() -> frozenset[tuple[object, ...]]:
    """What the provider has said in the messages that a fuzzer begins with.

    Said it has also what is refused only for the ID of the Response around it, which a fuzzer finds another one for.
    """
    forms = [vector.form for vector in read_all()]
    forms += [base64.b64encode(OTHER_ID.sub(b' ID="_another"', vector.document, 1)) for vector in read_all()]
    outcomes = [_outcome(form) for form in forms]
    return frozenset(facts_of(each) for each in outcomes if isinstance(each, saml.Assertion))
