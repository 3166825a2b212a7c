"""Every URL of a simulated identity provider."""

from ostiary.simulator import portal
from ostiary.simulator.console import pages_of_console
from ostiary.simulator.logout import flow
from ostiary.simulator.oidc.endpoints.routes import pages_of_oidc
from ostiary.simulator.profile import Paths, Profile
from ostiary.simulator.rim import Access, Page


def pages_of(profile: Profile) -> tuple[Page, ...]:
    """The pages for everyone, and the console of that vendor."""
    return (
        Page("/", get=portal.home, access=Access.ANYONE),
        Page("/login", get=portal.show_sign_in, post=portal.sign_in, access=Access.ANYONE),
        Page("/logout", post=portal.sign_out, access=Access.ANYONE),
        Page(profile.portal_path, get=portal.show_portal, access=Access.ANYONE),
        *(() if profile.saml is None else _of_saml(profile.saml.paths)),
        *(() if profile.oidc is None else pages_of_oidc(profile.oidc)),
        *pages_of_console(profile),
    )


def _of_saml(paths: Paths) -> tuple[Page, ...]:
    sso_path = paths.sso.replace("simulated_{slug}", "{slug}")
    slo_path = paths.slo.replace("simulated_{slug}", "{slug}")
    return (
        Page(sso_path, get=portal.single_sign_on, post=portal.single_sign_on_by_post, access=Access.CROSS_SITE),
        Page(slo_path, get=flow.take, post=flow.take, access=Access.CROSS_SITE),
        Page(paths.metadata, get=portal.show_metadata, access=Access.ANYONE),
    )
