"""A real oidc-provider on loopback, certified for OpenID Connect: set up anew for each test, started once for all.

What its administrator writes into a program of their own, `node/oidc_provider.mjs` is told by HTTP.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from joserfc.jwk import ECKey, KeyParameters, OKPKey, RSAKey

from tests.interop.connecting import ALICE, BOB, Person, go_on, submit
from tests.interop.loopback import free_port, listening
from tests.journeys.walker import Walker

START_SECONDS = 90
VERSION = "9.13.3"
CLIENT_ID = "ringline"
SECRET = "a secret of these tests, 32 characters long"
GROUPS = ("engineering", "admins")
_HERE = Path(__file__).resolve().parent
_SCRIPT = _HERE / "node" / "oidc_provider.mjs"
_SCOPES = {"email": ["email", "email_verified"], "profile": ["name", "given_name", "family_name"], "groups": ["groups"]}
_FEATURES = ("backchannelLogout", "rpInitiatedLogout", "encryption", "jwtUserinfo", "devInteractions")


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcProvider:
    """A running provider. Its issuer is its address."""

    issuer: str
    version: str = VERSION

    @property
    def discovery_url(self) -> str:
        """Where it describes itself."""
        return f"{self.issuer}/.well-known/openid-configuration"

    @property
    def logout_url(self) -> str:
        """Where a person signs out of it, which signs out of its clients."""
        return f"{self.issuer}/session/end"

    def forget(self) -> None:
        """Nobody is signed in there any more, and what was used once may be used again."""
        assert httpx2.delete(f"{self.issuer}/set-up", timeout=30, trust_env=False).is_success

    def set_up(
        self,
        *clients: Mapping[str, Any],
        keys: tuple[Mapping[str, Any], ...] = (),
        people: Mapping[str, Mapping[str, Any]] | None = None,
        features: Mapping[str, Mapping[str, Any]] | None = None,
        seconds_ahead: int = 0,
        elsewhere: Mapping[str, str] | None = None,
        **configuration: Any,
    ) -> None:
        """These clients, keys and people from now on; `configuration` as its documentation names it.

        `elsewhere` says for an origin without a host where it is: the door of the product.
        """
        switches: dict[str, Mapping[str, Any]] = {name: {"enabled": True} for name in _FEATURES}
        switches["pushedAuthorizationRequests"] = {"enabled": False}
        wanted = {
            "configuration": {
                "clients": clients,
                "jwks": {"keys": keys or (key("RS256"),)},
                "claims": {"openid": ["sub"], **_SCOPES},
                "scopes": ["openid", *_SCOPES],
                "conformIdTokenClaims": False,
                "features": switches | dict(features or {}),
                "ttl": {"Session": 3600, "Grant": 3600, "Interaction": 600, "AccessToken": 300, "IdToken": 300},
                **configuration,
            },
            "people": people or {person.user: claims_of(person) for person in (ALICE, BOB)},
            "secondsAhead": seconds_ahead,
            "elsewhere": elsewhere or {},
        }
        answer = httpx2.put(f"{self.issuer}/set-up", json=wanted, timeout=30, trust_env=False)
        assert answer.is_success, answer.text


def claims_of(person: Person, **claims: object) -> dict[str, object]:
    """What it knows of a person."""
    first, last = person.name.split()
    known = {"email": person.email, "email_verified": True, "name": person.name, "given_name": first}
    return {**known, "family_name": last, "groups": GROUPS, **claims}


@cache
def key(algorithm: str, *, name: str = "") -> Mapping[str, Any]:
    """One of its keys, with the private half, for this algorithm; another one for another name."""
    said: KeyParameters = {"alg": algorithm, "use": "sig", "kid": name or algorithm.lower()}
    match algorithm:
        case "ES256":
            made: ECKey | OKPKey | RSAKey = ECKey.generate_key("P-256", said, private=True)
        case "EdDSA":
            made = OKPKey.generate_key("Ed25519", said, private=True)
        case _:
            made = RSAKey.generate_key(2048, said, private=True)
    return made.as_dict(private=True)


def sign_in(walker: Walker, person: Person) -> Walker:
    """Its sign-in page, its question whether the product may know, and the pages before and behind them."""
    go_on(walker)
    if walker.document.xpath("//form[.//input[@name='login']]"):
        submit(walker, "//form[.//input[@name='login']]", prompt="login", login=person.user, password=person.password)
    if walker.document.xpath("//form[.//input[@value='consent']]"):
        submit(walker, "//form[.//input[@value='consent']]")
    return go_on(walker)


def asks_for_the_password(walker: Walker) -> bool:
    """Whether this is its sign-in page."""
    return bool(walker.document.xpath("//input[@name='login']"))


def sign_out(walker: Walker, provider: OidcProvider) -> Walker:
    """Its own way out, which asks once, and the pages that follow."""
    walker.open(provider.logout_url)
    return go_on(confirm_sign_out(walker))


def confirm_sign_out(walker: Walker) -> Walker:
    """Its question whether the person wants to sign out, answered."""
    return submit(walker, "//form[contains(@action, '/session/end/confirm')]", logout="yes")


@contextmanager
def running(folder: Path) -> Iterator[OidcProvider]:
    """One of its own, with nothing set up."""
    port = free_port()
    provider = OidcProvider(issuer=f"http://127.0.0.1:{port}")
    with listening(
        ["node", str(_SCRIPT), str(port)],
        environment={"NODE_ENV": "production"},
        log=folder / "oidc-provider.log",
        answers_at=provider.discovery_url,
        seconds=START_SECONDS,
    ):
        yield provider
