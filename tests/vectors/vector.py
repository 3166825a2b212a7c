"""A vector: one message, its circumstances and the verdict; how it is written to a folder and read back."""

import base64
import json
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lxml import etree

from tests.vectors.message import ACS_URL, IDP_ENTITY_ID, KEYS, NOW, REQUEST_ID, SP_ENTITY_ID, SSO_URL

ROOT = Path(__file__).parent / "saml"


@dataclass(frozen=True, kw_only=True)
class Vector:
    """`expect` is "ok" or the code of the refusal. `path` is accepted/…, refused/… or attacks/…"""

    path: str
    why: str
    """What this case is, or where the attack comes from: one sentence for a reader of the folder."""
    expect: str
    document: bytes = b""
    form_value: bytes | None = None
    """The form field as posted, where that is not simply the document in base64."""
    facts: dict[str, str | list[str]] = field(default_factory=dict)
    name_id: str = ""
    attributes: dict[str, list[str]] = field(default_factory=dict)
    now: str = NOW
    entity_id: str = SP_ENTITY_ID
    acs_url: str = ACS_URL
    idp_entity_id: str = IDP_ENTITY_ID
    certificates: tuple[str, ...] = ("idp",)
    expected_request_id: str | None = REQUEST_ID
    policy: dict[str, bool | int] = field(default_factory=dict)
    decryption_keys: tuple[str, ...] = ()

    @property
    def form(self) -> bytes:
        return base64.b64encode(self.document) if self.form_value is None else self.form_value


def document(tree: etree._Element | str | bytes) -> bytes:
    """The tree as an identity provider would send it."""
    if isinstance(tree, bytes):
        return tree
    return tree.encode() if isinstance(tree, str) else etree.tostring(tree)


def write(vector: Vector, *, root: Path = ROOT) -> None:
    """Write the vector's folder."""
    folder = root / vector.path
    folder.mkdir(parents=True, exist_ok=True)
    if vector.form_value is None:
        (folder / "response.xml").write_bytes(vector.document)
    else:
        (folder / "response.b64").write_bytes(vector.form_value)
    (folder / "case.toml").write_text(_toml(vector), encoding="utf-8")


def _toml(vector: Vector) -> str:
    lines = [
        f"why = {json.dumps(vector.why, ensure_ascii=False)}",
        f"expect = {json.dumps(vector.expect)}",
        f"now = {vector.now}",
    ]
    if vector.expected_request_id is not None:
        lines.append(f"expected_request_id = {json.dumps(vector.expected_request_id)}")
    lines += ["", "[service_provider]"]
    lines += [f"entity_id = {json.dumps(vector.entity_id)}", f"acs_url = {json.dumps(vector.acs_url)}"]
    if vector.decryption_keys:
        lines.append(f"decryption_keys = {json.dumps(vector.decryption_keys)}")
    lines += ["", "[identity_provider]"]
    lines += [f"entity_id = {json.dumps(vector.idp_entity_id)}", f"certificates = {json.dumps(vector.certificates)}"]
    for name, table in (("policy", vector.policy), ("facts", vector.facts)):
        if table:
            lines += ["", f"[{name}]"]
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
    if vector.expect == "ok":
        lines += ["", "[assertion]", f"name_id = {json.dumps(vector.name_id, ensure_ascii=False)}"]
    if vector.attributes:
        lines += ["", "[assertion.attributes]"]
        lines += [
            f"{json.dumps(name)} = {json.dumps(values, ensure_ascii=False)}"
            for name, values in vector.attributes.items()
        ]
    return "\n".join(lines) + "\n"


def read(folder: Path) -> Vector:
    """The vector that stands in this folder."""
    case = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    xml = folder / "response.xml"
    wrapped = folder / "response.b64"
    assertion = case.get("assertion", {})
    now = case["now"]
    return Vector(
        path=folder.relative_to(ROOT).as_posix(),
        why=case["why"],
        expect=case["expect"],
        document=xml.read_bytes() if xml.exists() else b"",
        form_value=wrapped.read_bytes() if wrapped.exists() else None,
        facts=case.get("facts", {}),
        name_id=assertion.get("name_id", ""),
        attributes=assertion.get("attributes", {}),
        now=now.isoformat() if isinstance(now, datetime) else now,
        entity_id=case["service_provider"]["entity_id"],
        acs_url=case["service_provider"]["acs_url"],
        idp_entity_id=case["identity_provider"]["entity_id"],
        certificates=tuple(case["identity_provider"]["certificates"]),
        expected_request_id=case.get("expected_request_id"),
        policy=case.get("policy", {}),
        decryption_keys=tuple(case["service_provider"].get("decryption_keys", ())),
    )


def read_all(root: Path = ROOT) -> list[Vector]:
    """Every vector of the three folders, by name."""
    found = sorted(
        case.parent for kind in ("accepted", "refused", "attacks") for case in root.glob(f"{kind}/*/case.toml")
    )
    return [read(folder) for folder in found]


def private_pem(name: str) -> bytes:
    """The private key of this name among the keys of the vectors."""
    return (KEYS / f"{name}.key").read_bytes()


def pem(name: str) -> bytes:
    """The certificate of this name among the keys of the vectors."""
    return (KEYS / f"{name}.crt").read_bytes()


__all__ = ["ROOT", "SSO_URL", "Vector", "document", "pem", "private_pem", "read", "read_all", "write"]
