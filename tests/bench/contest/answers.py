"""The answers that every contestant reads, made anew for each run, and the keys that go with them, as files.

Of Okta's shape, RSA-2048 and SHA-256, exclusive canonicalization with a PrefixList.
"""

import base64
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from tests.vectors.encryption import encrypt_assertion
from tests.vectors.message import KEYS, Message, Signing, attribute, signed
from tests.vectors.vector import document

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

    def written(self) -> bytes:
        """The document as it is sent, before base64."""
        groups = attribute("memberOf", *[_GROUP.format(each) for each in range(self.groups)], value_attributes="")
        root = Message(attributes=Message().attributes + _PROFILE + groups).tree()
        root = signed(root, *self.signed, how=Signing(prefixes="xs", info_prefixes=""))
        return document(encrypt_assertion(root) if self.is_encrypted else root)


ANSWERS = (
    Answer(name="8k", groups=5),
    Answer(name="64k", groups=480),
    Answer(name="encrypted", groups=5, is_encrypted=True),
    Answer(name="both", groups=5, signed=("Assertion", "Response")),
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
