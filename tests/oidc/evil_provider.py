"""A provider made of values: what one case of the shared list makes it say, as bytes that the relying party reads.

It signs by itself, not through `ostiary.oidc`, so that a misreading of ours can't agree with itself.
"""

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ostiary.kernel.http import HttpResponse

Tree = dict[str, Any]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@cache
def key(name: str) -> PrivateKey:
    """The key of this name, made once."""
    if name == "ec1":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if name == "tiny" else 2048)


def mutated(base: Tree, steps: list[Tree]) -> Tree:
    """The base with a case's steps taken, in order."""
    tree = copy.deepcopy(base)
    for step in steps:
        *path, last = (step.get("set") or step["del"]).split(".")
        place = tree
        for name in path:
            place = place.setdefault(name, {})
        if "del" in step:
            place.pop(last, None)
        else:
            place[last] = step["value"]
    issuer = tree["rp"]["issuer_configured"]
    # Where a case is about another issuer, an honest answer names that one.
    if issuer != base["rp"]["issuer_configured"]:
        tree["callback"]["params"]["iss"] = issuer
    return tree


def discovery_response(tree: Tree) -> HttpResponse:
    """The answer of the discovery URL."""
    said = tree["discovery"]
    return response(said["status"], said["content_type"], json.dumps(said["doc"]))


def keys_response(tree: Tree) -> HttpResponse:
    """The answer of `jwks_uri`."""
    said = tree["jwks"]
    if "raw" in said:
        return response(200, "text/html", said["raw"])
    listed = [jwk(name, said) for name in said["keys"]]
    return response(200, "application/json", json.dumps({"keys": [*said.get("extra", ()), *listed]}))


def token_response(tree: Tree) -> HttpResponse:
    """The answer of the token endpoint."""
    said = tree["token_response"]
    body = {name: id_token(tree) if value == "<id_token>" else value for name, value in said["body"].items()}
    return response(said["status"], said["content_type"], json.dumps(body))


def userinfo_response(tree: Tree) -> HttpResponse:
    """The answer of the UserInfo endpoint."""
    said = tree["userinfo"]
    if "jwt" in said:
        token = signed("k1", {"alg": "RS256", "kid": "kid-1"}, json.dumps({**said["body"], **said["jwt"]}))
        return response(said["status"], "application/jwt", token)
    return response(said["status"], said["content_type"], json.dumps(said["body"]))


def response(status: int, content_type: str, body: str) -> HttpResponse:
    return HttpResponse(status=status, headers={"content-type": content_type}, body=body.encode())


def jwk(name: str, said: Mapping[str, Any]) -> Tree:
    """The key as it is published."""
    private = key(name)
    numbers = private.public_key().public_numbers()
    if isinstance(numbers, ec.EllipticCurvePublicNumbers):
        made: Tree = {"kty": "EC", "crv": "P-256", "x": number(numbers.x), "y": number(numbers.y)}
    else:
        made = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
    made |= {"use": "enc" if name.startswith("enc") else "sig", "kid": said["kids"].get(name, name)}
    for member, values in (("alg", "jwk_alg"), ("issuer", "jwk_issuer")):
        if name in said.get(values, {}):
            made[member] = said[values][name]
    if name in said.get("leak_private", ()) and isinstance(private, rsa.RSAPrivateKey):
        made["d"] = number(private.private_numbers().d)
    return made


def id_token(tree: Tree) -> str:
    """The ID token of a case, tampered with as it says."""
    said = tree["id_token"]
    claims = json.dumps(said["claims"]).replace('"RAW:1e400"', "1e400")
    if said.get("tamper") == "duplicate-member:iss=evil-first":
        claims = '{"iss": "https://evil.example", ' + claims[1:]
    token = signed(said["sign_with"], said["header"], claims, secret=tree["rp"]["client_secret"])
    return TAMPER[said["tamper"]](token) if said.get("tamper") in TAMPER else token


def logout_token(tree: Tree) -> str:
    """The logout token of a case."""
    said = tree["logout_token"]
    claims = tree["id_token"]["claims"] if said["claims"] == "<id_token claims>" else said["claims"]
    return signed(said["sign_with"], said["header"], json.dumps(claims), secret=tree["rp"]["client_secret"])


def signed(sign_with: str | None, header: Tree, payload: str, *, secret: str = "") -> str:
    """A compact JWS by this key, whatever the header says."""
    header = {name: jwk("evil", {"kids": {}}) if value == "<public evil>" else value for name, value in header.items()}
    start = f"{text(json.dumps(header).encode())}.{text(payload.encode())}"
    return f"{start}.{text(_signature(sign_with, str(header.get('alg')), start.encode(), secret))}"


def _signature(sign_with: str | None, algorithm: str, octets: bytes, secret: str) -> bytes:
    if sign_with is None:
        return b""
    if sign_with.startswith("hmac:"):
        return hmac.new(_hmac_key(sign_with, secret), octets, hashlib.sha256).digest()
    private = key(sign_with)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(private.sign(octets, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)
    if algorithm == "RS1":
        return private.sign(octets, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - what it is about
    return private.sign(octets, padding.PKCS1v15(), hashes.SHA256())


def _hmac_key(named: str, secret: str) -> bytes:
    public = key("k1").public_key()
    return {
        "hmac:client_secret": secret.encode(),
        "hmac:empty": b"",
        "hmac:raw-0x000000": b"\0\0\0",
        "hmac:jwk-json(k1)": json.dumps(jwk("k1", {"kids": {"k1": "kid-1"}})).encode(),
        "hmac:pem(k1)": public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    }[named]


def _swapped(token: str) -> str:
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{header}.{text(json.dumps({**claims, 'sub': 'attacker'}).encode())}.{signature}"


def _cut(token: str) -> str:
    start, _, signature = token.rpartition(".")
    return f"{start}.{text(base64.urlsafe_b64decode(signature + '==')[:-1])}"


def _flattened(token: str) -> str:
    header, payload, signature = token.split(".")
    return json.dumps({"protected": header, "payload": payload, "signature": signature})


TAMPER: Mapping[str, Callable[[str], str]] = {
    "drop-last-sig-byte": _cut,
    "empty-signature": lambda token: token.rpartition(".")[0] + ".",
    "replace-sub-after-signing": _swapped,
    "flattened-json-serialization": _flattened,
    "general-json-empty-signatures": lambda token: json.dumps({"payload": token.split(".")[1], "signatures": []}),
    "jwe-compact-dir-empty": lambda token: f"{text(b'{}')}..{text(b'iv')}.{token.split('.')[1]}.{text(b'tag')}",
}


def number(value: int) -> str:
    return text(value.to_bytes((value.bit_length() + 7) // 8))


def text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
