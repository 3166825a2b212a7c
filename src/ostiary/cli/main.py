"""The commands of `ostiary`. Each parses its words, calls one thing below, and says what came of it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ostiary.cli.saml import saml_messages
from ostiary.cli.surroundings import (
    DEMO_FOLDER,
    REFUSED,
    USAGE,
    chosen_settings,
    in_words,
    is_for_the_demo,
    settings_of_a_store,
)

if TYPE_CHECKING:
    from ostiary.domain.organization import Plan

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Enterprise single sign-on for SaaS products.",
)
organizations = typer.Typer(no_args_is_help=True, help="Customer companies and their plans.")
database = typer.Typer(no_args_is_help=True, help="The database's schema.")
keys = typer.Typer(no_args_is_help=True, help="The key that seals secrets.")
app.add_typer(organizations, name="organizations")
app.add_typer(database, name="db")
app.add_typer(keys, name="keys")
app.add_typer(saml_messages, name="saml")


def main() -> None:
    """Run the command that the words name."""
    app()


@app.callback()
def choose_store(
    context: typer.Context,
    *,
    is_demo: Annotated[bool, typer.Option("--demo", help="Work on the demo of this folder, not on a server.")] = False,
) -> None:
    """Enterprise single sign-on for SaaS products."""
    context.obj = is_demo


@app.command()
def serve(context: typer.Context) -> None:
    """Serve the product. It makes no accounts and no simulators."""
    from ostiary.cli.serving import run

    settings = chosen_settings(context)
    with in_words():
        raise typer.Exit(run(settings))


@app.command()
def demo(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="First of nine ports in a row; OSTIARY_PORT or 8080.")] = None,
    data_dir: Annotated[Path, typer.Option(help="Folder of the demo.")] = DEMO_FOLDER,
) -> None:
    """Start the demo: the product, five simulated identity providers, a mailbox and a DNS server."""
    from ostiary import demo as demonstration

    chosen = port if port is not None else chosen_settings(context).port
    with in_words():
        raise typer.Exit(demonstration.run(port=chosen, data_dir=data_dir))


@organizations.command("add")
def add_organization(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(help="Short name for its link, as acme.")],
    owner: Annotated[str, typer.Option(help="Email address of its first owner.")],
    name: Annotated[str, typer.Option(help="Its name, as Acme Ltd.")] = "",
    plan: Annotated[str, typer.Option(help="starter or business.")] = "starter",
) -> None:
    """Make an organization, and print a one-time link for its first owner."""
    from ostiary.wiring import build

    with in_words():
        services = build(chosen_settings(context), is_demo=is_for_the_demo(context))
        made = services.organizations.add(slug, name=name or slug.title(), owner_email=owner, plan=_plan(plan))
    print(f"{made.organization.name} is made. {owner} sets a password here, within 7 days:")
    print(made.owner_link)


@organizations.command("plan")
def change_plan(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(help="The organization's short name.")],
    plan: Annotated[str, typer.Argument(help="starter or business. Business includes single sign-on.")],
) -> None:
    """Change an organization's plan."""
    from ostiary.wiring import build

    chosen = _plan(plan)
    with in_words():
        services = build(settings_of_a_store(context), is_demo=is_for_the_demo(context))
        found = services.organizations.by_slug(slug)
        changed = services.organizations.set_plan(found.id, chosen) if found else None
    if changed is None:
        print(f"There is no organization with the short name {slug}.", file=sys.stderr)
        raise typer.Exit(REFUSED)
    print(f"{changed.name} is on {changed.plan.value.title()}.")
    if changed.sso_until is not None:
        print(f"Sign-in with SSO goes on until {changed.sso_until:%d %B %Y}.")


@organizations.command("list")
def list_organizations(context: typer.Context) -> None:
    """List the organizations with their plans."""
    from ostiary.wiring import build

    with in_words():
        found = build(settings_of_a_store(context), is_demo=is_for_the_demo(context)).organizations.every()
    for organization in found:
        print(f"{organization.slug:24} {organization.plan.value:10} {organization.name}")
    if not found:
        print("There is no organization yet: ostiary organizations add acme --owner you@acme.example")


@database.command("upgrade")
def upgrade_database(context: typer.Context) -> None:
    """Bring the schema up to this version. On PostgreSQL this is a step of its own before the new servers start."""
    from ostiary.storage import upgrade

    settings = chosen_settings(context)
    with in_words():
        version = upgrade(settings.store_url)
    print(f"The schema is at version {version}.")


@keys.command("rotate")
def rotate_key(context: typer.Context) -> None:
    """Make a new sealing key and seal every secret anew. It can be stopped and started again at any moment."""
    from ostiary.kernel.randomness import SystemRandom
    from ostiary.storage import rotate

    settings = chosen_settings(context)
    with in_words():
        count = rotate(settings.store_url, key_file=settings.key_file, random=SystemRandom())
    print(f"{count} secrets are sealed with a new key in {settings.key_file}.")


@app.command()
def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="The file to write.")],
) -> None:
    """Write a consistent copy of the database, also while it serves. The sealing key is not in it."""
    from ostiary.storage import backup as write_backup

    settings = chosen_settings(context)
    with in_words():
        write_backup(settings.store_url, target)
    print(f"The backup is in {target}. Keep {settings.key_file} apart from it: one is useless without the other.")


@app.command()
def restore(
    context: typer.Context, source: Annotated[Path, typer.Argument(help="The file that `ostiary backup` wrote.")]
) -> None:
    """Fill an empty database from a backup."""
    from ostiary.storage import restore as read_backup

    settings = chosen_settings(context)
    with in_words():
        read_backup(settings.store_url, source)
    print("The backup is restored.")


@app.command()
def docs(folder: Annotated[Path, typer.Option(help="Where the pages go.")] = Path("docs")) -> None:
    """Write the generated pages of the documentation: problems, guides, routes."""
    from ostiary.cli.docs import write_docs

    write_docs(folder)


def _plan(text: str) -> "Plan":
    from ostiary.domain.organization import Plan

    try:
        return Plan(text.lower())
    except ValueError as error:
        print(f"{text} is no plan; there are: {', '.join(plan.value for plan in Plan)}.", file=sys.stderr)
        raise typer.Exit(USAGE) from error
