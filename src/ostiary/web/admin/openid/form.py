"""The form of an OpenID Connect connection: read from the request, and shown again with its errors in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from ostiary.domain.checkup import Correction, FieldProblem
from ostiary.domain.connection import Connection
from ostiary.domain.openid.settings import ClaimNames
from ostiary.guides import Guide
from ostiary.problems.corrections import CORRECTIONS, correction
from ostiary.problems.quoting import FIELD_LABELS
from ostiary.services import Services
from ostiary.services.connection_form.openid import SaveOpenId, form_of, preset_of
from ostiary.services.connections import NotSaved
from ostiary.web.admin.quoted import explained
from ostiary.web.context import Fields, Form, Incoming

_LARGEST_TEXT = 4096
_FIRST = ("client_id", "client_secret", "secret_expires", "discovery_url", "userinfo_method")
"""The fields of the brief. All others stand under Advanced."""
_HIDES = frozenset({"setup.client_id_is_secret", "setup.values_swapped"})
"""With these the Client ID may be a secret, and a secret is not written into a page."""
_LOST = "setup.secret_lost"
"""Nothing is wrong with a secret that was right: it is asked for without the tone of an error."""
_TIDIED = ("client_id", "client_secret")
_UNCHANGED = "Nothing was saved."
_CLAIMS = ("claim_email", "claim_first_name", "claim_last_name", "claim_groups")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownForm:
    """What the form shows: values as typed or as saved, and what is wrong with them. Never a secret."""

    values: Mapping[str, str]
    algorithms: tuple[str, ...]
    """Those that are ticked."""
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By field: the first sentence, and the rest."""
    corrections: Mapping[str, str] = field(default_factory=dict)
    wrong: tuple[tuple[str, str], ...] = ()
    """Field and label of each value that needs a change, for the callout above the form."""
    wants_secret_again: bool = False
    """Whether a secret that was right has to be pasted once more: it is not kept in the page."""

    @property
    def opens_advanced(self) -> bool:
        """Whether something in the Advanced section is to be looked at."""
        return any(name not in _FIRST for name in (*self.errors, *self.corrections))


def read(form: Form, *, connection: Connection, guide: Guide) -> SaveOpenId:
    """What was typed and pasted; for what was not sent, what is saved or usual. Raises: `FormUnreadable`."""
    before = _before(connection, guide)
    usual = _values(before)
    sent = {name: form.one(name)[:_LARGEST_TEXT] if name in form else usual[name] for name in usual}
    # A box that is not ticked sends nothing: only with the section around it that means no.
    has_boxes = form.optional("advanced") == "yes"
    return SaveOpenId(
        client_secret=form.optional("client_secret")[:_LARGEST_TEXT],
        claims=ClaimNames(**{name.removeprefix("claim_"): sent[name] for name in _CLAIMS}),
        algorithms=form.all("algorithms") if has_boxes else before.algorithms,
        wants_encryption=form.optional("wants_encryption") == "yes" if has_boxes else before.wants_encryption,
        creates_accounts=form.optional("creates_accounts") == "yes" if has_boxes else before.creates_accounts,
        is_authoritative=form.optional("is_authoritative") == "yes" if has_boxes else before.is_authoritative,
        client_id=sent["client_id"],
        secret_expires=sent["secret_expires"],
        discovery_url=sent["discovery_url"],
        userinfo_method=sent["userinfo_method"],
        default_role=sent["default_role"],
        link_policy=sent["link_policy"],
        authentication=sent["authentication"],
        assertion_audience=sent["assertion_audience"],
        response_mode=sent["response_mode"],
        userinfo_use=sent["userinfo_use"],
        scopes=sent["scopes"],
        subject_claim=sent["subject_claim"],
        tenants=sent["tenants"],
        hosted_domains=sent["hosted_domains"],
        prompt=sent["prompt"],
        max_age=sent["max_age"],
        acr_values=sent["acr_values"],
        extra=sent["extra"],
    )


def of_saved(connection: Connection, guide: Guide) -> ShownForm:
    """The form as it was last saved; before that, with what its provider really does."""
    form = _before(connection, guide)
    return ShownForm(values=_values(form), algorithms=form.algorithms)


def told(form: ShownForm, query: Fields) -> ShownForm:
    """The form with what the address brings: what was put right on saving, claim names that a report has found."""
    found = {name: query.optional(name)[:_LARGEST_TEXT] for name in _CLAIMS if query.optional(name)}
    corrections = dict.fromkeys(found, "Filled in by the link. Save to use it, then test again.")
    tidied = [name for name in query.all("tidied") if name in _TIDIED]
    corrections |= dict.fromkeys(tidied, correction("space_removed"))
    put_right = [CORRECTIONS[what] for what in query.all("read") if what in CORRECTIONS]
    if put_right:
        # Never applied in silence: what is compared from now on is what stands there.
        corrections["discovery_url"] = f"We read {form.values['discovery_url']}. {' '.join(put_right)}"
    return replace(form, values={**form.values, **found}, corrections={**form.corrections, **corrections})


def in_address(corrections: Sequence[Correction]) -> str:
    """What was put right, for the address of the page after saving. By name: no address can say anything else."""
    pairs = [("read", each.what) if each.field == "discovery_url" else ("tidied", each.field) for each in corrections]
    return f"&{urlencode(pairs)}" if pairs else ""


def of_refused(
    form: SaveOpenId, not_saved: NotSaved, *, connection: Connection, incoming: Incoming, services: Services
) -> ShownForm:
    """The form as it was typed, with a sentence at each value that needs a change, and without any secret."""
    hides = any(problem.refusal.code in _HIDES for problem in not_saved.problems)
    values = {**_values(form), **({"client_id": ""} if hides else {})}
    order = [*_FIRST, *values, "algorithms"]
    wrong = [problem for problem in not_saved.problems if problem.refusal.code != _LOST]
    problems = sorted(wrong, key=lambda problem: order.index(problem.field))
    return ShownForm(
        values=values,
        algorithms=form.algorithms,
        errors={problem.field: _sentences(problem, connection, incoming, services) for problem in problems},
        corrections={each.field: correction(each.what) for each in not_saved.corrections},
        wrong=tuple((problem.field, FIELD_LABELS[problem.field]) for problem in problems),
        wants_secret_again=len(wrong) < len(not_saved.problems),
    )


def _before(connection: Connection, guide: Guide) -> SaveOpenId:
    if connection.latest:
        return form_of(connection.latest.oidc)
    return preset_of(guide.openid) if guide.openid else SaveOpenId()


def _values(form: SaveOpenId) -> dict[str, str]:
    return {
        "client_id": form.client_id,
        "secret_expires": form.secret_expires,
        "discovery_url": form.discovery_url,
        "userinfo_method": form.userinfo_method,
        "claim_email": form.claims.email,
        "claim_first_name": form.claims.first_name,
        "claim_last_name": form.claims.last_name,
        "claim_groups": form.claims.groups,
        "default_role": form.default_role,
        "creates_accounts": _yes(form.creates_accounts),
        "is_authoritative": _yes(form.is_authoritative),
        "link_policy": form.link_policy,
        "authentication": form.authentication,
        "assertion_audience": form.assertion_audience,
        "response_mode": form.response_mode,
        "wants_encryption": _yes(form.wants_encryption),
        "userinfo_use": form.userinfo_use,
        "scopes": form.scopes,
        "subject_claim": form.subject_claim,
        "tenants": form.tenants,
        "hosted_domains": form.hosted_domains,
        "prompt": form.prompt,
        "max_age": form.max_age,
        "acr_values": form.acr_values,
        "extra": form.extra,
    }


def _sentences(
    problem: FieldProblem, connection: Connection, incoming: Incoming, services: Services
) -> tuple[str, ...]:
    refusal = problem.refusal
    # What stands in a form has happened to nobody: it is about settings, not about accounts.
    facts = {**refusal.facts(), "unchanged": _UNCHANGED}
    words = explained(refusal.code, facts, connection=connection, incoming=incoming, services=services)
    title = words.title if words.title.endswith(".") else f"{words.title}."
    first_step = words.steps[0].plain if words.steps else ""
    return tuple(part for part in (title, words.second, first_step) if part)


def _yes(is_on: bool) -> str:  # noqa: FBT001 - a value of a checkbox
    return "yes" if is_on else ""
