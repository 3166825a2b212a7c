"""Every URL of the OpenID Connect side."""

from ostiary.simulator.oidc.endpoints import interaction
from ostiary.simulator.oidc.endpoints.discovery import show_discovery, show_keys
from ostiary.simulator.oidc.endpoints.logout import end_session
from ostiary.simulator.oidc.endpoints.requests import authorize, authorize_by_post, push
from ostiary.simulator.oidc.endpoints.tokens import give_tokens
from ostiary.simulator.oidc.endpoints.userinfo import show as show_userinfo
from ostiary.simulator.oidc.profile import OidcProfile
from ostiary.simulator.rim import Access, Page

WELL_KNOWN = "/.well-known/openid-configuration"


def pages_of_oidc(profile: OidcProfile) -> tuple[Page, ...]:
    """The endpoints of that vendor."""
    paths = profile.paths
    ending = Page(paths.end_session, get=end_session, post=end_session, access=Access.CROSS_SITE)
    pushing = Page(paths.pushed, post=push, access=Access.CROSS_SITE)
    return (
        Page(paths.issuer + WELL_KNOWN, get=show_discovery, access=Access.ANYONE),
        Page(paths.jwks, get=show_keys, access=Access.ANYONE),
        Page(paths.authorize, get=authorize, post=authorize_by_post, access=Access.CROSS_SITE),
        Page(paths.token, post=give_tokens, access=Access.CROSS_SITE),
        Page(paths.userinfo, get=show_userinfo, post=show_userinfo, access=Access.CROSS_SITE),
        *((ending,) if paths.end_session else ()),
        *((pushing,) if paths.pushed else ()),
        *interaction.PAGES,
    )
