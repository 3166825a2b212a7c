"""A refusal, or a bug, → what the person at the browser reads: safe words, and a reference. Programs get RFC 9457."""

from dataclasses import dataclass, replace

from ostiary.domain.errors import MethodRefused, PageUnknown
from ostiary.guides import ConnectionValues
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import Reference
from ostiary.problems import Fixer, Reader, described, explain
from ostiary.services import Services
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Json, JsonValue, Page

_NOTHING = ConnectionValues.without_connection(product="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a user may read of a refusal: constants of the catalogue, never a fact."""

    title: str
    text: str
    status: int
    fixer: Fixer


def words(refusal: Refusal) -> Words:
    """The safe words of this refusal."""
    return words_of(refusal.code)


def words_of(code: str) -> Words:
    """The safe words of the refusal with this code."""
    explanation = explain(code, {}, guide=None, values=_NOTHING, reader=Reader.USER)
    return Words(
        title=explanation.user_title, text=explanation.user_text, status=explanation.status, fixer=explanation.fixer
    )


def refused(refusal: Refusal, *, incoming: Incoming) -> Answer:
    """The page of this refusal."""
    safe = words(refusal)
    headers = {"Allow": ", ".join(refusal.allowed)} if isinstance(refusal, MethodRefused) else {}
    return _answer(refusal.code, said=safe, reference=None, headers=headers, incoming=incoming)


def broken(reference: Reference, *, incoming: Incoming) -> Answer:
    """The page of a bug of ours. The log holds the rest under this reference."""
    said = Words(
        title="Something broke on our side",
        text="Going back and doing it once more often works. If not, this reference finds the reason.",
        status=500,
        fixer=Fixer.US,
    )
    return _answer("request.broken", said=said, reference=reference, headers={}, incoming=incoming)


def about(incoming: Incoming, services: Services) -> Answer:
    """What a code means, for anybody: the page that `type` of a problem document leads to (RFC 9457 3.1.1)."""
    code = incoming.path_parameters["code"]
    outside = ConnectionValues.without_connection(product=services.settings.product_name)
    values = replace(outside, sign_in_label=services.settings.sign_in_label)
    found = described(code, guide=None, values=values)
    if found is None:
        raise PageUnknown
    return Page(template="problem/about.html", values={"about": found})


def _answer(
    code: str, *, said: Words, reference: Reference | None, headers: dict[str, str], incoming: Incoming
) -> Answer:
    if incoming.wants_json:
        content: dict[str, JsonValue] = {
            "type": f"/problems/{code}",
            "title": said.title,
            "status": said.status,
            "detail": said.text,
        }
        if reference is not None:
            content["reference"] = reference
        return Json(content=content, status=said.status, media_type="application/problem+json", headers=headers)
    values = {"title": said.title, "text": said.text, "reference": reference, "at": incoming.now}
    return Page(template="problem/refused.html", values=values, status=said.status, headers=headers)
