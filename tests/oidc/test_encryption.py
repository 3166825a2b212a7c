"""Encrypted tokens: opened by our own keys, with every refusal, and nothing told of what could not be opened."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from ostiary.kernel.errors import Refusal
from ostiary.oidc import encryption
from ostiary.oidc.encryption_errors import TokenNotOpened
from ostiary.oidc.own_keys import OwnKey, own_key
from tests.oidc import evil_provider as evil
from tests.oidc.envelopes import octets_of, sealed

INSIDE = evil.signed("k1", {"alg": "RS256", "kid": "k1"}, json.dumps({"iss": "https://op.example", "sub": "dana"}))
EVERY_WAY = [(alg, enc) for alg in ("RSA-OAEP", "RSA-OAEP-256") for enc in encryption.CONTENT_ENCRYPTIONS]


def ours(name: str) -> OwnKey:
    """A key of ours."""
    return own_key(_private(name).private_bytes(*_PEM))


def public(name: str = "own 1") -> rsa.RSAPublicKey:
    return _private(name).public_key()


def _private(name: str) -> rsa.RSAPrivateKey:
    made = evil.key(name)
    assert isinstance(made, rsa.RSAPrivateKey)
    return made


_PEM = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def opened(token: str, *names: str) -> encryption.Opened:
    return encryption.open_jwe(encryption.read_jwe(token), keys=tuple(ours(name) for name in names or ("own 1",)))


def refusal(token: str, *names: str) -> Refusal:
    with pytest.raises(Refusal) as refused:
        opened(token, *names)
    return refused.value


def changed(token: str, part: int, change: Callable[[str], str]) -> str:
    """The token with one of its parts changed."""
    parts = token.split(".")
    parts[part] = change(parts[part])
    return ".".join(parts)


@pytest.mark.parametrize(("alg", "enc"), EVERY_WAY)
def test_what_is_encrypted_to_us_is_opened(alg: str, enc: str) -> None:
    found = opened(sealed(INSIDE, to=public(), alg=alg, enc=enc))
    assert (found.token, found.key_name, found.algorithm, found.content) == (INSIDE, ours("own 1").name, alg, enc)


@pytest.mark.parametrize("named", [None, "", "-RSA-OAEP", "-RSA-OAEP-256"])
@pytest.mark.parametrize("name", ["own 1", "own 2", "own 3"])
def test_each_of_our_keys_opens_whether_it_is_named_or_not(name: str, named: str | None) -> None:
    """Under the name of each of its entries in our key set; without a name all three are tried."""
    kid = None if named is None else f"{ours(name).name}{named}"
    token = sealed(INSIDE, to=public(name), kid=kid)
    assert opened(token, "own 1", "own 2", "own 3").key_name == ours(name).name


def test_every_name_under_which_a_key_is_published_opens() -> None:
    key = ours("own 1")
    entries = (key.published, *key.published_for_encryption)
    assert {each["kid"] for each in entries} == key.names
    assert len(key.names) == len(entries)
    assert [(each["use"], each["alg"]) for each in entries] == [
        ("sig", "RS256"),
        ("enc", "RSA-OAEP"),
        ("enc", "RSA-OAEP-256"),
    ]
    assert all(set(each) == {"kty", "n", "e", "use", "alg", "kid"} for each in entries)


@pytest.mark.parametrize(
    "alg",
    ["RSA1_5", "dir", "A128KW", "A256KW", "A256GCMKW", "PBES2-HS256+A128KW", "ECDH-ES", "ECDH-ES+A256KW", "none", ""],
)
def test_no_other_way_to_the_key_is_taken(alg: str) -> None:
    refused = refusal(sealed(INSIDE, to=public(), alg=alg, p2c=2_000_000_000))
    assert refused.code == "oidc.key_encryption_refused"
    assert refused.facts()["received"] == alg


@pytest.mark.parametrize("alg", [None, 7, ["RSA-OAEP"], {"a": 1}])
def test_an_algorithm_that_is_no_name_is_none(alg: Any) -> None:
    assert refusal(_with_header({"alg": alg, "enc": "A256GCM"})).code == "oidc.key_encryption_refused"
    assert refusal(_with_header({"alg": "RSA-OAEP", "enc": alg})).code == "oidc.content_encryption_refused"


@pytest.mark.parametrize("enc", ["A192CBC-HS384", "A256CBC", "none", "C20P", "XC20P"])
def test_no_other_encryption_of_the_content_is_taken(enc: str) -> None:
    assert refusal(_with_header({"alg": "RSA-OAEP", "enc": enc})).code == "oidc.content_encryption_refused"


def test_nothing_is_unpacked() -> None:
    """It is refused by its header: what is small may become gigabytes."""
    refused = refusal(sealed(INSIDE, to=public(), zip="DEF"))
    assert (refused.code, refused.facts()["received"]) == ("oidc.token_compressed", "DEF")


@pytest.mark.parametrize("crit", [["exp"], [], "zip"])
def test_what_we_do_not_understand_is_refused_where_it_is_critical(crit: Any) -> None:
    assert refusal(sealed(INSIDE, to=public(), crit=crit)).code == "oidc.header_refused"


@pytest.mark.parametrize(
    "inside",
    [b"{}", b'{"iss":"a.b.c"}', b' {"iss":"a.b.c.d.e"}', b"\xff\xfe", b"", b"a.b", b"a.b.c.d", "é.é.é".encode()],
)
def test_what_is_not_signed_inside_is_refused(inside: bytes) -> None:
    assert refusal(sealed(inside, to=public())).code == "oidc.token_unsigned"


def test_a_second_envelope_is_not_opened() -> None:
    assert refusal(sealed(sealed(INSIDE, to=public()), to=public())).code == "oidc.token_twice_encrypted"


def test_a_key_that_is_not_ours_is_told_by_its_name() -> None:
    refused = refusal(sealed(INSIDE, to=public("own 2"), kid="theirs"), "own 1", "own 3")
    assert refused.code == "oidc.encryption_key_unknown"
    assert refused.facts()["received"] == "theirs"
    assert refused.facts()["known"] == (ours("own 1").name, ours("own 3").name)


@pytest.mark.parametrize(("size", "code"), [(3000, "oidc.token_malformed"), (70_000, "oidc.token_malformed")])
def test_a_header_or_a_token_beyond_the_bound_is_not_read(size: int, code: str) -> None:
    assert refusal(sealed(INSIDE, to=public(), x5c="x" * size)).code == code
    assert refusal(sealed("x" * 70_000, to=public())).code == code


@pytest.mark.parametrize("text", ["", "....", "a.b.c", "a.b.c.d.e", "é.é.é.é.é"])
def test_what_has_no_five_readable_parts_is_malformed(text: str) -> None:
    assert refusal(text).code == "oidc.token_malformed"


def test_a_header_is_read_as_strictly_as_that_of_a_signed_token() -> None:
    """A member that comes twice, and JSON that is none."""
    for head in (b'{"alg":"dir","alg":"RSA-OAEP","enc":"A256GCM"}', b"[]", b"{", b"\xff"):
        assert refusal(f"{evil.text(head)}.AAAA.AAAA.AAAA.AAAA").code == "oidc.token_malformed"


# --- what can not be opened ------------------------------------------------------


def _wrong() -> dict[str, str]:
    """A token for each thing that can be wrong inside, all to a key that is named."""
    kid = ours("own 1").name
    token = sealed(INSIDE, to=public(), kid=kid)
    head, key, iv, ciphertext, tag = token.split(".")
    cbc = sealed(INSIDE, to=public(), enc="A128CBC-HS256", kid=kid).split(".")
    gcm_head = sealed(INSIDE, to=public(), enc="A256GCM", kid=kid).split(".")[0]
    return {
        "encrypted to another key": sealed(INSIDE, to=public("own 2"), kid=kid),
        "no encrypted key": f"{head}..{iv}.{ciphertext}.{tag}",
        "an encrypted key cut short": f"{head}.{key[:40]}.{iv}.{ciphertext}.{tag}",
        "a key of another length": sealed(INSIDE, to=public(), enc="A256GCM", key_bytes=16, kid=kid),
        "no vector": f"{head}.{key}..{ciphertext}.{tag}",
        "a longer vector": f"{head}.{key}.{iv}AAAA.{ciphertext}.{tag}",
        "no content": f"{head}.{key}.{iv}..{tag}",
        "no tag": f"{head}.{key}.{iv}.{ciphertext}.",
        "a short tag": f"{head}.{key}.{iv}.{ciphertext}.{evil.text(b'x' * 4)}",
        "a tag cut to half": f"{head}.{key}.{iv}.{ciphertext}.{evil.text(octets_of(tag)[:8])}",
        "a longer tag": f"{head}.{key}.{iv}.{ciphertext}.{evil.text(octets_of(tag) + b'x')}",
        "the key of another token": f"{head}.{sealed(INSIDE, to=public()).split('.')[1]}.{iv}.{ciphertext}.{tag}",
        "one cipher called the other": ".".join([gcm_head, *cbc[1:]]),
        "a padding that is none": sealed(INSIDE, to=public(), alg="RSA1_5", kid=kid).replace(
            _head("RSA1_5", kid), _head("RSA-OAEP-256", kid)
        ),
    }


def _head(alg: str, kid: str) -> str:
    return evil.text(json.dumps({"alg": alg, "enc": "A256GCM", "cty": "JWT", "kid": kid}).encode())


@pytest.mark.parametrize("what", _wrong())
def test_whatever_is_wrong_inside_there_is_one_answer(what: str) -> None:
    refused = refusal(_wrong()[what])
    assert isinstance(refused, TokenNotOpened), refused
    assert set(refused.facts()) == {"key", "algorithm", "content"}
    assert refused.facts()["key"] == ours("own 1").name


@pytest.mark.parametrize("enc", ["A256GCM", "A128CBC-HS256"])
def test_any_flipped_byte_is_refused_and_none_is_told_from_another(enc: str) -> None:
    """Behind the header every change has the one answer; in it none is opened, for the header is authenticated."""
    whole = sealed(INSIDE, to=public(), enc=enc, kid=ours("own 1").name)
    head, *parts = whole.split(".")
    for number, part in enumerate(parts, start=1):
        octets = bytearray(octets_of(part))
        for at in range(len(octets)):
            flipped = bytes(octets[:at]) + bytes([octets[at] ^ (1 << at % 8)]) + bytes(octets[at + 1 :])
            token = changed(whole, number, lambda _, flipped=flipped: evil.text(flipped))  # type: ignore[misc]
            assert isinstance(refusal(token), TokenNotOpened), (number, at)
    for at in range(len(head)):
        for letter in ("A", "x"):
            if head[at] != letter:
                token = ".".join((head[:at] + letter + head[at + 1 :], *parts))
                assert refusal(token).code.startswith("oidc."), at


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["RSA-OAEP", "A256GCM", "DEF"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
HEADERS = st.dictionaries(st.sampled_from(["alg", "enc", "kid", "zip", "crit", "cty", "epk", "p2c"]), JSON)


@given(header=HEADERS, usual=st.booleans())
def test_whatever_a_header_says_there_is_an_answer(header: dict[str, Any], usual: bool) -> None:
    """Also where it is one that we take, with anything beside it."""
    said = {**header, **({"alg": "RSA-OAEP", "enc": "A256GCM"} if usual else {})}
    assert refusal(_with_header(said)).code.startswith("oidc.")


@given(inside=st.binary(max_size=200) | st.text(max_size=50).map(str.encode) | JSON.map(json.dumps).map(str.encode))
def test_whatever_is_inside_is_a_text_in_three_parts_or_refused(inside: bytes) -> None:
    try:
        found = opened(sealed(inside, to=public()))
    except Refusal as refused:
        assert refused.code in {"oidc.token_unsigned", "oidc.token_twice_encrypted"}  # noqa: PT017 - either will do
    else:
        assert found.token.encode() == inside
        assert found.token.count(".") == 2


def test_no_private_key_is_used_before_the_header_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused by its header costs no operation with a key; what names a key costs one."""
    used: list[str] = []
    ordinary = RSAKey.get_op_key

    def counted(key: RSAKey, operation: Any) -> Any:
        used.append(operation)
        return ordinary(key, operation)

    monkeypatch.setattr(RSAKey, "get_op_key", counted)
    every = ("own 1", "own 2", "own 3")
    for token in (
        sealed(INSIDE, to=public(), alg="RSA1_5"),
        sealed(INSIDE, to=public(), zip="DEF"),
        sealed(INSIDE, to=public(), kid="theirs"),
        changed(sealed(INSIDE, to=public()), 4, lambda _: ""),
    ):
        refusal(token, *every)
    assert used == []
    refusal(sealed(INSIDE, to=public("own 2"), kid=ours("own 1").name), *every)
    assert used == ["decrypt"]
    refusal(sealed(INSIDE, to=public("somebody")), *every)
    assert used == ["decrypt"] * 4


def _with_header(header: dict[str, Any]) -> str:
    return changed(sealed(INSIDE, to=public()), 0, lambda _: evil.text(json.dumps(header).encode()))
