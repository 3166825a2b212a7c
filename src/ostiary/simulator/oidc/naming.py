"""The names of things, in each vendor's form: issuers, subjects, client IDs, sessions."""

import hashlib
from base64 import urlsafe_b64encode
from urllib.parse import urlsplit

from ostiary.simulator.oidc.faults import ProviderFault
from ostiary.simulator.oidc.state import Client
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.state import User

_OKTA_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def tenant_of(idp: IdentityProvider, user: User) -> str:
    """The tenant that the person belongs to; empty where the vendor has none."""
    return user.tenant or next(iter(idp.oidc.tenants), "")


def issuer_of(idp: IdentityProvider, tenant: str) -> str:
    """What stands in `iss`."""
    slash = "/" if ProviderFault.SLASH_ISSUER in idp.store.read().oidc.faults else ""
    return idp.base_url + idp.oidc.paths.issuer.format(tenant=tenant) + slash


def endpoint(idp: IdentityProvider, path: str, *, tenant: str) -> str:
    """The address of an endpoint; empty where there is none."""
    return idp.base_url + path.format(tenant=tenant) if path else ""


def subject_of(idp: IdentityProvider, user: User, *, client: Client) -> str:
    """What stands in `sub`. The same person has the same one at each sign-in, and nobody else ever."""
    seed = f"{idp.profile.key} {user.id}"
    match idp.oidc.subject:
        case "okta":
            return "00u" + letters(seed, count=17)
        case "number":
            return str(10_000_000 + _number(seed) % 900_000_000)
        case "google":
            return "1" + str(_number(seed) % 10**20).zfill(20)
        case "guid":
            return guid(seed)
        case "pairwise":
            octets = hashlib.sha256(f"{seed} {client.client_id}".encode()).digest()
            return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def object_id(user: User) -> str:
    """The person's id within the tenant (Entra: `oid`)."""
    return guid(f"object {user.id}")


def new_client_id(idp: IdentityProvider) -> str:
    """A client ID as the vendor makes them."""
    seed = idp.new_token()
    match idp.oidc.client_id:
        case "okta":
            return "0oa" + letters(seed, count=17)
        case "google":
            number, rest = str(_number(seed))[:12], letters(seed, count=32).lower()
            return f"{number}-{rest}.apps.googleusercontent.com"
        case "guid" | "chosen":
            return guid(seed)


def sid_of(token: str) -> str:
    """The public name of a session. It tells nothing about the session's token."""
    return guid(f"session {token}")


def guid(seed: str) -> str:
    """A GUID made of a text: always the same one."""
    text = hashlib.sha256(seed.encode()).hexdigest()
    return "-".join((text[:8], text[8:12], "4" + text[13:16], "a" + text[17:20], text[20:32]))


def letters(seed: str, *, count: int) -> str:
    """That many letters and digits made of a text."""
    return "".join(
        _OKTA_LETTERS[octet % len(_OKTA_LETTERS)] for octet in hashlib.sha256(seed.encode()).digest()[:count]
    )


def domain_of(email: str) -> str:
    """What stands behind the at sign."""
    return email.rpartition("@")[2].lower()


def is_registered(idp: IdentityProvider, uri: str, *, registered: tuple[str, ...]) -> bool:
    """Whether a redirect URI is one of these: compared as text, or by its beginning where the vendor takes a `*`."""
    if not urlsplit(uri).scheme:
        return False
    if uri in registered:
        return True
    beginnings = [one[:-1] for one in registered if one.endswith("*")] if idp.oidc.redirect_wildcard else []
    return any(uri.startswith(one) for one in beginnings)


def _number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest())
