"""The demo's own pages: where to begin, what mail has arrived, what the DNS answers.

They are served by the product's own rim, so that forms, limits, headers and looks are the product's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from jinja2 import ChoiceLoader, PackageLoader

from ostiary.config import Settings
from ostiary.demo import people
from ostiary.demo.dns_server import DnsServer
from ostiary.demo.mail_sink import MailSink
from ostiary.demo.places import Places
from ostiary.demo.seed import GLOBEX_APP
from ostiary.domain.errors import PageUnknown
from ostiary.services import Services
from ostiary.web import Rim, build_app
from ostiary.web.assets import Assets
from ostiary.web.context import Incoming, Theme
from ostiary.web.cookies import Cookies
from ostiary.web.pages import Pages
from ostiary.web.responses import Answer, Page, SeeOther
from ostiary.web.routing import KIB, Row, get, post
from ostiary.web.security import own_path
from ostiary.web.sending import Sender

FieldErrors: TypeAlias = Mapping[str, tuple[str, ...]]

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_LONGEST_NAME = 253
_LONGEST_VALUE = 255
"""A TXT record holds more in several strings; nothing that is set here needs it."""
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:)]")
_DONE = {
    "added": ("passed", "The record is set.", "It answers at once: press Check again at the domain."),
    "removed": ("passed", "The record is gone.", ""),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line of a mail; a link if there is a URL."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPages:
    """The handlers. None of them asks the product's services for anything."""

    places: Places
    settings: Settings
    """The product's, under the address and the name of these pages."""
    ringline: str
    """What the product is called."""
    mailbox: MailSink
    dns: DnsServer

    def rows(self) -> tuple[Row, ...]:
        """Every address of these pages."""
        return (
            get("/", self.start, says="Where to begin: walks, people, passwords, addresses."),
            get("/mail", self.mail_list, says="Every mail that has arrived."),
            get("/mail/{mail_id}", self.mail, says="One mail."),
            get("/dns", self.records, says="The TXT records, and what was asked lately."),
            post("/dns", self.add_record, says="Set a TXT record.", body_limit=4 * KIB),
            post("/dns/remove", self.remove_record, says="Remove a TXT record.", body_limit=4 * KIB),
            post("/theme", self.choose_theme, says="Light, dark, or as the machine has it.", body_limit=4 * KIB),
        )

    def start(self, _incoming: Incoming, _services: Services) -> Answer:
        """The walks, and everything that is needed on them."""
        places = self.places
        values = {
            "companies": people.COMPANIES,
            "directories": people.DIRECTORIES,
            "acme": people.ACME,
            "member": people.GLOBEX.members[1],
            "newcomer": next(person for person in people.GLOBEX.people if person.role is None),
            "globex_app": GLOBEX_APP,
            "sign_in_label": self.settings.sign_in_label,
            "passwords": {
                "product": people.PRODUCT_PASSWORD,
                "onelogin": people.ONELOGIN_PASSWORD,
                "okta": people.OKTA_PASSWORD,
                "google": people.GOOGLE_PASSWORD,
                "entra": people.ENTRA_PASSWORD,
                "keycloak": people.KEYCLOAK_PASSWORD,
            },
            "addresses": (
                (self.ringline, places.product_url, "the product"),
                ("OneLogin", f"{places.onelogin_url}/admin", "console; its administrator is filled in"),
                ("OneLogin", f"{places.onelogin_url}/", "portal of its people"),
                ("Okta", f"{places.okta_url}/admin", "console; its administrator is filled in"),
                ("Okta", f"{places.okta_url}/", "portal of its people"),
                ("Google", f"{places.google_url}/admin", "the operator's console; Google has no portal with tiles"),
                ("Entra ID", f"{places.entra_url}/admin", "console; its administrator is filled in"),
                ("Entra ID", f"{places.entra_url}/", "portal of its people"),
                ("Keycloak", f"{places.keycloak_url}/admin", "console; its administrator is filled in"),
                ("Keycloak", f"{places.keycloak_url}/", "portal of its people"),
            ),
        }
        return self._page("demo/start.html", values)

    def mail_list(self, _incoming: Incoming, _services: Services) -> Answer:
        """The newest first."""
        return self._page("demo/mailbox.html", {"mails": self.mailbox.mails()})

    def mail(self, incoming: Incoming, _services: Services) -> Answer:
        """One mail, its addresses as links. Raises: `PageUnknown`."""
        wanted = incoming.path_parameters["mail_id"]
        found = next((mail for mail in self.mailbox.mails() if mail.id == wanted), None)
        if found is None:
            raise PageUnknown
        return self._page("demo/mail.html", {"mail": found, "paragraphs": paragraphs(found.text)})

    def records(self, incoming: Incoming, _services: Services) -> Answer:
        """What the DNS server answers, and a form to add to it."""
        return self._dns(done=incoming.query.optional("done"))

    def add_record(self, incoming: Incoming, _services: Services) -> Answer:
        """Set a record, and show all of them."""
        typed = {name: incoming.form.one(name).strip() for name in ("name", "value")}
        name = typed["name"].lower().rstrip(".")
        errors = {"name": _name_error(name), "value": _value_error(typed["value"])}
        if any(errors.values()):
            return self._dns(typed=typed, errors=errors)
        self.dns.add(name, value=typed["value"].strip('"'))
        return SeeOther(location="/dns?done=added")

    def remove_record(self, incoming: Incoming, _services: Services) -> Answer:
        """Remove a record, and show what is left."""
        self.dns.remove(incoming.form.one("name"), value=incoming.form.one("value"))
        return SeeOther(location="/dns?done=removed")

    def choose_theme(self, incoming: Incoming, _services: Services) -> Answer:
        """Remembers the colours that this reader wants, and goes back to the page."""
        wanted = incoming.form.one("theme")
        theme = Theme(wanted) if wanted in set(Theme) else Theme.AUTO
        location = own_path(incoming.form.optional("return_to"), default="/")
        return SeeOther(location=location, cookies=(Cookies.of(self.settings).theme_chosen(theme),))

    def _dns(
        self, *, done: str = "", typed: Mapping[str, str] | None = None, errors: FieldErrors | None = None
    ) -> Page:
        values: dict[str, object] = {
            "records": self.dns.records(),
            "questions": self.dns.questions(),
            "message": _DONE.get(done),
            "typed": typed or {"name": "", "value": ""},
            "errors": errors or {"name": (), "value": ()},
            "is_error": errors is not None,
        }
        if errors is not None:
            values["here"] = "/dns"  # the page to come back to from the switch of colours
        return self._page("demo/dns.html", values, status=400 if errors else 200)

    def _page(self, template: str, values: Mapping[str, object], *, status: int = 200) -> Page:
        frame = {
            "places": self.places,
            "providers": self.places.providers,
            "ringline": self.ringline,
            "mail_count": len(self.mailbox.mails()),
        }
        return Page(template=template, values={**frame, **values}, status=status)


def demo_pages(places: Places, *, services: Services, mailbox: MailSink, dns: DnsServer) -> Rim:
    """The application of the demo's own pages."""
    ringline = services.settings.product_name
    settings = services.settings.model_copy(
        update={"public_url": places.pages_url, "product_name": f"{ringline} demo"[:60]}
    )
    handlers = DemoPages(places=places, settings=settings, ringline=ringline, mailbox=mailbox, dns=dns)
    rim = build_app(replace(services, settings=settings), rows=handlers.rows())
    pages = Pages.of(settings, assets=Assets.read(accent_colour=settings.accent_colour))
    own_first = ChoiceLoader([PackageLoader("ostiary.demo"), PackageLoader("ostiary.web")])
    pages = replace(pages, environment=pages.environment.overlay(loader=own_first))
    return replace(rim, sender=Sender(settings=settings, pages=pages))


def paragraphs(text: str) -> tuple[tuple[tuple[Piece, ...], ...], ...]:
    """The text of a mail as paragraphs of lines of pieces."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return tuple(tuple(_pieces(line) for line in block.split("\n")) for block in blocks)


def _pieces(line: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    end = 0
    for found in _WEB_ADDRESS.finditer(line):
        pieces += [Piece(line[end : found.start()]), Piece(found.group(), url=found.group())]
        end = found.end()
    return (*pieces, Piece(line[end:]))


def _name_error(name: str) -> tuple[str, ...]:
    if not name:
        return ("The name is missing.", "It stands beside the domain in the product's settings.")
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        return ("The name is no domain name.", "It reads like _ostiary-challenge.acme.example.")
    return ()


def _value_error(value: str) -> tuple[str, ...]:
    if not value:
        return ("The value is missing.", "It stands beside the domain in the product's settings.")
    if len(value.encode()) > _LONGEST_VALUE or not value.isprintable():
        return ("The value does not fit into one record.", f"It may have {_LONGEST_VALUE} bytes, on one line.")
    return ()
