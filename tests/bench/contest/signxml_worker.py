"""signxml, which verifies the assertion's signature and nothing else, on the answers of a folder. See contestant.py.

Knows nothing of the product.
"""

import base64
import sys
import time
from pathlib import Path

from lxml import etree
from signxml.verifier import XMLVerifier

FOLDER = Path(sys.argv[1])
ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"


def read(form_value: bytes, *, certificate: str) -> None:
    """Raises where the signature is not good."""
    root = etree.fromstring(base64.b64decode(form_value))
    XMLVerifier().verify(root.find(ASSERTION), x509_cert=certificate, id_attribute="ID", validate_schema=False)


def main() -> None:
    """Say "ready", then answer."""
    certificate = (FOLDER / "idp.crt").read_text()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        name, times = line.split()
        form_value = (FOLDER / f"{name}.b64").read_bytes()
        began = time.process_time()
        for _ in range(int(times)):
            read(form_value, certificate=certificate)
        sys.stdout.write(f"{time.process_time() - began}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
