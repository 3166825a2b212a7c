"""Signing in with a password, and setting one by a link."""

from ostiary.domain.enforcement.errors import PasswordLinkEnforced, SsoEnforced
from ostiary.domain.errors import PasswordRefused, PasswordTooShort, TooManyAttempts
from ostiary.kernel.errors import Refusal
from ostiary.services import Services
from ostiary.services.sessions import NewSession
from ostiary.web import problem_pages
from ostiary.web.client_of import client_of
from ostiary.web.context import Incoming
from ostiary.web.cookies import Cookies
from ostiary.web.login.start import password_page, return_to
from ostiary.web.responses import Answer, Csp, Page, SeeOther


def sign_in_page(incoming: Incoming, services: Services) -> Answer:
    """The sign-in page. Who is signed in already goes home."""
    token = Cookies.of(services.settings).read_session(incoming.cookies)
    if token and services.sessions.visitor(token) is not None:
        return SeeOther(location=return_to(incoming) or services.settings.home_url)
    page = password_page(incoming, email="")
    done = incoming.query.optional("done")
    return Page(template=page.template, values={**page.values, "done": done}, csp=page.csp)


def sign_in(incoming: Incoming, services: Services) -> Answer:
    """Signs in with email and password, or says in the same words for everyone that the two do not fit."""
    email = incoming.form.one("email")
    replaced = Cookies.of(services.settings).read_session(incoming.cookies)
    try:
        new = services.passwords.sign_in(
            email, incoming.form.one("password"), client=client_of(incoming, services), replaces=replaced or None
        )
    except (PasswordRefused, TooManyAttempts) as refusal:
        return _refused(refusal, "login/password.html", {"email": email, "note": None, "done": ""}, incoming)
    except SsoEnforced as refusal:
        return _sso_instead(refusal, incoming)
    return _signed_in(new, incoming, services, location=return_to(incoming))


def forgot_page(incoming: Incoming, _services: Services) -> Answer:
    """The page that asks where to send the link."""
    return _forgot(incoming, is_sent=False)


def forgot(incoming: Incoming, services: Services) -> Answer:
    """Sends a link. The answer is the same whether the address has an account or not (decision 9)."""
    try:
        services.passwords.request_reset(incoming.form.one("email"), client=client_of(incoming, services))
    except TooManyAttempts as refusal:
        return _refused(refusal, "login/forgot.html", {"is_sent": False, "email": incoming.form.one("email")}, incoming)
    except SsoEnforced as refusal:
        return _sso_instead(refusal, incoming)
    return _forgot(incoming, is_sent=True)


def set_page(incoming: Incoming, _services: Services) -> Answer:
    """The page that a one-time link leads to. Looking at it does not use the link up: mail scanners look too."""
    values = {"link": incoming.query.one("link"), "error": None, "return_to": ""}
    return Page(template="login/set_password.html", values=values)


def set_password(incoming: Incoming, services: Services) -> Answer:
    """Sets the password and signs in. Every other session of the account ends."""
    link = incoming.form.one("link")
    try:
        new = services.passwords.set_by_link(link, incoming.form.one("password"), client=client_of(incoming, services))
    except PasswordTooShort as refusal:
        return _refused(refusal, "login/set_password.html", {"link": link}, incoming)
    except PasswordLinkEnforced as refusal:
        return _sso_instead(refusal, incoming)
    return _signed_in(new, incoming, services, location="")


def _sso_instead(refusal: SsoEnforced | PasswordLinkEnforced, incoming: Incoming) -> Page:
    """Passwords are not accepted there: the page leads to the way that is. It quotes nothing that was typed."""
    words = problem_pages.words(refusal)
    values = {"words": words, "slug": refusal.slug, "return_to": return_to(incoming), "is_error": True}
    return Page(template="login/sso_instead.html", values=values, status=words.status)


def _signed_in(new: NewSession, incoming: Incoming, services: Services, *, location: str) -> SeeOther:
    cookies = Cookies.of(services.settings)
    known = cookies.account_known(new.session.account_id, incoming.cookies)
    location = location or services.settings.home_url
    return SeeOther(location=location, cookies=(cookies.signed_in(new.token), known))


def _forgot(incoming: Incoming, *, is_sent: bool) -> Page:
    email = incoming.form.optional("email") or incoming.query.optional("email")
    return Page(template="login/forgot.html", values={"is_sent": is_sent, "email": email, "error": None})


def _refused(refusal: Refusal, template: str, values: dict[str, object], incoming: Incoming) -> Page:
    words = problem_pages.words(refusal)
    shown = {**values, "error": words, "is_error": True, "return_to": return_to(incoming)}
    return Page(template=template, values=shown, status=words.status, csp=Csp.FORMS_LEAVE)
