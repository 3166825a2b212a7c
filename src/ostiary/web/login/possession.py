"""Somebody has come by a provider, and shows once that an account is theirs: by a mailed code, or by its password.

The page looks the same for every account: that one has a password is told by nothing but a password that fits.
"""

from dataclasses import dataclass

from ostiary.domain.errors import OwnPasswordRefused, TooManyAttempts
from ostiary.domain.openid.errors import CodeWrong
from ostiary.guides import guide
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import AttemptId
from ostiary.services import Services
from ostiary.services.passwords import WINDOW
from ostiary.services.possession import Waiting
from ostiary.services.refusal_record import LoginRefused
from ostiary.web import problem_pages
from ostiary.web.client_of import client_of
from ostiary.web.context import Incoming
from ostiary.web.cookies import Cookies
from ostiary.web.login import arrival
from ostiary.web.responses import Answer, Csp, Page, SeeOther

_PATH = "/login/possession"
_TEMPLATE = "login/possession.html"
_WINDOW = int(WINDOW.total_seconds())


def ask(ended: LoginRefused, incoming: Incoming, services: Services) -> SeeOther | None:
    """The way to the page, where it is asked for; None where the refusal stays one."""
    attempt, browser = ended.attempt, client_of(incoming, services).login_key
    if attempt is None or browser is None or ended.refusal.code != "login.possession_needed":
        return None
    # Set anew: it began with the sign-in, and has to last as long as the page.
    kept = Cookies.of(services.settings).login_begun(browser)
    return SeeOther(location=f"{_PATH}/{attempt.id}", cookies=(kept,))


def page(incoming: Incoming, services: Services) -> Answer:
    """Asks how to prove the account; once a code was mailed, for the code."""
    return _shown(incoming, services, by=incoming.query.optional("by"))


def prove(incoming: Incoming, services: Services) -> Answer:
    """Mails a code, or takes a code or a password: then the person is signed in, and tied to the account for good."""
    attempt_id, client = _id(incoming), client_of(incoming, services)
    way = incoming.form.optional("way")
    try:
        if way == "code":
            signed_in = services.possessions.prove_by_code(attempt_id, incoming.form.one("code"), client=client)
        elif way == "password":
            password = incoming.form.one("password")
            signed_in = services.possessions.prove_by_password(attempt_id, password, client=client)
        else:
            services.possessions.mail_code(attempt_id, client=client)
            return SeeOther(location=f"{_PATH}/{attempt_id}")
    except (CodeWrong, OwnPasswordRefused, TooManyAttempts) as refusal:
        return _shown(incoming, services, by=way, refusal=refusal)
    return arrival.answer(signed_in, incoming, services)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the page says of a try, at its field or above the form."""

    title: str
    text: str
    is_at_field: bool


def _shown(incoming: Incoming, services: Services, *, by: str, refusal: Refusal | None = None) -> Page:
    waiting = services.possessions.view(_id(incoming), client=client_of(incoming, services))
    known = guide(waiting.connection.provider, protocol=waiting.connection.protocol)
    said = _said(refusal, waiting) if refusal else None
    values = {
        "waiting": waiting,
        "path": f"{_PATH}/{waiting.attempt.id}",
        "idp": waiting.connection.name or (known.name_at_start if known else "Your company's sign-in"),
        "by": _by(by, waiting),
        "said": said,
        "is_error": said is not None,
    }
    # A sign-in may end at the product's own address, which form-action of ours would stop (decision 23).
    status = problem_pages.words(refusal).status if refusal else 200
    return Page(template=_TEMPLATE, values=values, status=status, csp=Csp.FORMS_LEAVE)


def _by(asked: str, waiting: Waiting) -> str:
    """Which of the two proofs the page asks for; empty where it is still to be chosen, "over" where none is left."""
    if waiting.takes_password and (asked == "password" or not waiting.tries_left):
        return "password"
    if not waiting.tries_left:
        return "over"
    return "code" if waiting.has_code else ""


def _said(refusal: Refusal, waiting: Waiting) -> _Said:
    words = problem_pages.words(refusal)
    if isinstance(refusal, OwnPasswordRefused):
        return _Said(
            title="This is not the account's password.",
            text="Type it once more, or have a code mailed.",
            is_at_field=True,
        )
    if isinstance(refusal, CodeWrong) and waiting.tries_left:
        tries = "one try" if waiting.tries_left == 1 else f"{waiting.tries_left} tries"
        return _Said(title=f"{words.title}.", text=f"{words.text} You have {tries} left.", is_at_field=True)
    if isinstance(refusal, CodeWrong):
        return _Said(
            title="No code counts any more.",
            text=f"Five were wrong. {'Use your password, or sign' if waiting.takes_password else 'Sign'} in again "
            "to get another code.",
            is_at_field=False,
        )
    if isinstance(refusal, TooManyAttempts) and refusal.wait_seconds > _WINDOW:
        other = " Your password is taken meanwhile." if waiting.takes_password else ""
        return _Said(title="Too many wrong codes.", text=f"The next one counts in a day.{other}", is_at_field=False)
    return _Said(title=f"{words.title}.", text="Wait a quarter of an hour, then sign in once more.", is_at_field=False)


def _id(incoming: Incoming) -> AttemptId:
    return AttemptId(incoming.path_parameters["attempt_id"])
