"""A sign-in that was refused, as the person reads it: a safe text and a reference."""

from urllib.parse import quote

from ostiary.guides import guide
from ostiary.problems import Fixer
from ostiary.problems.problem import NEW_KEY, UserText
from ostiary.problems.refining.persons import chooses_account, for_sign_in
from ostiary.services import Services
from ostiary.services.refusal_record import LoginRefused
from ostiary.web import problem_pages
from ostiary.web.context import Incoming
from ostiary.web.responses import Page


def refused(ended: LoginRefused, incoming: Incoming, services: Services) -> Page:
    """What the person reads: a safe text and a reference. The admin finds the story by it."""
    words = problem_pages.words(ended.refusal)
    code, facts = ended.refusal.code, ended.refusal.facts()
    known = guide(ended.connection.provider, protocol=ended.connection.protocol)
    said = for_sign_in(code, facts, guide=known, otherwise=UserText(title=words.title, text=words.text))
    chooses = chooses_account(code, facts)
    user = NEW_KEY if ended.may_have_a_new_key else said
    subject = f"Sign-in to {services.settings.product_name}: reference {ended.reference}"
    body = f"{user.title}.\n\nReference: {ended.reference}\n"
    values = {
        "title": user.title,
        "text": user.text,
        "reference": ended.reference,
        "mail": f"mailto:?subject={quote(subject)}&body={quote(body)}",
        "again": f"/o/{ended.organization.slug}" + ("?account=another" if chooses else ""),
        "is_for_them": words.fixer is Fixer.USER or ended.may_have_a_new_key or chooses,
        "at": incoming.now,
    }
    return Page(template="login/refused.html", values=values, status=words.status)
