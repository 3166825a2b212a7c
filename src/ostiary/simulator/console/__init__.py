"""The admin console of each vendor."""

from collections.abc import Mapping

from ostiary.simulator.console import directory, entry, okta, onelogin, switchboard
from ostiary.simulator.console.entry import to_console_sign_in
from ostiary.simulator.console.oidc.pages import LIST_PAGES, PAGES
from ostiary.simulator.profile import Profile
from ostiary.simulator.rim import Page

__all__ = ["pages_of_console", "to_console_sign_in"]

_CONSOLES: Mapping[str, tuple[Page, ...]] = {"okta": okta.PAGES, "onelogin": onelogin.PAGES}


def pages_of_console(profile: Profile) -> tuple[Page, ...]:
    """The pages that every console has, and those of that vendor."""
    own = _CONSOLES.get(profile.key, LIST_PAGES)
    return (*entry.PAGES, *directory.PAGES, *switchboard.PAGES, *own, *(() if profile.oidc is None else PAGES))
