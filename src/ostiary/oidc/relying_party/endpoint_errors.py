"""What a provider's endpoints say when they refuse us. RFC 6749 5.2."""

import re
from http import HTTPStatus
from typing import Final

from ostiary.kernel.http import HttpResponse
from ostiary.oidc.errors import ClientRejected, CodeRejected, StatusUnexpected, TokenRefused
from ostiary.oidc.json_text import JsonObject
from ostiary.oidc.relying_party.config import Client
from ostiary.oidc.relying_party.discovery import json_of

_LONGEST: Final = 500
_VENDOR_CODE: Final = re.compile(r"\b(AADSTS\d{4,8}|E\d{7})\b")
_CLIENT_ERRORS: Final = ("invalid_client", "unauthorized_client")


def refusal_of(
    response: HttpResponse, *, where: str, client: Client, success: HTTPStatus = HTTPStatus.OK
) -> JsonObject:
    """The body of a successful answer.

    Raises: `ClientRejected`, `CodeRejected`, `TokenRefused` for what the provider says; `StatusUnexpected` and
    `NotJson` for what says nothing.
    """
    is_success = response.status in {success, HTTPStatus.OK}
    if not is_success and not _is_json(response):
        raise StatusUnexpected(where=where, status=response.status, url="")
    body = json_of(response, where=where)
    error = body.get("error")
    # GitHub answers 200 with an error: what it says counts, not the status.
    if error is not None:
        raise _of_error(error, body, client, status=response.status)
    if not is_success:
        raise StatusUnexpected(where=where, status=response.status, url="")
    return body


def _of_error(
    error: object, body: JsonObject, client: Client, *, status: int
) -> ClientRejected | CodeRejected | TokenRefused:
    name = error[:_LONGEST] if isinstance(error, str) else str(error)[:60]
    told = body.get("error_description")
    description = told[:_LONGEST] if isinstance(told, str) else ""
    found = _VENDOR_CODE.search(description)
    vendor_code = found[0] if found else ""
    # 401 is for a client that has not proven itself; Keycloak calls that invalid_request where requests are pushed.
    if name in _CLIENT_ERRORS or status == HTTPStatus.UNAUTHORIZED:
        return ClientRejected(
            client_id=client.client_id,
            method=client.authentication.method.value,
            description=description,
            vendor_code=vendor_code,
        )
    if name == "invalid_grant":
        return CodeRejected(description=description, vendor_code=vendor_code)
    return TokenRefused(error=name, description=description, vendor_code=vendor_code)


def _is_json(response: HttpResponse) -> bool:
    return "json" in response.headers.get("content-type", "").lower()
