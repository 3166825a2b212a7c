"""`ostiary saml check`: a list of cases in, a verdict for each out."""

import base64
import json
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner, Result

from ostiary.cli.main import app
from tests.vectors.accepted import OKTA
from tests.vectors.message import ACS_URL, EMAIL, IDP_ENTITY_ID, NOW, REQUEST_ID, SP_ENTITY_ID, Signing, signed
from tests.vectors.vector import ROOT as VECTORS
from tests.vectors.vector import document, pem, private_pem
from tests.vectors.vector import read as read_vector

GOOD = document(signed(OKTA.tree(), "Assertion"))
OLD = document(signed(OKTA.tree(), "Assertion", how=Signing(hash="sha1", digest="sha1")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "idp.crt").write_bytes(pem("idp"))
    (tmp_path / "good.xml").write_bytes(GOOD)
    return tmp_path


def a_case(**changes: object) -> dict[str, Any]:
    usual = {
        "id": "one",
        "file": "good.xml",
        "encoding": "xml",
        "idp_cert_file": "idp.crt",
        "idp_entity_id": IDP_ENTITY_ID,
        "sp_entity_id": SP_ENTITY_ID,
        "acs_url": ACS_URL,
        "in_response_to": REQUEST_ID,
        "now": NOW,
        "requires": [],
        "sp_key_files": [],
    }
    return usual | changes


def check(folder: Path, *cases: dict[str, Any], options: tuple[str, ...] = ()) -> tuple[Result, list[dict[str, Any]]]:
    path = folder / "cases.json"
    path.write_text(json.dumps(cases))
    result = CliRunner().invoke(app, ["saml", "check", str(path), *options])
    return result, [json.loads(line) for line in result.stdout.splitlines()]


def test_a_good_answer_is_accepted_with_its_person(folder):
    result, [verdict] = check(folder, a_case())
    assert result.exit_code == 0
    assert verdict == {
        "id": "one",
        "verdict": "accept",
        "code": None,
        "nameid": EMAIL,
        "attributes": {
            "email": [EMAIL],
            "firstName": ["Dana"],
            "lastName": ["Whitfield"],
            "department": ["IT Operations"],
            "groups": ["Everyone", "Ringline-Admins"],
        },
    }


def test_a_refused_answer_is_told_by_its_code_and_names_nobody(folder):
    result, verdicts = check(
        folder, a_case(now="2026-03-03T11:41:52Z"), a_case(id="two", acs_url="https://other.example")
    )
    assert result.exit_code == 0
    assert verdicts == [
        {"id": "one", "verdict": "reject", "code": "saml.response_expired", "nameid": None, "attributes": None},
        {"id": "two", "verdict": "reject", "code": "saml.destination_mismatch", "nameid": None, "attributes": None},
    ]


def test_exactly_what_a_case_requires_is_allowed(folder):
    (folder / "old.xml").write_bytes(OLD)
    cases = [a_case(file="old.xml", requires=requires) for requires in ([], ["cbc_encryption"], ["sha1_signature"])]
    _, verdicts = check(folder, *cases)
    assert [verdict["code"] for verdict in verdicts] == ["saml.algorithm_refused", "saml.algorithm_refused", None]


def test_a_strict_run_allows_nothing(folder):
    (folder / "old.xml").write_bytes(OLD)
    result, verdicts = check(
        folder,
        a_case(file="old.xml", requires=["sha1_signature"]),
        a_case(requires=["moonlight"]),
        options=("--strict",),
    )
    assert result.exit_code == 0
    assert [verdict["code"] for verdict in verdicts] == ["saml.algorithm_refused", None]


def test_an_unknown_requirement_is_named_for_its_case_alone(folder):
    result, verdicts = check(
        folder, a_case(), a_case(id="two", requires=["sha1_digest", "moonlight"]), a_case(id="three")
    )
    assert result.exit_code == 1
    assert [verdict["verdict"] for verdict in verdicts] == ["accept", "error", "accept"]
    assert verdicts[1]["error"] == "unknown requirement: moonlight"


@pytest.mark.parametrize(
    "broken",
    [
        {"file": "nowhere.xml"},
        {"encoding": "rot13"},
        {"now": "soon"},
        {"sp_key_files": ["idp.crt"]},
        {"idp_cert_file": 7},
        {"file": None},
    ],
    ids=str,
)
def test_a_case_that_cannot_be_judged_says_why_and_hides_no_other(folder, broken):
    result, verdicts = check(folder, a_case(**broken), a_case(id="two"))
    assert result.exit_code == 1
    assert (verdicts[0]["verdict"], verdicts[1]["verdict"]) == ("error", "accept")
    assert verdicts[0]["error"]


def test_a_form_value_is_taken_byte_for_byte(folder):
    (folder / "good.b64").write_bytes(base64.encodebytes(GOOD))
    (folder / "bad.b64").write_bytes(base64.b64encode(GOOD).replace(b"A", b" ", 1))
    _, verdicts = check(folder, a_case(file="good.b64", encoding="b64"), a_case(file="bad.b64", encoding="b64"))
    assert [verdict["code"] for verdict in verdicts] == [None, "saml.not_base64"]


def test_a_deflated_form_value_is_unpacked_up_to_the_size_of_a_message(folder):
    for name, content in (("good", GOOD), ("bomb", b"<a>" + b" " * 50_000_000), ("plain", b"")):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush() if content else GOOD
        (folder / f"{name}.b64").write_bytes(base64.b64encode(packed))
    cases = [a_case(file=f"{name}.b64", encoding="b64deflate") for name in ("good", "bomb", "plain")]
    _, verdicts = check(folder, *cases)
    assert [verdict["code"] for verdict in verdicts] == [None, "saml.too_large", "saml.not_xml"]


def test_a_bare_public_key_is_pinned_too(folder):
    key = x509.load_pem_x509_certificate(pem("idp")).public_key()
    (folder / "idp.pub").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (folder / "stranger.crt").write_bytes(pem("stranger"))
    _, verdicts = check(
        folder,
        a_case(idp_cert_file="idp.pub"),
        a_case(idp_cert_file=["stranger.crt", "idp.pub"]),
        a_case(idp_cert_file="stranger.crt"),
        a_case(idp_cert_file=None),
    )
    assert [verdict["code"] for verdict in verdicts] == [None, None, *["saml.certificate_unknown"] * 2]


def test_without_an_entity_id_of_ours_no_audience_is_checked(folder):
    (folder / "nameless.xml").write_bytes(read_vector(VECTORS / "accepted" / "no-audience-where-allowed").document)
    _, verdicts = check(
        folder,
        a_case(sp_entity_id=None),
        a_case(sp_entity_id=None, now="2026-03-03T11:41:52Z"),
        a_case(sp_entity_id=None, file="nameless.xml"),
        a_case(sp_entity_id=None, file="nameless.xml", requires=["no_audience_restriction"]),
        a_case(sp_entity_id="https://other.example"),
    )
    expected = [None, "saml.response_expired", "saml.audience_missing", None, "saml.audience_mismatch"]
    assert [verdict["code"] for verdict in verdicts] == expected


def test_what_is_null_is_equal_to_nothing_in_a_message(folder):
    _, verdicts = check(folder, a_case(idp_entity_id=None), a_case(acs_url=None), a_case(in_response_to=None))
    expected = ["saml.issuer_mismatch", "saml.destination_mismatch", "saml.request_unknown"]
    assert [verdict["code"] for verdict in verdicts] == expected


def test_an_encrypted_answer_is_opened_with_the_keys_of_the_case(folder):
    (folder / "sealed.xml").write_bytes(read_vector(VECTORS / "accepted" / "encrypted-key-beside").document)
    (folder / "sp.key").write_bytes(private_pem("sp"))
    _, verdicts = check(
        folder,
        a_case(file="sealed.xml", sp_key_files=["sp.key"], requires=["sp_private_key"]),
        a_case(file="sealed.xml"),
    )
    assert [verdict["code"] for verdict in verdicts] == [None, "saml.encrypted"]


def test_what_is_no_list_of_cases_is_said(folder):
    (folder / "cases.json").write_text('{"id": 1}')
    result = CliRunner().invoke(app, ["saml", "check", str(folder / "cases.json")])
    assert result.exit_code == 2
    assert "holds no JSON list of cases" in result.stderr


def test_two_thousand_cases_take_less_than_a_minute(folder):
    """A tenth of them here, some of many megabytes, in a tenth of the time."""
    (folder / "large.xml").write_bytes(GOOD + b" " * 8_000_000)
    cases = [a_case(id=str(number), file="large.xml" if number % 20 == 0 else "good.xml") for number in range(200)]
    began = time.process_time()
    _, verdicts = check(folder, *cases)
    assert time.process_time() - began < 6
    assert sum(verdict["verdict"] == "accept" for verdict in verdicts) == 190
