"""Encrypted answers: the ways in which vendors encrypt, what is refused, and the attacks E1 to E8."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from lxml import etree

from tests.vectors.encryption import (
    OAEP_1_1,
    RSA_1_5,
    XENC,
    XENC11,
    Encrypting,
    encrypt_assertion,
    encrypted_part,
)
from tests.vectors.message import EMAIL, SAML, Message, Signing, attribute, sign, signed
from tests.vectors.vector import Vector, document

_PLAIN = replace(Message(), attributes=attribute("email", EMAIL))
_SCHEMA = ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_CBC = Encrypting(cipher=XENC + "aes128-cbc")


def encrypted() -> list[Vector]:
    """Every vector with an encrypted part."""
    return [*_placements(), *_algorithms(), *_keys(), *_refused(), *_paused(), *_attacks()]


def _sealed(*elements: str, how: Encrypting | None = None, message: Message = _PLAIN) -> etree._Element:
    """Signed assertion inside, or the Response signed around the encrypted one, or both."""
    root = encrypt_assertion(signed(message.tree(), *[each for each in elements if each == "Assertion"]), how=how)
    return signed(root, "Response") if "Response" in elements else root


def _ok(name: str, why: str, tree: etree._Element | str | bytes, **given: object) -> Vector:
    usual: dict[str, object] = {
        "decryption_keys": ("sp",),
        "name_id": EMAIL,
        "attributes": {"email": [EMAIL]},
        **given,
    }
    return Vector(path=f"accepted/encrypted-{name}", why=why, expect="ok", document=document(tree), **usual)  # type: ignore[arg-type] # by name


def _no(path: str, code: str, why: str, tree: etree._Element | str | bytes, **given: object) -> Vector:
    usual: dict[str, object] = {"decryption_keys": ("sp",), **given}
    return Vector(path=path, why=why, expect=f"saml.{code}", document=document(tree), **usual)  # type: ignore[arg-type] # by name


def _placements() -> list[Vector]:
    foreign_prefix = signed(_PLAIN.tree(), "Assertion")
    inherits = encrypted_part(
        "EncryptedAssertion",
        document(_child(foreign_prefix, "Assertion")).decode().replace(f' xmlns:saml2="{SAML}"', "", 1),
    )
    id_inside = encrypted_part("EncryptedID", _name_id())
    attributes = attribute("email", EMAIL) + encrypted_part(
        "EncryptedAttribute", _with_namespace(attribute("team", "Ops"))
    )
    return [
        _ok("assertion-signed-inside", "AD FS: signed, then encrypted.", _sealed("Assertion")),
        _ok("response-signed-outside", "SimpleSAMLphp: encrypted, then the Response is signed.", _sealed("Response")),
        _ok("signed-inside-and-outside", "Okta: both are signed.", _sealed("Assertion", "Response")),
        _ok(
            "prefix-declared-outside",
            "The prefix of the assertion is declared on the EncryptedAssertion only.",
            _with_encrypted(inherits),
        ),
        _ok(
            "schema-prefixes-declared-on-the-response",
            "xs and xsi are declared on the signed Response and used only inside, where nothing shows it.",
            _typed_outside(),
        ),
        _ok(
            "prefix-list",
            "Okta's PrefixList names xs, which nothing around the encrypted assertion declares.",
            encrypt_assertion(
                signed(
                    replace(_PLAIN, attributes=attribute("email", EMAIL)).tree(),
                    "Assertion",
                    how=Signing(prefixes="xs", info_prefixes=""),
                )
            ),
        ),
        _ok(
            "with-xml-declaration",
            "The encrypted text begins with an XML declaration, as some toolkits write it.",
            _sealed("Assertion", how=Encrypting(declaration='<?xml version="1.0" encoding="UTF-8"?>\n')),
        ),
        _ok("name-id", "Only the NameID is encrypted.", signed(replace(_PLAIN, name_id=id_inside).tree(), "Assertion")),
        _ok(
            "name-id-in-encrypted-assertion",
            "The NameID is encrypted, and the assertion around it once more.",
            _sealed("Response", message=replace(_PLAIN, name_id=id_inside)),
        ),
        _ok(
            "attribute",
            "One attribute of two is encrypted.",
            signed(replace(_PLAIN, attributes=attributes).tree(), "Assertion"),
            attributes={"email": [EMAIL], "team": ["Ops"]},
        ),
    ]


def _typed_outside() -> etree._Element:
    root = etree.fromstring(_PLAIN.xml().replace("<saml2p:Response", f"<saml2p:Response{_SCHEMA}", 1))
    content = document(_child(etree.fromstring(_PLAIN.xml()), "Assertion")).decode().replace(_SCHEMA, "")
    root.replace(_child(root, "Assertion"), etree.fromstring(encrypted_part("EncryptedAssertion", content)))
    return signed(root, "Response")


def _name_id() -> str:
    return _with_namespace(_PLAIN.name_id or "")


def _with_namespace(element: str) -> str:
    return element.replace(" ", f' xmlns:saml2="{SAML}" ', 1)


def _child(root: etree._Element, name: str) -> etree._Element:
    found = root.find(f"{{{SAML}}}{name}")
    if found is None:
        raise LookupError(name)
    return found


def _with_encrypted(part: str) -> etree._Element:
    """The usual message with this in place of its assertion."""
    root = _PLAIN.tree()
    root.replace(_child(root, "Assertion"), etree.fromstring(part))
    return root


def _algorithms() -> list[Vector]:
    gcm = [
        _ok(f"aes{bits}-gcm", f"AES-{bits}-GCM.", _sealed("Assertion", how=Encrypting(cipher=f"{XENC11}aes{bits}-gcm")))
        for bits in (128, 192, 256)
    ]
    cbc = [
        vector
        for bits in (128, 192, 256)
        for vector in _pair(f"aes{bits}-cbc", Encrypting(cipher=f"{XENC}aes{bits}-cbc"), needs=("allow_cbc",))
    ]
    return [
        *gcm,
        *cbc,
        *_pair("3des", Encrypting(cipher=f"{XENC}tripledes-cbc"), needs=("allow_3des",)),
        *_pair("rsa15", Encrypting(transport=RSA_1_5), needs=("allow_rsa15",)),
        *_pair("rsa15-cbc", replace(_CBC, transport=RSA_1_5), needs=("allow_rsa15", "allow_cbc")),
        _ok("oaep-sha1", "RSA-OAEP that names SHA-1.", _sealed("Assertion", how=Encrypting(digest="sha1"))),
        _ok(
            "oaep-sha256-mgf1-sha1",
            "RSA-OAEP with SHA-256, its mask with SHA-1, as rsa-oaep-mgf1p fixes it.",
            _sealed("Assertion", how=Encrypting(digest="sha256")),
        ),
        _ok(
            "oaep-1.1-sha256",
            "RSA-OAEP of XML Encryption 1.1 with SHA-256 throughout.",
            _sealed("Assertion", how=Encrypting(transport=OAEP_1_1, digest="sha256", mask="sha256")),
        ),
        _ok(
            "oaep-1.1-default-mask",
            "RSA-OAEP of XML Encryption 1.1 that names no mask: SHA-1.",
            _sealed("Assertion", how=Encrypting(transport=OAEP_1_1, digest="sha256")),
        ),
    ]


def _pair(name: str, how: Encrypting, *, needs: Sequence[str]) -> list[Vector]:
    """Accepted with all that it needs, and refused where the first of it is missing."""
    tree = document(_sealed("Assertion", how=how))
    without = dict.fromkeys(needs[1:], True)
    why = f"Encrypted with {how.cipher.rpartition('#')[2]} and {how.transport.rpartition('#')[2]}."
    return [
        _ok(f"{name}-where-allowed", why, tree, policy={needs[0]: True, **without}),
        _no(
            f"refused/encryption_refused-{name}",
            "encryption_refused",
            why,
            tree,
            policy=without,
            facts={"allowance": needs[0], "element": "EncryptedAssertion"},
        ),
    ]


def _keys() -> list[Vector]:
    beside = Encrypting(key_beside=True)
    return [
        _ok(
            "key-beside",
            "Okta: the EncryptedKey is a sibling that a RetrievalMethod names.",
            _sealed("Assertion", how=beside),
        ),
        _ok(
            "several-recipients",
            "Encrypted for two; we are the second.",
            _sealed("Assertion", how=Encrypting(recipients=("stranger", "sp"))),
        ),
        _ok(
            "to-the-old-key",
            "We have a new key, and the provider still encrypts to the old one.",
            _sealed("Assertion"),
            decryption_keys=("sp-next", "sp"),
        ),
        _ok(
            "rsa15-to-the-old-key",
            "The same with a transport that never says whether a key fits.",
            _sealed("Assertion", how=replace(_CBC, transport=RSA_1_5)),
            decryption_keys=("sp-next", "sp"),
            policy={"allow_cbc": True, "allow_rsa15": True},
        ),
    ]


def _paused() -> list[Vector]:
    """After many that could not be opened: what can't be guessed at is opened still."""
    paused: dict[str, bool | int] = {"allow_cbc": True, "opens_unsigned_guesses": False}
    cbc, old = _sealed("Assertion", how=_CBC), Encrypting(transport=RSA_1_5)
    name, facts = "refused/decryption_paused", {"element": "EncryptedAssertion"}
    return [
        _no(name, "decryption_paused", "CBC, and nothing is signed around it.", cbc, policy=paused, facts=facts),
        _no(
            f"{name}-rsa15",
            "decryption_paused",
            "The content is safe by GCM, but its key is wrapped by RSA 1.5.",
            _sealed("Assertion", how=old),
            policy={"allow_rsa15": True, "opens_unsigned_guesses": False},
            facts=facts,
        ),
        _ok("gcm-while-paused", "GCM never waits.", _sealed("Assertion"), policy=paused),
        _ok(
            "cbc-signed-outside-while-paused",
            "What the provider has signed as a whole never waits.",
            _sealed("Response", how=_CBC),
            policy=paused,
        ),
    ]


def _refused() -> list[Vector]:
    no_key: dict[str, object] = {"decryption_keys": ()}
    failed = "refused/decryption_failed"
    return [
        _no(
            "refused/encrypted-without-a-key",
            "encrypted",
            "This connection has no key.",
            _sealed("Assertion"),
            **no_key,
        ),
        _no(
            "refused/encrypted-attribute-without-key",
            "encrypted",
            "An encrypted attribute, and this connection has no key.",
            signed(
                replace(
                    _PLAIN, attributes=encrypted_part("EncryptedAttribute", _with_namespace(attribute("team", "Ops")))
                ).tree(),
                "Assertion",
            ),
            facts={"element": "EncryptedAttribute"},
            **no_key,
        ),
        _no(
            failed,
            "decryption_failed",
            "Encrypted to somebody else.",
            _sealed("Assertion", how=Encrypting(recipients=("stranger",))),
        ),
        _no(
            f"{failed}-changed",
            "decryption_failed",
            "AES-GCM notices that the ciphertext was changed.",
            _changed(document(_sealed("Assertion"))),
        ),
        _no(
            f"{failed}-name-id",
            "decryption_failed",
            "An EncryptedID for somebody else in a good assertion.",
            signed(
                replace(
                    _PLAIN, name_id=encrypted_part("EncryptedID", _name_id(), how=Encrypting(recipients=("stranger",)))
                ).tree(),
                "Assertion",
            ),
            facts={"element": "EncryptedID"},
        ),
        _no(
            "refused/encryption_refused-unknown",
            "encryption_refused",
            "A cipher that nobody knows.",
            document(_sealed("Assertion")).replace(b"aes256-gcm", b"aes256-xyz"),
            facts={"algorithm": f"{XENC11}aes256-xyz", "allowance": ""},
        ),
        _no(
            "refused/signature_wrong-inside",
            "signature_wrong",
            "The encrypted assertion was changed after signing, before encrypting; the cipher vouches for the way.",
            encrypt_assertion(
                etree.fromstring(document(signed(_PLAIN.tree(), "Assertion")).replace(b"_s7c1", b"_s7c2"))
            ),
            facts={"element": "Assertion"},
        ),
        _no(
            "refused/certificate_unknown-inside",
            "certificate_unknown",
            "The provider signs inside with a key that is not pinned.",
            encrypt_assertion(signed(_PLAIN.tree(), "Assertion", how=Signing(key="stranger"))),
        ),
    ]


def _changed(written: bytes, *, find: Callable[[bytes, bytes], int] = bytes.rindex) -> bytes:
    """One character of a ciphertext replaced: of the last one, which is the content's, or of the first, the key's."""
    at = find(written, b"</xenc:CipherValue>") - 40
    other = b"B" if written[at : at + 1] == b"A" else b"A"
    return written[:at] + other + written[at + 1 :]


def _attacks() -> list[Vector]:
    cbc: dict[str, bool | int] = {"allow_cbc": True}
    forged = replace(_PLAIN, name_id="<saml2:NameID>root@evil.example</saml2:NameID>")
    wrapped = _sealed("Assertion", message=forged)
    twice = encrypted_part("EncryptedAssertion", document(_child(_sealed("Assertion"), "EncryptedAssertion")).decode())
    one = document(_child(signed(_PLAIN.tree(), "Assertion"), "Assertion")).decode()
    two = encrypted_part("EncryptedAssertion", one + forged.assertion_xml())
    around = encrypted_part("EncryptedAssertion", f"</inside>{one}<inside>")
    foreign = Encrypting(key_beside=True, retrieval="https://evil.example/key")
    bad_outside = document(_sealed("Assertion", "Response")).replace(
        b'IssueInstant="2026-03-03T09:41:51.600Z" Version', b'IssueInstant="2026-03-03T09:41:52.600Z" Version', 1
    )
    return [
        *_oracle(cbc),
        _no(
            "attacks/E1-outer-signature-first",
            "signature_wrong",
            "A changed Response is refused before anything inside is decrypted.",
            bad_outside,
            facts={"element": "Response"},
        ),
        _no(
            "attacks/E2-bleichenbacher",
            "decryption_failed",
            "A changed RSA 1.5 key gives another key and no answer of its own (implicit rejection).",
            _changed(document(_sealed("Assertion", how=replace(_CBC, transport=RSA_1_5))), find=bytes.index),
            policy={"allow_cbc": True, "allow_rsa15": True},
        ),
        _no(
            "attacks/E3-encrypted-is-not-signed",
            "signature_missing",
            "Anybody can encrypt to our public key: nothing is signed.",
            encrypt_assertion(forged.tree()),
        ),
        _no(
            "attacks/E3-encrypted-by-a-stranger",
            "certificate_unknown",
            "The attacker has signed and encrypted his own assertion.",
            encrypt_assertion(signed(forged.tree(), "Assertion", how=Signing(key="stranger"))),
        ),
        _no(
            "attacks/E4-key-from-a-url",
            "decryption_failed",
            "A RetrievalMethod that points elsewhere is never followed.",
            _sealed("Assertion", how=foreign),
        ),
        _no(
            "attacks/E4-many-recipients",
            "too_complex",
            "Each recipient costs a private-key operation.",
            _sealed("Assertion", how=Encrypting(recipients=("stranger",) * 9)),
            facts={"what": "recipients"},
        ),
        _no(
            "attacks/E8-encrypted-twice",
            "decryption_failed",
            "What is inside is encrypted again.",
            _with_encrypted(twice),
        ),
        _no(
            "attacks/E8-two-assertions",
            "decryption_failed",
            "A signed assertion and a forged one are inside.",
            _with_encrypted(two),
        ),
        _no(
            "attacks/E8-breaks-out",
            "decryption_failed",
            "The content tries to leave the place into which it is put.",
            _with_encrypted(around),
        ),
        _no(
            "attacks/E8-no-assertion",
            "decryption_failed",
            "What is inside is a NameID.",
            _with_encrypted(encrypted_part("EncryptedAssertion", _name_id())),
        ),
        _no(
            "attacks/S14-id-of-the-response-inside",
            "decryption_failed",
            "The encrypted assertion has the ID of the Response.",
            _sealed("Assertion", message=replace(_PLAIN, assertion_id=_PLAIN.response_id)),
        ),
        _no(
            "attacks/E8-assertion-hidden-inside",
            "assertion_count",
            "A second assertion hides in the encrypted one.",
            _hidden(forged),
        ),
        _no(
            "attacks/S5-encrypted-beside-the-signed",
            "assertion_count",
            "A forged assertion, encrypted, beside the signed one.",
            _beside(wrapped),
        ),
    ]


def _oracle(cbc: dict[str, bool | int]) -> list[Vector]:
    """Without a signature outside, each of these must look the same from outside."""
    answers: dict[str, tuple[str, etree._Element | bytes]] = {
        "padding": ("The padding is wrong.", _sealed("Assertion", how=replace(_CBC, padding_count=77))),
        "changed": ("The ciphertext was changed.", _changed(document(_sealed("Assertion", how=_CBC)))),
        "unsigned": ("What is inside is well-formed and not signed.", encrypt_assertion(_PLAIN.tree(), how=_CBC)),
        "signature": (
            "What is inside is signed by a stranger.",
            encrypt_assertion(signed(_PLAIN.tree(), "Assertion", how=Signing(key="stranger")), how=_CBC),
        ),
        "not-xml": ("What is inside is no XML.", _with_encrypted(encrypted_part("EncryptedAssertion", "<a", how=_CBC))),
    }
    return [
        _no(
            f"attacks/E1-oracle-{name}",
            "decryption_failed",
            f"{why} With CBC and no signature outside there is one answer to everything (CCS 2011).",
            tree,
            policy=cbc,
            facts={"element": "EncryptedAssertion"},
        )
        for name, (why, tree) in answers.items()
    ]


def _hidden(forged: Message) -> etree._Element:
    """A forged assertion in a place of the signed one that is not Advice; signed by the provider, so that it shows."""
    root = replace(_PLAIN, more_conditions=forged.assertion_xml().replace(forged.assertion_id, "_hidden")).tree()
    sign(_child(root, "Assertion"), how=Signing())
    return encrypt_assertion(root)


def _beside(wrapped: etree._Element) -> etree._Element:
    root = signed(_PLAIN.tree(), "Assertion")
    root.append(_child(wrapped, "EncryptedAssertion"))
    return root
