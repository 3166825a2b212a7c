"""What the product and its simulators write, read by others: xmlsec opens and verifies it, the schemas take it."""

import base64
import json
import subprocess
from dataclasses import replace
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from ostiary import saml
from ostiary.kernel.randomness import SystemRandom
from ostiary.simulator.encryption import Encrypter, encrypt_assertion
from ostiary.simulator.profile import CipherName, Transport
from scripts.machine import PEERS_PYTHON
from tests.conftest import ROOT
from tests.saml.circumstances import AT, IDENTITY_PROVIDER, SERVICE_PROVIDER
from tests.vectors.message import REQUEST_ID, Message, signed
from tests.vectors.vector import pem, private_pem

WITH_LOGOUT = replace(SERVICE_PROVIDER, slo_url="https://sso.ringline.example/saml/c7f3k2m9q4/slo")
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
[CERTIFICATE] = IDENTITY_PROVIDER.certificates


def ask(worker: str, *questions: dict[str, object]) -> list[str]:
    """What the worker says of each."""
    lines = "\n".join(json.dumps(question) for question in questions)
    path = ROOT / "tests" / "differential" / worker
    said = subprocess.run([PEERS_PYTHON, path], input=lines, capture_output=True, text=True, check=True, timeout=120)
    return [json.loads(line)["verdict"] for line in said.stdout.splitlines()]


def of_xmlsec(document: bytes, *, element: str) -> dict[str, object]:
    """The question for the signature of this element, after whatever is encrypted was opened."""
    return {
        "document": base64.b64encode(document).decode(),
        "element": element,
        "certificates": [pem("idp").decode()],
        "decryption_keys": [private_pem("sp").decode()],
    }


def of_schema(document: bytes, *, schema: str) -> dict[str, object]:
    """The question whether the schema takes this document."""
    return {"document": base64.b64encode(document).decode(), "schema": f"saml-schema-{schema}-2.0.xsd"}


def a_request(*, is_signed: bool = True) -> bytes:
    """A request with all that one can have."""
    key = load_pem_private_key(private_pem("idp"), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return saml.build_authn_request(
        service_provider=SERVICE_PROVIDER,
        identity_provider=IDENTITY_PROVIDER,
        request_id=REQUEST_ID,
        force_authn=True,
        name_id_format=PERSISTENT,
        signer=(key, CERTIFICATE) if is_signed else None,
        now=AT,
    )


def encrypted(cipher: CipherName, transport: Transport, *, key_beside: bool) -> bytes:
    """A signed assertion as a simulated provider encrypts it."""
    root = signed(Message().tree(), "Assertion")
    assertion = root.find("{*}Assertion")
    assert assertion is not None
    encrypter = Encrypter(certificate_pem=pem("sp").decode(), cipher=cipher, transport=transport, key_beside=key_beside)
    encrypt_assertion(assertion, encrypter=encrypter, random=SystemRandom())
    return etree.tostring(root)


def test_xmlsec_opens_what_the_simulators_encrypt():
    """In every way that a console offers; the signature inside is still good."""
    questions = [
        of_xmlsec(encrypted(cipher, transport, key_beside=beside), element="Assertion")
        for cipher in get_args(CipherName)
        for transport in get_args(Transport)
        for beside in (False, True)
    ]
    assert ask("xmlsec_worker.py", *questions) == ["valid"] * 28


def test_xmlsec_verifies_the_signature_in_our_request_and_no_other():
    good = a_request()
    changed = good.replace(b'ForceAuthn="true"', b'ForceAuthn="fals"')
    said = ask("xmlsec_worker.py", *[of_xmlsec(each, element="Response") for each in (good, changed)])
    assert said[0] == "valid"
    assert said[1] != "valid"


@pytest.mark.parametrize("is_signed", [True, False])
def test_the_schema_takes_our_request(is_signed):
    assert ask("schema_worker.py", of_schema(a_request(is_signed=is_signed), schema="protocol")) == ["valid"]


def test_the_schema_takes_our_metadata():
    written = saml.build_sp_metadata(
        service_provider=WITH_LOGOUT,
        signs_requests=True,
        signing_certificates=(CERTIFICATE, CERTIFICATE),
        encryption_certificates=(CERTIFICATE,),
        attributes=("email", "urn:oid:2.5.4.42"),
        service_name="Ringline",
    )
    upside_down = written.replace(b"<md:NameIDFormat>", b"<md:NameIdFormat>").replace(
        b"</md:NameIDFormat>", b"</md:NameIdFormat>"
    )
    said = ask("schema_worker.py", *[of_schema(each, schema="metadata") for each in (written, upside_down)])
    assert said[0] == "valid"
    assert said[1] != "valid"
