"""Who has an application, and in which groups a person is."""

from ostiary.simulator.oidc.state import Client
from ostiary.simulator.state import Group, State, User


def has_client(state: State, client: Client, user: User) -> bool:
    """Whether the person has the application: as everyone, by themselves, or by a group."""
    if client.everyone or user.id in client.people:
        return True
    groups = (state.groups[group] for group in client.groups if group in state.groups)
    return any(user.id in group.members for group in groups)


def groups_of(state: State, user: User) -> tuple[Group, ...]:
    """The groups of a person, by name."""
    return tuple(sorted((one for one in state.groups.values() if user.id in one.members), key=lambda one: one.name))
