"""Which applications were opened in a session, and ending the sessions in which one was."""

from dataclasses import replace

from ostiary.kernel.ids import fingerprint
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.state import Participant, State


def opened(idp: IdentityProvider, participant: Participant, *, token: str | None) -> None:
    """Note that an application was opened in the session with that token."""
    key = fingerprint(token or "")

    def change(state: State) -> State:
        session = state.sessions.get(key)
        if session is None:
            return state
        others = tuple(one for one in session.participants if one.app_id != participant.app_id)
        changed = replace(session, participants=(*others, participant))
        return replace(state, sessions={**state.sessions, key: changed})

    idp.store.change(change)


def end_session_of(
    idp: IdentityProvider, app_id: str, *, name_id: str, session_indexes: tuple[str, ...]
) -> tuple[Participant, ...]:
    """End the sessions in which the application knows somebody by this name. Returns: the other applications."""
    ended = {
        key: session
        for key, session in idp.store.read().sessions.items()
        if any(
            one.app_id == app_id
            and one.name_id == name_id
            and (not session_indexes or one.session_index in session_indexes)
            for one in session.participants
        )
    }
    idp.store.change(
        lambda state: replace(state, sessions={key: one for key, one in state.sessions.items() if key not in ended})
    )
    return tuple(one for session in ended.values() for one in session.participants if one.app_id != app_id)
