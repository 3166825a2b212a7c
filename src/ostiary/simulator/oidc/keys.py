"""Which key signs, which keys are published, and how they change."""

from dataclasses import replace

from ostiary.simulator.oidc.faults import OidcFault, ProviderFault
from ostiary.simulator.oidc.jose import ENCRYPTION, new_provider_key
from ostiary.simulator.oidc.state import Client, OidcState, ProviderKey
from ostiary.simulator.provider import IdentityProvider

DEFAULT_ALGORITHM = "RS256"
_KEPT = 3
"""How many keys of an algorithm stay published after they were rotated."""


def signing_key(idp: IdentityProvider, client: Client) -> ProviderKey:
    """The key that signs for the application now. Faults may have made it a new one, or one that nobody can find."""
    state = idp.store.read().oidc
    if OidcFault.KEY_UNPUBLISHED in client.faults:
        return _unpublished(idp, client.signing_algorithm)
    if ProviderFault.KEY_JUST_ROTATED in state.faults:
        return rotate(idp, algorithm=client.signing_algorithm, keep=0)
    return current_key(idp, client.signing_algorithm)


def current_key(idp: IdentityProvider, algorithm: str = DEFAULT_ALGORITHM) -> ProviderKey:
    """The key of that algorithm that signs. It is made when it is first needed."""
    return _first(idp.store.read().oidc, algorithm) or rotate(idp, algorithm=algorithm)


def published_keys(idp: IdentityProvider) -> tuple[ProviderKey, ...]:
    """The keys of the key set."""
    current_key(idp)
    if idp.oidc.has_encryption_key:
        current_key(idp, ENCRYPTION)
    state = idp.store.read().oidc
    return () if ProviderFault.KEYS_EMPTY in state.faults else state.keys


def rotate(
    idp: IdentityProvider, *, algorithm: str = DEFAULT_ALGORITHM, keep: int = _KEPT, same_name: bool = False
) -> ProviderKey:
    """A new key signs from now on. `keep`: how many older ones stay published; `same_name`: it takes over the `kid`."""
    before = _first(idp.store.read().oidc, algorithm)
    kid = before.kid if before is not None and same_name else idp.new_token(idp.oidc.kid_bytes)
    fresh = new_provider_key(kid, algorithm=algorithm, now=idp.clock.now())

    def change(state: OidcState) -> OidcState:
        same = tuple(one for one in state.keys if one.algorithm == algorithm and one.kid != kid)
        others = tuple(one for one in state.keys if one.algorithm != algorithm)
        return replace(state, keys=(fresh, *same[:keep], *others))

    idp.change_oidc(change)
    return fresh


def _unpublished(idp: IdentityProvider, algorithm: str) -> ProviderKey:
    known = next((one for one in idp.store.read().oidc.unpublished if one.algorithm == algorithm), None)
    if known is not None:
        return known
    fresh = new_provider_key(idp.new_token(idp.oidc.kid_bytes), algorithm=algorithm, now=idp.clock.now())
    idp.change_oidc(lambda state: replace(state, unpublished=(*state.unpublished, fresh)))
    return fresh


def _first(state: OidcState, algorithm: str) -> ProviderKey | None:
    return next((one for one in state.keys if one.algorithm == algorithm), None)
