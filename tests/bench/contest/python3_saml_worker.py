"""python3-saml, with its strict settings, on the answers of a folder. See contestant.py for what a worker says.

Knows nothing of the product. Its clock is set to the moment of the answers; nothing else is changed.
"""

import sys
import time
from pathlib import Path

from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

FOLDER = Path(sys.argv[1])
AT = 1772530912  # 2026-03-03T09:41:52Z
SP = "https://sso.ringline.example/saml/c7f3k2m9q4"
REQUEST = {"https": "on", "http_host": "sso.ringline.example", "script_name": "/saml/c7f3k2m9q4/acs", "post_data": {}}
REQUEST_ID = "_6f1e0c94ab2d4f7e8a90b1c2d3e4f506"


def settings() -> OneLogin_Saml2_Settings:
    """Those of one connection, made once."""
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": SP,
                "assertionConsumerService": {"url": SP + "/acs"},
                "x509cert": (FOLDER / "sp.crt").read_text(),
                "privateKey": (FOLDER / "sp.key").read_text(),
            },
            "idp": {
                "entityId": "http://www.okta.com/exk8r2w6tLq1ZbN5d7",
                "singleSignOnService": {"url": "https://acme.okta.example/sso/saml"},
                "x509cert": (FOLDER / "idp.crt").read_text(),
            },
            "security": {"wantAssertionsSigned": True},
        }
    )


def read(form_value: str, *, known: OneLogin_Saml2_Settings) -> None:
    """Ends the process where the answer is refused: a contest of refusals says nothing."""
    answer = OneLogin_Saml2_Response(known, form_value)
    if not answer.is_valid(REQUEST, REQUEST_ID):
        raise SystemExit(answer.get_error())
    if answer.get_nameid() != "dana.whitfield@acme.example" or not answer.get_attributes()["memberOf"]:
        raise SystemExit("another person")


def main() -> None:
    """Say "ready", then answer."""
    OneLogin_Saml2_Utils.now = staticmethod(lambda: AT)
    known = settings()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        name, times = line.split()
        form_value = (FOLDER / f"{name}.b64").read_text()
        began = time.process_time()
        for _ in range(int(times)):
            read(form_value, known=known)
        sys.stdout.write(f"{time.process_time() - began}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
