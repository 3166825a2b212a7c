"""One sign-in by values: every message of the provider is read in the order of a real one, nothing is sent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from ostiary.oidc import client_auth
from ostiary.oidc import relying_party as rp
from ostiary.oidc.json_text import JsonValue
from tests.oidc import evil_provider as op


def client(tree: op.Tree) -> rp.Client:
    said = tree["rp"]
    return rp.Client(
        client_id=said["client_id"],
        redirect_uri=said["redirect_uri"],
        authentication=client_auth.SecretBasic(secret=said["client_secret"]),
    )


def provider(tree: op.Tree) -> rp.Provider:
    said = tree["rp"]
    is_google = said.get("vendor") == "google"
    hosted = said.get("required_hd")
    return rp.Provider(
        issuer=said["issuer_configured"],
        other_issuers=("accounts.google.com",) if is_google else (),
        algorithms=tuple(said["allowed_algs"]),
        tenants=tuple(said.get("allowed_tids", ())),
        hosted_domains=tuple(hosted) if hosted else None,
    )


def now(tree: op.Tree) -> datetime:
    return datetime.fromtimestamp(tree["clock"]["now"], UTC)


def metadata(tree: op.Tree) -> rp.ProviderMetadata:
    return rp.read_discovery(op.discovery_response(tree), issuer=tree["rp"]["issuer_configured"])


def keys(tree: op.Tree) -> rp.KeySet:
    return rp.read_keys(op.keys_response(tree), metadata=metadata(tree))


def expected(tree: op.Tree, tokens: rp.UnverifiedTokens, **changes: Any) -> rp.Expected:
    said = tree["rp"]
    values: dict[str, Any] = {
        "client": client(tree),
        "provider": provider(tree),
        "metadata": metadata(tree),
        "keys": keys(tree),
        "nonce": tree["session"]["nonce"],
        "access_token": tokens.access_token,
        "max_age": said["max_age"],
        "acr_values": tuple(said.get("require_acr", ())),
        "now": now(tree),
    }
    return rp.Expected(**(values | changes))


def sign_in(tree: op.Tree) -> Mapping[str, JsonValue]:
    """What the provider says of the person, signed and looked up. Raises what the relying party refuses."""
    known, said = metadata(tree), tree["callback"]
    answered = parse_qsl(said["raw_query"]) if "raw_query" in said else list(said["params"].items())
    rp.read_callback(
        answered,
        mode=rp.ResponseMode.FORM_POST if said["method"] == "POST" else rp.ResponseMode.QUERY,
        expected_mode=rp.ResponseMode(tree["rp"]["response_mode"]),
        expected_state=tree["session"]["state"],
        provider=provider(tree),
        metadata=known,
    )
    tokens = rp.read_token_response(op.token_response(tree), client=client(tree))
    claims = rp.read_id_token(tokens.id_token, expected=expected(tree, tokens))
    userinfo = rp.read_userinfo(
        op.userinfo_response(tree),
        claims=claims,
        client=client(tree),
        provider=provider(tree),
        metadata=known,
        keys=keys(tree),
    )
    return rp.together(claims, userinfo)


def refresh(tree: op.Tree) -> rp.VerifiedClaims:
    tokens = rp.read_token_response(op.token_response(tree), client=client(tree))
    return rp.read_id_token(tokens.id_token, expected=expected(tree, tokens, nonce=None, subject="248289761001"))


def log_out(tree: op.Tree) -> rp.Logout:
    return rp.read_logout_token(
        op.logout_token(tree), client=client(tree), provider=provider(tree), keys=keys(tree), now=now(tree)
    )
