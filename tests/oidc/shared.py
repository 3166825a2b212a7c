"""The shared data of OpenID Connect; empty where it does not lie beside this checkout, and its tests are left out."""

import json
from typing import Any

from tests.conftest import SHARED


def read(path: str, *, otherwise: dict[str, Any]) -> dict[str, Any]:
    """A JSON document of the shared folder."""
    file = SHARED / "fixtures" / "oidc" / path
    return json.loads(file.read_text()) if file.is_file() else otherwise
