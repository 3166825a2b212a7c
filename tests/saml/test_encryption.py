"""What holds of encrypted answers beyond single vectors: no ciphertext can be asked about, no key is shown."""

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from lxml import etree

from ostiary import saml
from ostiary.kernel.errors import Refusal
from ostiary.kernel.report import Refused
from ostiary.saml.errors import DecryptionFailed, TooComplex
from tests.saml.circumstances import SERVICE_PROVIDER, usual
from tests.vectors.encryption import XENC, Encrypting, encrypt_assertion, encrypted_part
from tests.vectors.message import EMAIL, SAML, Message, attribute, signed
from tests.vectors.vector import document, private_pem

PLAIN = replace(Message(), attributes=attribute("email", EMAIL))
KEY = saml.read_decryption_key(private_pem("sp"))
OURS = replace(SERVICE_PROVIDER, decryption_keys=(KEY,))
CBC = Encrypting(cipher=XENC + "aes128-cbc")


def outcome_of(written: bytes, **policy: bool) -> saml.Assertion | Refusal:
    try:
        return saml.read_response(base64.b64encode(written), **usual(service_provider=OURS, policy=policy))
    except Refusal as refusal:
        return refusal


def with_ciphertext(written: bytes, *, number: int, octets: bytes) -> bytes:
    root = etree.fromstring(written)
    list(root.iter(f"{{{XENC}}}CipherValue"))[number].text = base64.b64encode(octets).decode()
    return etree.tostring(root)


def ciphertext(written: bytes, *, number: int) -> bytes:
    return base64.b64decode(list(etree.fromstring(written).iter(f"{{{XENC}}}CipherValue"))[number].text or "")


@pytest.mark.parametrize("how", [Encrypting(), CBC], ids=["gcm", "cbc"])
def test_any_change_of_a_ciphertext_has_the_same_answer(how):
    """Key and content, a bit in every 53rd octet; an oracle would be one case that differs from the others."""
    written = document(encrypt_assertion(signed(PLAIN.tree(), "Assertion"), how=how))
    answers = set()
    for number in (0, 1):
        octets = ciphertext(written, number=number)
        for at in {*range(0, len(octets), 53), len(octets) - 1}:
            changed = octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]
            outcome = outcome_of(with_ciphertext(written, number=number, octets=changed), allow_cbc=True)
            assert isinstance(outcome, DecryptionFailed)
            answers.add(str(outcome.facts()))
    assert answers == {"{'element': 'EncryptedAssertion'}"}


@pytest.mark.parametrize("size", [0, 1, 12, 15, 16, 17, 28, 31, 32, 33])
@pytest.mark.parametrize("how", [Encrypting(), CBC], ids=["gcm", "cbc"])
def test_a_ciphertext_of_any_size_has_the_same_answer(how, size):
    written = document(encrypt_assertion(signed(PLAIN.tree(), "Assertion"), how=how))
    for number in (0, 1):
        cut = ciphertext(written, number=number)[:size]
        assert isinstance(
            outcome_of(with_ciphertext(written, number=number, octets=cut), allow_cbc=True), DecryptionFailed
        )


def test_nothing_is_decrypted_where_the_signature_outside_does_not_hold():
    """In a test, too, where every check runs: it would be an oracle for whoever may run tests."""
    whole = document(signed(encrypt_assertion(signed(PLAIN.tree(), "Assertion"), how=CBC), "Response"))
    changed = whole.replace(b'Version="2.0"><saml2:Issuer xmlns', b'Version="2.0" Consent="x"><saml2:Issuer xmlns', 1)
    assert changed != whole
    arguments = usual(service_provider=OURS, policy={"allow_cbc": True})
    for form_value in (changed, with_ciphertext(changed, number=1, octets=bytes(64))):
        diagnosis = saml.diagnose_response(base64.b64encode(form_value), **arguments)
        refused = {result.name: result.refusal.code for result in diagnosis.results if isinstance(result, Refused)}
        assert refused == {"response_signature": "saml.signature_wrong", "assertion_signature": "saml.signature_wrong"}


def test_a_test_of_a_connection_reads_what_was_encrypted():
    whole = document(encrypt_assertion(signed(PLAIN.tree(), "Assertion")))
    diagnosis = saml.diagnose_response(base64.b64encode(whole), **usual(service_provider=OURS))
    assert diagnosis.refusal is None
    assert diagnosis.assertion is not None
    assert diagnosis.assertion.name_id.value == EMAIL


def test_many_encrypted_parts_are_refused_before_any_is_opened():
    part = encrypted_part("EncryptedAttribute", f'<saml2:Attribute xmlns:saml2="{SAML}" Name="x"/>')
    parts = "".join(part.replace("_key0", f"_key{number}") for number in range(17))
    outcome = outcome_of(document(signed(replace(PLAIN, attributes=parts).tree(), "Assertion")))
    assert isinstance(outcome, TooComplex)
    assert (outcome.what, outcome.limit) == ("encrypted parts", 16)


def test_a_key_does_not_show_itself():
    shown = repr(OURS)
    assert "private" not in shown
    assert "rejection" not in shown


def test_only_a_bare_rsa_key_is_read():
    protected = load_pem_private_key(private_pem("sp"), password=None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    for pem in (b"", b"-----BEGIN PRIVATE KEY-----", private_pem("ec"), protected):
        with pytest.raises(ValueError, match=r"."):
            saml.read_decryption_key(pem)
