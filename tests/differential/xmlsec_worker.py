"""What xmlsec says of one signature: a line of JSON comes in, a line of JSON goes out.

Started by the differential suite with the interpreter of `build/peers`. Knows nothing of the product.
"""

import base64
import json
import sys

import xmlsec
from lxml import etree

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"
ID_NAMES = ("ID", "Id")


def main() -> None:
    """Answer until there is no more to answer."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps({"verdict": verdict(json.loads(line))}) + "\n")


def verdict(asked: dict) -> str:
    """`valid`, `absent`, or why it is not valid."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(base64.b64decode(asked["document"]), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return f"not XML: {error}"
    element = root if asked["element"] == "Response" else assertion(root, keys=asked["decryption_keys"])
    if element is None:
        return "absent"
    signature = element.find(f"{DS}Signature")
    if signature is None:
        return "absent"
    for reference in signature.iter(f"{DS}Reference"):
        if not reference.get("URI", "").startswith(("#",)) and reference.get("URI"):
            return "a Reference that would be fetched"
    said = "no key"
    for certificate in asked["certificates"]:
        said = verified(signature, root=root, certificate=certificate.encode())
        if said == "valid":
            return said
    return said


def assertion(root, *, keys):
    """The assertion in the Response; an encrypted one is opened by xmlsec itself."""
    found = root.find(f"{SAML}Assertion")
    if found is not None:
        return found
    container = root.find(f"{SAML}EncryptedAssertion")
    if container is None:
        return None
    for key in keys:
        manager = xmlsec.KeysManager()
        manager.add_key(xmlsec.Key.from_memory(key, xmlsec.KeyFormat.PEM, None))
        inline_key(container)
        try:
            xmlsec.EncryptionContext(manager).decrypt(container.find(f"{XENC}EncryptedData"))
        except (xmlsec.Error, TypeError):
            continue
        return container.find(f"{SAML}Assertion")
    return None


def inline_key(container):
    """Okta puts the EncryptedKey beside the EncryptedData; xmlsec looks in the KeyInfo only."""
    beside = container.find(f"{XENC}EncryptedKey")
    info = container.find(f"{XENC}EncryptedData/{DS}KeyInfo")
    if beside is not None and info is not None:
        for pointer in info.findall(f"{DS}RetrievalMethod"):
            info.remove(pointer)
        info.append(beside)


def verified(signature, *, root, certificate):
    """What xmlsec says with this certificate's key and no other: KeyInfo is not asked where a key is given."""
    context = xmlsec.SignatureContext()
    try:
        for node in root.iter(etree.Element):
            for name in ID_NAMES:
                if name in node.attrib:
                    context.register_id(node, name)
        kind = xmlsec.KeyFormat.PEM if b"PUBLIC KEY" in certificate else xmlsec.KeyFormat.CERT_PEM
        context.key = xmlsec.Key.from_memory(certificate, kind, None)
        context.verify(signature)
    except (xmlsec.Error, etree.LxmlError, ValueError) as error:
        return str(error) or "not valid"
    return "valid"


if __name__ == "__main__":
    main()
