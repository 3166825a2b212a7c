"""What python3-saml says of a document by the schemas of OASIS that it brings along: a line comes in, one goes out.

Started by the differential suite with the interpreter of `build/peers`. Knows nothing of the product.
"""

import base64
import json
import sys

from onelogin.saml2.xml_utils import OneLogin_Saml2_XML


def main() -> None:
    """Answer until there is no more to answer."""
    for line in sys.stdin:
        asked = json.loads(line)
        found = OneLogin_Saml2_XML.validate_xml(base64.b64decode(asked["document"]), asked["schema"])
        sys.stdout.write(json.dumps({"verdict": found if isinstance(found, str) else "valid"}) + "\n")


if __name__ == "__main__":
    main()
