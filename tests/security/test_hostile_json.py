"""What a hostile OpenID provider writes in its documents and tokens: it holds no server, and breaks no page."""

from base64 import urlsafe_b64encode

import pytest

from ostiary.kernel.errors import Refusal
from ostiary.oidc import jose
from ostiary.oidc.errors import TokenMalformed
from ostiary.oidc.json_text import JsonValue, read_object
from ostiary.oidc.keys import read_key_set
from ostiary.oidc.relying_party.id_token import VerifiedClaims
from ostiary.oidc.relying_party.userinfo import together
from tests.processor_time import least_of_three

SECONDS = 1.0


def members(count: int) -> str:
    """So many different ones, and the last of them twice."""
    names = [f"{number:x}" for number in range(count)]
    return "{" + ",".join(f'"{name}":0' for name in [*names, names[-1]]) + "}"


def test_a_member_that_comes_twice_among_very_many_is_found_at_once() -> None:
    """A document of 200 KB held the server for a quarter of a minute, one of two megabytes for an hour."""
    document, keys = members(100_000), members(40_000).encode()

    def read() -> None:
        with pytest.raises(ValueError, match=r"'.*' twice"):
            read_object(document)
        with pytest.raises(Refusal):
            read_key_set(keys)

    assert least_of_three(read) < SECONDS


def test_the_head_of_a_token_is_read_as_quickly() -> None:
    head = urlsafe_b64encode(members(5_000).encode()).rstrip(b"=").decode()
    assert len(head) < jose.LARGEST_TOKEN

    def read() -> None:
        with pytest.raises(TokenMalformed):
            jose.take_apart(f"{head}.e30.AA")

    assert least_of_three(read) < SECONDS / 10


@pytest.mark.parametrize(
    "text", [r'{"nonce": "\ud800"}', r'{"\udfff": 1}', r'{"a": [{"b": "x\uDC00\uD800y"}]}', r'{"a": "\\\udbff"}']
)
def test_half_a_letter_is_refused(text: str) -> None:
    """No page and no row can be written with it: a sign-in with such a claim broke."""
    with pytest.raises(ValueError, match="character"):
        read_object(text)


@pytest.mark.parametrize("text", [r'{"a": "\ud83d\ude00"}', r'{"a": "\\ud800"}', '{"a": "\U0001f600"}'])
def test_what_only_looks_like_it_is_read(text: str) -> None:
    assert read_object(text)["a"]


@pytest.mark.parametrize(
    ("signed", "told", "verified"),
    [
        ({"email": "dana@acme.example"}, {"email": "eve@acme.example", "email_verified": True}, None),
        ({"email": "dana@acme.example"}, {"email_verified": True}, None),
        ({"email": "dana@acme.example"}, {"email": "dana@acme.example", "email_verified": True}, True),
        ({}, {"email": "dana@acme.example", "email_verified": True}, True),
        (
            {"email": "dana@acme.example", "email_verified": False},
            {"email": "dana@acme.example", "email_verified": True},
            False,
        ),
    ],
)
def test_verified_is_said_of_the_address_beside_it(
    signed: dict[str, JsonValue], told: dict[str, JsonValue], verified: bool | None
) -> None:
    claims = VerifiedClaims(
        issuer="https://op.example",
        subject="s",
        auth_time=None,
        session="",
        acr="",
        amr=(),
        claims=signed,
        key_name="k",
        algorithm="RS256",
    )
    assert together(claims, told).get("email_verified") is verified
