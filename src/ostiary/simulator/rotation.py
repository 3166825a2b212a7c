"""A change of the signing key, as an admin makes it in a console: first a new one beside, then it signs."""

from dataclasses import replace

from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.state import State


def generate_key(idp: IdentityProvider, app_id: str) -> None:
    """Make a new key beside the one that signs. Raises: `KeyError` if the application is not there."""
    fresh = idp.new_signing_key()
    idp.store.change(lambda state: state.with_app(replace(state.apps[app_id], spare_key=fresh)))


def activate_key(idp: IdentityProvider, app_id: str) -> None:
    """The spare key signs from now on, and is published. Raises: `KeyError` if the application is not there."""

    def change(state: State) -> State:
        app = state.apps[app_id]
        if app.spare_key is None:
            return state
        return state.with_app(replace(app, first_key=app.spare_key, spare_key=app.first_key))

    idp.store.change(change)
