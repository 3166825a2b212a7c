"""Every signature of the vectors and of the shared cases, and what the product says of it.

Asked with everything allowed: what is compared is the mathematics, not the policy of a connection.
"""

import base64
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ostiary import saml
from ostiary.cli import cases
from ostiary.kernel.errors import Refusal
from ostiary.kernel.report import NotRun, Passed, Refused
from ostiary.saml.certificates import public_key
from scripts.machine import PEERS_PYTHON
from tests.conftest import ROOT, SHARED
from tests.saml.test_vectors import circumstances
from tests.vectors.vector import private_pem, read_all

FOLDER = SHARED / "fixtures" / "saml"
ELEMENTS = {"Response": "response_signature", "Assertion": "assertion_signature"}
EVERYTHING = saml.SamlPolicy(
    clock_skew_seconds=120,
    accept_unsolicited=True,
    allow_sha1=True,
    minimum_rsa_bits=0,
    allow_missing_audience=True,
    allow_empty_reference_uri=True,
    allow_missing_reference_uri=True,
    allow_inclusive_c14n=True,
    allow_c14n_with_comments=True,
    allow_cbc=True,
    allow_rsa15=True,
    allow_3des=True,
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One signature: of which document, and with which keys pinned."""

    name: str
    element: str
    form: bytes
    circumstances: dict[str, Any]
    decryption_pems: tuple[str, ...]

    @property
    def id(self) -> tuple[str, str]:
        """How the lists of the test name it."""
        return self.name, self.element

    def ours(self) -> str:
        """`valid`, `absent`, or the code of the refusal, as a connection test reports it."""
        results = {each.name: each for each in saml.diagnose_response(self.form, **self.circumstances).results}
        result = results[ELEMENTS[self.element]]
        while isinstance(result, NotRun):
            result = results[result.because_of]
        if isinstance(result, Refused):
            return result.refusal.code.removeprefix("saml.")
        assert isinstance(result, Passed)
        return "valid" if ", " in result.seen else "absent"

    def as_json(self, *, document: bytes) -> str:
        """The line for the worker."""
        keys = [public_key(each) for each in self.circumstances["identity_provider"].certificates]
        return json.dumps(
            {
                "document": base64.b64encode(document).decode(),
                "element": self.element,
                "certificates": [
                    key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode() for key in keys
                ],
                "decryption_keys": self.decryption_pems,
            }
        )


def of_vectors() -> Iterator[Question]:
    """Two of each vector: of its Response and of its Assertion."""
    for vector in read_all():
        for element in ELEMENTS:
            yield Question(
                name=vector.path,
                element=element,
                form=vector.form,
                circumstances=circumstances(vector) | {"policy": EVERYTHING},
                decryption_pems=tuple(private_pem(each).decode() for each in vector.decryption_keys),
            )


def of_shared_cases() -> Iterator[Question]:
    """Two of each case of another project; none where they are not beside this checkout."""
    path = FOLDER / "index.json"
    for case in cases.read_cases(path) if path.exists() else []:
        found = cases._circumstances(case, folder=FOLDER, is_strict=False)
        for element in ELEMENTS:
            yield Question(
                name=str(case["id"]),
                element=element,
                form=cases._form_value(case, folder=FOLDER),
                circumstances={
                    "service_provider": found.service_provider,
                    "identity_provider": found.identity_provider,
                    "policy": EVERYTHING,
                    "expected_request_id": found.expected_request_id,
                    "now": found.now,
                },
                decryption_pems=tuple((FOLDER / each).read_text() for each in cases._texts(case, "sp_key_files")),
            )


def ask_xmlsec(questions: list[Question]) -> dict[tuple[str, str], str]:
    """What xmlsec says of each: `valid`, `absent`, or why it is not valid."""
    asked: list[Question] = []
    lines: list[str] = []
    answers: dict[tuple[str, str], str] = {}
    for question in questions:
        try:
            document = saml.decoded(question.form)
        except Refusal:
            answers[question.id] = "not base64"
            continue
        asked.append(question)
        lines.append(question.as_json(document=document))
    worker = ROOT / "tests" / "differential" / "xmlsec_worker.py"
    said = subprocess.run(
        [PEERS_PYTHON, worker], input="\n".join(lines), capture_output=True, text=True, check=True, timeout=300
    )
    verdicts = [json.loads(line)["verdict"] for line in said.stdout.splitlines()]
    return answers | {question.id: verdict for question, verdict in zip(asked, verdicts, strict=True)}
