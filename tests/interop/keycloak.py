"""A real Keycloak on loopback: its realm imported from JSON, its client made by itself from our metadata.

The distribution of `scripts/keycloak.py`, with a database in memory. What an admin clicks in its console is asked for
by its admin REST API, which the console itself uses.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from scripts.keycloak import SCRIPT, VERSION
from tests.interop.connecting import ALICE, BOB, Person, go_on, submit
from tests.interop.loopback import free_port, listening
from tests.journeys.walker import Walker

START_SECONDS = 300
GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
OAEP_MGF1P = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
OAEP = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
_PATIENT: Mapping[str, Any] = {"timeout": 60, "trust_env": False}
_TOKEN_SECONDS = 30
_ADMIN = ("admin", "of these tests only")
_PREDEFINED = ("X500 email", "X500 givenName", "X500 surname")
_KEYS: Mapping[str, Mapping[str, list[str]]] = {
    "rsa": {"algorithm": ["RS256"]},
    "ecdsa": {"ecdsaEllipticCurveKey": ["P-256"]},
}
# One core is enough for it, and half a minute of compiling is saved.
_JAVA = {"JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx384m", "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1"}
_START = ("start", "--optimized", "--http-enabled=true", "--http-host=127.0.0.1", "--hostname-strict=false")


@dataclass(frozen=True, slots=True)
class Keycloak:
    """A running server with one realm."""

    base: str
    version: str = VERSION
    realm: str = "acme"
    _tokens: list[tuple[float, str]] = field(default_factory=list)

    @property
    def entity_id(self) -> str:
        """The realm's entity ID."""
        return f"{self.base}/realms/{self.realm}"

    @property
    def metadata_url(self) -> str:
        """The realm's "SAML 2.0 Identity Provider Metadata"."""
        return f"{self.entity_id}/protocol/saml/descriptor"

    @property
    def endpoint(self) -> str:
        """Where AuthnRequests and logout messages go."""
        return f"{self.entity_id}/protocol/saml"

    @property
    def logout_url(self) -> str:
        """Where a person signs out of the realm, which signs out of its clients."""
        return f"{self.entity_id}/protocol/openid-connect/logout"

    def tile(self, name: str = "ringline") -> str:
        """Where a sign-in that it begins itself starts ("IDP-Initiated SSO URL name")."""
        return f"{self.endpoint}/clients/{name}"

    def import_realm(self, *clients: Mapping[str, Any]) -> None:
        """Make the realm of its JSON: its people, and these clients. Keys are of its own making."""
        self.ask("POST", "/admin/realms", json=realm(self.realm, clients=clients))

    def know(self, metadata: str, attributes: Mapping[str, str] | None = None, **client: object) -> None:
        """Make this the one SAML client of the realm: "Import client" with our metadata, and then what is changed."""
        made = self.ask(
            "POST",
            f"/admin/realms/{self.realm}/client-description-converter",
            content=metadata.encode(),
            headers={"Content-Type": "application/xml"},
        ).json()
        for known in self.ask(
            "GET", f"/admin/realms/{self.realm}/clients", params={"clientId": made["clientId"]}
        ).json():
            self.ask("DELETE", f"/admin/realms/{self.realm}/clients/{known['id']}")
        made["attributes"] |= {"saml_idp_initiated_sso_url_name": "ringline"} | dict(attributes or {})
        made |= {"protocolMappers": self._predefined_mappers(), "frontchannelLogout": True} | client
        self.ask("POST", f"/admin/realms/{self.realm}/clients", json=made)

    def clients(self, client_id: str) -> list[dict[str, Any]]:
        """The clients of this name: one, or none."""
        path = f"/admin/realms/{self.realm}/clients"
        return list(self.ask("GET", path, params={"clientId": client_id}).json())

    def change_key(self, *, keeps_old: bool = False, kind: str = "rsa") -> None:
        """Realm settings → Keys → Add provider, with a higher priority; the old one passive or off.

        `kind` is rsa, for RS256, or ecdsa, for ES256: those are made in no time.
        """
        own = self.ask("GET", f"/admin/realms/{self.realm}").json()["id"]
        keys, provider = "org.keycloak.keys.KeyProvider", f"{kind}-generated"
        path = f"/admin/realms/{self.realm}/components"
        listed = self.ask("GET", path, params={"type": keys}).json()
        old = [each for each in listed if each["providerId"] == provider]
        settings = {"priority": ["200"], "enabled": ["true"], "active": ["true"], **_KEYS[kind]}
        new = {"name": "new", "providerId": provider, "providerType": keys, "parentId": own, "config": settings}
        self.ask("POST", path, json=new)
        for each in old:
            each["config"] |= {"active": ["false"], "enabled": ["true" if keeps_old else "false"]}
            self.ask("PUT", f"{path}/{each['id']}", json=each)

    def _predefined_mappers(self) -> list[dict[str, Any]]:
        """Client scopes → dedicated → Add predefined mapper: those of the guide, as the console lists them."""
        known = self.ask("GET", "/admin/serverinfo").json()["builtinProtocolMappers"]["saml"]
        return [mapper for mapper in known if mapper["name"] in _PREDEFINED]

    def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """The answer of its admin REST API. Raises: `AssertionError` for a refusal."""
        headers = {"Authorization": f"Bearer {self._token()}", **more.pop("headers", {})}
        answer = httpx2.request(method, self.base + path, headers=headers, **_PATIENT, **more)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer

    def _token(self) -> str:
        """The admin's token, asked for again before the minute is over that it is good for."""
        if not self._tokens or time.monotonic() - self._tokens[-1][0] > _TOKEN_SECONDS:
            form = {"grant_type": "password", "client_id": "admin-cli", "username": _ADMIN[0], "password": _ADMIN[1]}
            path = "/realms/master/protocol/openid-connect/token"
            began, answer = time.monotonic(), httpx2.post(self.base + path, data=form, **_PATIENT)
            assert answer.is_success, answer.text
            self._tokens.append((began, str(answer.json()["access_token"])))
        return self._tokens[-1][1]


def realm(name: str, *, clients: tuple[Mapping[str, Any], ...] = ()) -> dict[str, Any]:
    """A realm with Alice and Bob, as its JSON."""
    return {
        "realm": name,
        "enabled": True,
        "sslRequired": "none",
        "bruteForceProtected": False,
        "passwordPolicy": "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)",
        "users": [_user(person) for person in (ALICE, BOB)],
        "clients": list(clients),
    }


def oidc_client(client_id: str, *, secret: str, redirect_uri: str, logout_uri: str) -> dict[str, Any]:
    """An OpenID Connect client with a secret, for `import_realm`."""
    return {
        "clientId": client_id,
        "secret": secret,
        "protocol": "openid-connect",
        "publicClient": False,  # else any secret is taken
        "standardFlowEnabled": True,
        "redirectUris": [redirect_uri],
        "attributes": {"post.logout.redirect.uris": logout_uri, "pkce.code.challenge.method": "S256"},
    }


def sign_in(walker: Walker, person: Person) -> Walker:
    """Its sign-in page, and the pages before and behind it that post a message."""
    go_on(walker)
    if walker.document.xpath("//form[@id='kc-form-login']"):
        submit(walker, "//form[@id='kc-form-login']", username=person.user, password=person.password)
    return go_on(walker)


def sign_out(walker: Walker, keycloak: Keycloak) -> Walker:
    """Its own way out, which asks once, and the pages that follow."""
    walker.open(keycloak.logout_url)
    submit(walker, "//form[contains(@action, 'logout-confirm')]", confirmLogout="Logout")
    return go_on(walker)


@contextmanager
def running(folder: Path) -> Iterator[Keycloak]:
    """A Keycloak of its own. It takes half a minute to start on an idle machine."""
    port = free_port()
    peer = Keycloak(base=f"http://127.0.0.1:{port}")
    user, password = _ADMIN
    with listening(
        ["sh", str(SCRIPT), *_START, f"--http-port={port}"],
        environment={**_JAVA, "KC_BOOTSTRAP_ADMIN_USERNAME": user, "KC_BOOTSTRAP_ADMIN_PASSWORD": password},
        log=folder / "keycloak.log",
        answers_at=f"{peer.base}/realms/master",
        seconds=START_SECONDS,
    ):
        yield peer


def _user(person: Person) -> dict[str, Any]:
    first, last = person.name.split()
    return {
        "username": person.user,
        "enabled": True,
        "email": person.email,
        "emailVerified": True,
        "firstName": first,
        "lastName": last,
        "credentials": [{"type": "password", "value": person.password}],
    }
