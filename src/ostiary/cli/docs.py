"""Writes docs/problems, docs/guides and docs/routes.md from the code, so that they never fall behind it."""

from pathlib import Path

from ostiary.domain.connection import Protocol
from ostiary.guides import ConnectionValues, Guide, Recipe, RichText, guides, rich
from ostiary.kernel.errors import Finding, Named
from ostiary.problems.catalogue import BY_CODE, CATALOGUE, facts_of, headline
from ostiary.problems.problem import Fixer, Problem
from ostiary.problems.product import WITHOUT_CLASS
from ostiary.problems.quoting import Quotes, placeholders
from ostiary.problems.refining.fitting import fitting, protocols_of
from ostiary.web.routes import ROWS
from ostiary.web.routing import KIB, Row

_HEADER = "<!-- Written by `ostiary docs`. Change the words in src/ostiary/{source} and run it again. -->\n"
_EXAMPLE = ConnectionValues(
    product="Ringline",
    organization="Acme",
    acs_url="https://sso.ringline.example/saml/c7f3k2m9q4/acs",
    entity_id="https://sso.ringline.example/saml/c7f3k2m9q4",
    redirect_uri="https://sso.ringline.example/oauth2/idpresponse/c7f3k2m9q4",
    initiate_login_uri="https://sso.ringline.example/oidc/c7f3k2m9q4/start",
    backchannel_logout_uri="https://sso.ringline.example/oidc/c7f3k2m9q4/backchannel-logout",
    signed_out_uri="https://sso.ringline.example/oidc/c7f3k2m9q4/signed-out",
    keys_uri="https://sso.ringline.example/oidc/c7f3k2m9q4/jwks.json",
)
_WHO = {
    Fixer.IDP_ADMIN: "whoever administers the identity provider",
    Fixer.ORG_ADMIN: "the organization's admin, in the single sign-on settings",
    Fixer.USER: "the person who signs in",
    Fixer.APP_DEVELOPER: "whoever develops the app",
    Fixer.OPERATOR: "the operator of the server",
    Fixer.US: "us: it is a fault of Ostiary",
}
_FAMILIES = {
    "saml": "The answer of the identity provider",
    "oidc": "OpenID Connect",
    "login": "Signing in",
    "setup": "The settings",
    "request": "Requests",
    "doctor": "What the doctor says",
    "storage": "The store",
    "outbound": "Asking other servers",
    "dns": "The DNS",
    "mail": "Mail",
}


def write_docs(folder: Path) -> None:
    """Write every page below this folder, and remove pages of codes and guides that are gone."""
    pages = documentation()
    for area in ("problems", "guides"):
        (folder / area).mkdir(parents=True, exist_ok=True)
        for old in (folder / area).glob("*.md"):
            if f"{area}/{old.name}" not in pages:
                old.unlink()
    for path, text in pages.items():
        (folder / path).write_text(text, encoding="utf-8")


def documentation() -> dict[str, str]:
    """Every page by its path below the docs folder."""
    pages = {f"problems/{named.code}.md": _problem_page(named, problem) for named, problem in CATALOGUE.items()}
    for code, problem in WITHOUT_CLASS.items():
        pages[f"problems/{code}.md"] = _page_of(code, problem, facts=(), is_finding=False)
    pages["problems/README.md"] = _index()
    for protocol in Protocol:
        for guide in guides(protocol=protocol):
            pages[f"guides/{_file(guide)}"] = _guide_page(guide.filled(_EXAMPLE.quoted()))
    pages["guides/README.md"] = _guides_index()
    pages["routes.md"] = _routes_page()
    return pages


def _problem_page(named: type[Named], problem: Problem) -> str:
    return _page_of(named.code, problem, facts=facts_of(named.code), is_finding=issubclass(named, Finding))


def _page_of(code: str, problem: Problem, *, facts: tuple[str, ...], is_finding: bool) -> str:
    general = _quotes(facts, fitting(None, problem, code=code))
    lines = [_HEADER.format(source="problems"), f"# {code}\n", f"**{general.fill(problem.title)}**\n"]
    lines.append(general.fill(problem.cause) + "\n")
    lines += [f"- {line}" for line in _facts_of(code, problem, facts=facts, is_finding=is_finding)]
    lines.append("\n" + "\n".join(_fixes(code, problem, facts)))
    if problem.otherwise:
        lines.append(f"## {general.fill(problem.otherwise_title)}\n")
        lines += [_otherwise(when, then, general, code=code) for when, then in problem.otherwise]
        lines.append("")
    if not is_finding:
        lines.append(f"## What the person reads\n\n> **{problem.user.title}**\n>\n> {problem.user.text}\n")
    return "\n".join(lines)


def _facts_of(code: str, problem: Problem, *, facts: tuple[str, ...], is_finding: bool) -> list[str]:
    kind = "finding: nothing is refused for it" if is_finding else f"refusal, HTTP status {problem.status}"
    lines = [f"Kind: {kind}"]
    if headline(code):
        lines.append(f'Shown under the headline "{headline(code)}"')
    lines.append(f"Who can do something about it: {_WHO[problem.fixer]}")
    lines.append("Recorded facts: " + (", ".join(f"`{fact}`" for fact in facts) or "none"))
    return lines


def _fixes(code: str, problem: Problem, facts: tuple[str, ...]) -> list[str]:
    """One section, or one for each provider of the code's protocols where the steps differ."""
    written: dict[str, str] = {}
    for protocol in protocols_of(problem, code=code):
        for guide in guides(protocol=protocol):
            heading, text = _heading(problem, guide), _numbered(problem, guide, _quotes(facts, guide))
            if written.setdefault(heading, text) != text:
                written[f"{heading}, over OpenID Connect"] = text
    if len(set(written.values())) == 1:
        return ["## What to do\n", *set(written.values()), ""]
    return [line for heading, text in written.items() for line in (f"## {heading}\n", text, "")]


def _heading(problem: Problem, guide: Guide) -> str:
    if problem.fixer is Fixer.IDP_ADMIN:
        return guide.fix_heading
    others = {"saml": "any other provider", "oidc": "any other provider", "google_own": "Google, by your own client"}
    return f"What to do with {others.get(guide.key, guide.name)}"


def _numbered(problem: Problem, guide: Guide, quotes: Quotes) -> str:
    steps = [text for step in problem.steps for text in guide.written(step)]
    return "\n".join(f"{number}. {step.filled(quotes.values).markdown()}" for number, step in enumerate(steps, start=1))


def _otherwise(when: str, then: str | Recipe | tuple[RichText, ...], quotes: Quotes, *, code: str) -> str:
    texts = fitting(None, BY_CODE[code], code=code).written(then)
    return f"- **{quotes.fill(when)}**: " + " ".join(text.filled(quotes.values).markdown() for text in texts)


def _quotes(facts: tuple[str, ...], guide: Guide) -> Quotes:
    shown = placeholders(facts, values=_EXAMPLE)
    return Quotes.of(shown, guide=guide, values=_EXAMPLE, person="the person", is_test=False)


def _index() -> str:
    lines = [
        _HEADER.format(source="problems"),
        "# Problems\n",
        "Every reason for which something is refused, and every finding, by its code. A code keeps its meaning.",
        "Examples show a product named Ringline; ⟨words in these brackets⟩ stand for what was recorded.\n",
    ]
    by_code = {named.code: problem for named, problem in CATALOGUE.items()} | WITHOUT_CLASS
    for family, heading in _FAMILIES.items():
        codes = [code for code in by_code if code.split(".")[0] == family]
        if codes:
            lines += [f"## {heading}\n", *(_index_line(code) for code in codes), ""]
    return "\n".join(lines)


def _index_line(code: str) -> str:
    return f"- [{code}]({code}.md): {_label(code)}"


def _label(code: str) -> str:
    problem = BY_CODE[code]
    return _quotes(facts_of(code), fitting(None, problem, code=code)).fill(problem.label)


def _guide_page(guide: Guide) -> str:
    is_openid = guide.protocol is Protocol.OIDC
    source = f"guides/openid/{guide.key}.toml" if is_openid else f"guides/{guide.key}.toml"
    title = guide.title.markdown() + (" over OpenID Connect" if is_openid else "")
    lines = [_HEADER.format(source=source), f"# {title}\n", "## Prerequisites\n"]
    lines += [f"- {guide.plan.markdown()}", f"- {guide.admin_access}", f"- {guide.verified_domain.markdown()}", ""]
    for step in guide.steps:
        lines.append(f"## {step.title.markdown()}\n")
        lines += ["*(This step is added by Ostiary.)*\n"] if step.is_ours else []
        for number, item in enumerate(step.items, start=1):
            lines.append(f"{number}. {item.text.markdown()}" + (" *(Added by Ostiary.)*" if item.is_ours else ""))
            lines += [f"   - {bullet.markdown()}" for bullet in item.bullets]
            if item.table:
                lines += _table(item.table.heads, [(row.field, row.value, row.copies) for row in item.table.rows])
        lines += ["", *(f"{note.markdown()}\n" for note in step.notes)]
    lines += [
        "## User Login Flow\n",
        *(f"- {line.markdown()}" for line in guide.login_flow),
        "",
        "## Troubleshooting\n",
    ]
    lines += ["| Issue | Solution | Explained at |", "|---|---|---|"]
    for trouble in guide.troubleshooting:
        links = ", ".join(f"[{code}](../problems/{code}.md)" for code in trouble.codes)
        lines.append(f"| {trouble.issue} | {trouble.solution.markdown()} | {links} |")
    return "\n".join([*lines, "", *_their_errors(guide), *_names(guide)])


def _their_errors(guide: Guide) -> list[str]:
    quotes = _quotes((), guide)
    lines = []
    for heading, errors in (
        (f"What {guide.name} shows on a page of its own", guide.pages),
        (f"What {guide.name} writes into an answer that signs nobody in", guide.messages),
    ):
        if errors:
            lines += [f"## {heading}\n", "| It says | It means | What to do |", "|---|---|---|"]
            lines += [
                f"| {error.says} | {quotes.fill(error.means)} | "
                f"{' '.join(step.filled(quotes.values).markdown() for step in error.then)} |"
                for error in errors
            ]
            lines.append("")
    return lines


def _table(heads: tuple[str, str], rows: list[tuple[RichText, RichText, str | None]]) -> list[str]:
    lines = ["", f"   | {heads[0]} | {heads[1]} | |", "   |---|---|---|"]
    lines += [
        f"   | {field.markdown()} | {value.markdown()} | {f'`{copies}`' if copies else ''} |"
        for field, value, copies in rows
    ]
    return [*lines, ""]


def _names(guide: Guide) -> list[str]:
    lines = ["## What the fields are called\n", "| Field | Where | Also called |", "|---|---|---|"]
    named = [*guide.fields.values(), *(each for each in (guide.acs_validator, guide.idp_logout) if each)]
    for field in named:
        path = rich(field.path).filled(_EXAMPLE.quoted()).plain
        lines.append(f"| {field.name} | {path} | {', '.join(field.also_called)} |")
    return [*lines, ""]


def _guides_index() -> str:
    lines = [
        _HEADER.format(source="guides"),
        "# Guides\n",
        "One for each identity provider that Ostiary knows by name, and one for any other.\n",
    ]
    for protocol, heading in ((Protocol.SAML, "SAML 2.0"), (Protocol.OIDC, "OpenID Connect")):
        lines.append(f"## {heading}\n")
        lines += [
            f"- [{guide.title.filled(_EXAMPLE.quoted()).plain}]({_file(guide)})" for guide in guides(protocol=protocol)
        ]
        lines.append("")
    return "\n".join(lines)


def _file(guide: Guide) -> str:
    is_openid = guide.protocol is Protocol.OIDC and guide.key != guides(protocol=Protocol.OIDC)[-1].key
    return f"{guide.key}-oidc.md" if is_openid else f"{guide.key}.md"


def _routes_page() -> str:
    lines = [
        _HEADER.format(source="web/routes.py"),
        "# Routes\n",
        "Every address of the product. A form from another site is refused, but where the table says otherwise.\n",
        "| Method | Path | For | Runs in | Takes | What it does |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.method} | `{row.path}` | {row.who.value} | {row.where.value} | {_taken(row)} | {row.says} |"
        for row in ROWS
    ]
    return "\n".join([*lines, ""])


def _taken(row: Row) -> str:
    size = f"{row.body_limit // KIB} KiB" if row.body_limit else ""
    return f"{size}, from any site" if row.is_cross_site else size
