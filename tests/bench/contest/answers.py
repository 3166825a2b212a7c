"""The answers that every contestant reads, made anew for each run, and the keys that go with them, as files.

Of Okta's shape, RSA-2048 and SHA-256, exclusive canonicalization with a PrefixList.
"""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from tests.vectors.encryption import encrypt_assertion
from tests.vectors.message import KEYS, SAML, Message, Signing, attribute, signed
from tests.vectors.vector import document

_DECLARATION = b' xmlns:saml2="' + SAML.encode() + b'"'
_TOP = re.compile(rb'<saml2:Assertion( xmlns:saml2="[^"]*")([^>]*)>')
_GROUP = "CN=APP-RINGLINE-{:05}-Group,OU=Security Groups,OU=EMEA,DC=acme,DC=example"
_PROFILE = "".join(
    attribute(name, value)
    for name, value in {
        "displayName": "Dana Whitfield",
        "title": "Senior Account Executive",
        "employeeNumber": "0042137",
        "login": "dana.whitfield@acme.example",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier": "00u1abcd2efGHIjkl3m4",
        "http://schemas.microsoft.com/identity/claims/tenantid": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    }.items()
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One message: which elements are signed, and how many groups it lists."""

    name: str
    groups: int
    signed: tuple[str, ...] = ("Assertion",)
    is_encrypted: bool = False
    is_reordered: bool = False
    """Tags as Okta's own serializer writes them: namespaces behind the attributes, and declared again."""
    is_unusual: bool = False
    """With a comment behind it, so that it is read by the tree and canonicalized."""

    def written(self) -> bytes:
        """The document as it is sent, before base64."""
        groups = attribute("memberOf", *[_GROUP.format(each) for each in range(self.groups)], value_attributes="")
        root = Message(attributes=Message().attributes + _PROFILE + groups).tree()
        root = signed(root, *self.signed, how=Signing(prefixes="xs", info_prefixes=""))
        written = document(encrypt_assertion(root) if self.is_encrypted else root)
        if self.is_reordered:
            written = _TOP.sub(rb"<saml2:Assertion\2\1>", written)
            for name in (b"Subject", b"AttributeStatement"):
                written = written.replace(b"<saml2:%s>" % name, b"<saml2:%s%s>" % (name, _DECLARATION))
        return written + b"<!---->" * self.is_unusual


ANSWERS = (
    Answer(name="8k", groups=5),
    Answer(name="64k", groups=480),
    Answer(name="encrypted", groups=5, is_encrypted=True),
    Answer(name="both", groups=5, signed=("Assertion", "Response")),
    Answer(name="8k_reordered", groups=5, is_reordered=True),
    Answer(name="8k_by_the_tree", groups=5, is_unusual=True),
    Answer(name="512k", groups=4150),
)


def write_answers(folder: Path) -> None:
    """Put NAME.b64 for each answer into the folder, and idp.crt, idp.pub, sp.crt, sp.key in PEM."""
    for answer in ANSWERS:
        (folder / f"{answer.name}.b64").write_bytes(base64.b64encode(answer.written()))
    for name in ("idp.crt", "sp.crt", "sp.key"):
        copyfile(KEYS / name, folder / name)
    key = load_pem_x509_certificate((KEYS / "idp.crt").read_bytes()).public_key()
    (folder / "idp.pub").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
