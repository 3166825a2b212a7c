"""`ostiary saml inspect`: what something is, what is wrong with it, and what to do."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ostiary.cli.main import app
from ostiary.domain.organization import Plan
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import Saved
from ostiary.services.doctor.consulting import LARGEST_IN_A_FILE
from tests.vectors.message import ACS_URL, IDP_ENTITY_ID, NOW, SP_ENTITY_ID, SSO_URL
from tests.vectors.vector import ROOT, pem, private_pem
from tests.web.rim import PUBLIC_URL, some_services

SLASH = ROOT / "refused" / "audience_mismatch" / "response.xml"
GOOD = ROOT / "accepted" / "okta-both-signed" / "response.xml"
TITLE = "Audience (SP Entity ID) ends with a slash. This connection's Entity ID does not."


@pytest.fixture
def known(tmp_path: Path) -> list[str]:
    """The options that say all of the vectors' connection."""
    certificate = tmp_path / "idp.pem"
    certificate.write_bytes(pem("idp"))
    return [
        f"--certificate={certificate}",
        f"--entity-id={SP_ENTITY_ID}",
        f"--acs-url={ACS_URL}",
        f"--issuer={IDP_ENTITY_ID}",
    ]


def inspect(*words: str, comes_in: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["saml", "inspect", *words], input=comes_in)


def as_json(*words: str, comes_in: bytes = b"") -> tuple[int, list[dict[str, Any]]]:
    result = inspect(*words, "--json", comes_in=comes_in)
    return result.exit_code, json.loads(result.stdout)


def test_a_good_answer_ends_with_status_0(known):
    status, [said] = as_json(str(GOOD), *known, f"--at={NOW}")
    assert status == 0
    assert (said["kind"], said["carrier"], said["verdict"], said["wrong"]) == ("response", "bare", "right", [])
    assert said["person"]["is_verified"] is True
    assert said["person"]["name_id"] == "dana.whitfield@acme.example"
    assert {check["result"] for check in said["checks"]} == {"passed"}


def test_a_refused_one_with_status_1_its_difference_and_its_steps(known):
    status, [said] = as_json(str(SLASH), *known, f"--at={NOW}")
    [wrong] = said["wrong"]
    assert status == 1
    assert wrong["code"] == "saml.audience_mismatch"
    assert wrong["title"].endswith(TITLE)
    assert [(row["label"], row["values"]) for row in wrong["evidence"]] == [
        ("Expected", [SP_ENTITY_ID]),
        ("Received", [f"{SP_ENTITY_ID}/"]),
    ]
    assert wrong["difference"] == "1 character too many: a slash at the end"
    assert SP_ENTITY_ID in wrong["steps"][0]


def test_what_holds_no_saml_with_status_2():
    status, [said] = as_json("-", comes_in=b"%PDF-1.7")
    assert (status, said["verdict"], said["wrong"][0]["code"]) == (2, "unreadable", "doctor.not_saml")
    assert as_json("-", comes_in=private_pem("idp"))[0] == 2


def test_without_anything_to_compare_with_what_can_be_said_alone_is_said():
    status, [said] = as_json("-", comes_in=base64.b64encode(SLASH.read_bytes()))
    assert status == 0
    assert said["says"]["audience"] == [f"{SP_ENTITY_ID}/"]
    assert said["person"]["is_verified"] is False
    assert "doctor.own_certificate_only" in [note["code"] for note in said["notes"]]
    assert {"destination", "issuer", "audience", "recipient"} & {check["name"] for check in said["checks"]} == set()


def test_metadata_stands_in_for_certificate_and_issuer(tmp_path):
    certificate = "".join(pem("idp").decode().split("-----")[2].split())
    metadata = tmp_path / "metadata.xml"
    metadata.write_text(
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{IDP_ENTITY_ID}">'
        '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor>'
        '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>'
        f"<X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
        f'<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{SSO_URL}"/>'
        "</IDPSSODescriptor></EntityDescriptor>"
    )
    status, [said] = as_json(str(SLASH), f"--metadata={metadata}", f"--at={NOW}")
    assert (status, said["person"]["is_verified"]) == (0, True)
    assert as_json(str(metadata), f"--metadata={metadata}")[0] == 0
    status, [said] = as_json(str(SLASH), f"--metadata={metadata}", f"--entity-id={SP_ENTITY_ID}")
    assert (status, said["wrong"][0]["code"]) == (1, "saml.audience_mismatch")


def test_a_person_reads_lines_and_no_table_where_it_is_piped(known):
    result = inspect(str(SLASH), *known, f"--at={NOW}")
    lines = result.stdout.splitlines()
    assert lines[0] == "An answer of an identity provider (SAML Response)"
    assert f"  Expected  {SP_ENTITY_ID}" in lines
    assert f"  Received  {SP_ENTITY_ID}/" in lines
    assert "  1 character too many: a slash at the end" in lines
    assert "  ✗ Audience: Differs by a slash at the end" in lines
    assert "\x1b" not in result.stdout


def test_what_a_stranger_wrote_steers_no_terminal():
    title = "\x1b]0;owned\x07\x9b31mred\u202e"
    page = f"<html><title>{title}</title></html>".encode()
    for options in ((), ("--json",)):
        result = inspect("-", *options, comes_in=page)
        assert result.exit_code == 2
        assert [mark for mark in "\x1b\x07\x9b\u202e" if mark in result.stdout] == []


def test_what_can_not_be_opened_is_said_in_words():
    missing = inspect("nowhere.xml")
    assert (missing.exit_code, "nowhere.xml" in missing.stderr) == (2, True)
    unreadable = inspect(str(GOOD), f"--certificate={GOOD}")
    assert unreadable.exit_code == 1
    assert "setup.certificate_is_metadata" in unreadable.stderr
    assert inspect(str(GOOD), "--at=yesterday").exit_code == 2


def test_more_than_ten_megabytes_are_not_read(tmp_path):
    large = tmp_path / "large.har"
    large.write_bytes(b"x" * (LARGEST_IN_A_FILE + 2))
    status, [said] = as_json(str(large))
    assert (status, said["wrong"][0]["code"]) == (2, "doctor.too_large")


def test_a_connection_of_the_database_is_named_by_its_id(tmp_path, monkeypatch):
    monkeypatch.setenv("OSTIARY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OSTIARY_KEY_FILE", str(tmp_path / "keys" / "sealing.key"))
    monkeypatch.setenv("OSTIARY_PUBLIC_URL", PUBLIC_URL)
    connection = _saved_connection(tmp_path)
    status, [said] = as_json(str(GOOD), f"--connection={connection.id}")
    assert (status, said["connection"]) == (1, connection.id)
    assert "saml.audience_mismatch" in [each["code"] for each in said["wrong"]]
    assert any("Okta" in each["title"] for each in said["wrong"])
    unknown = inspect(str(GOOD), "--connection=cnowhere")
    assert unknown.exit_code == 1
    assert "login.connection_unknown" in unknown.stderr


def test_without_a_database_none_is_made_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSTIARY_PUBLIC_URL", PUBLIC_URL)
    alone = inspect(str(GOOD), "--connection=cnowhere")
    assert alone.exit_code == 1
    assert alone.stderr.splitlines() == [f"There is no database: {tmp_path / 'data' / 'ostiary.db'}"]
    (tmp_path / ".ostiary-demo").mkdir()
    beside_a_demo = inspect(str(GOOD), "--connection=cnowhere")
    assert "For the demo of this folder, put --demo before the command" in beside_a_demo.stderr
    assert [path.name for path in tmp_path.rglob("*")] == [".ostiary-demo"]


def _saved_connection(folder: Path):
    services = some_services(folder)
    made = services.organizations.add("acme", name="Acme", owner_email="dana@acme.example", plan=Plan.BUSINESS)
    actor = Actor.of(made.owner, client_address="203.0.113.24")
    drafted = services.connections.draft("okta", organization=made.organization, actor=actor)
    form = SaveSaml(sso_url=SSO_URL, idp_entity_id=IDP_ENTITY_ID, certificate=pem("idp"))
    saved = services.connections.save(drafted.connection.id, form, organization=made.organization, actor=actor)
    services.close()
    assert isinstance(saved, Saved)
    return saved.connection
