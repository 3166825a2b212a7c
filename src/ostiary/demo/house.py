"""Everything of the demo, put together and started in its order."""

import sys
from contextlib import ExitStack

from ostiary.cli.serving import application
from ostiary.config import Settings
from ostiary.demo.announcement import announcement
from ostiary.demo.directories import populate, register_at_google
from ostiary.demo.dns_server import DnsServer
from ostiary.demo.listening import Listening
from ostiary.demo.mail_sink import MailSink
from ostiary.demo.pages import demo_pages
from ostiary.demo.places import Places
from ostiary.demo.seed import Ground, plant
from ostiary.demo.servers import Part, serve
from ostiary.domain.connection import google_redirect_uri
from ostiary.simulator import Simulator
from ostiary.storage import open_store, open_vault
from ostiary.wiring import Outside, assemble, outside


def open_house(places: Places, *, settings: Settings, stack: ExitStack) -> int:
    """Run everything until it is stopped; the stack closes what is left open. Returns: the exit status.

    Raises: `PortTaken`, and what `storage` refuses at its opening.
    """
    listening = Listening.on(places)
    stack.callback(listening.close)
    places.keep_port()
    world = outside(settings)
    store = open_store(settings.store_url, vault=open_vault(settings.key_file, random=world.random), is_demo=True)
    services = assemble(store, settings=settings, world=world)
    dns = DnsServer(port=places.dns_port, path=places.folder / "dns.json", clock=world.clock)
    mailbox = MailSink(port=places.mail_port, path=places.folder / "mail", clock=world.clock)
    for beside in (dns, mailbox):
        beside.start()
        stack.callback(beside.stop)
    onelogin = _simulator("onelogin", places.onelogin_url, places, world)
    okta = _simulator("okta", places.okta_url, places, world)
    openid = _providers_of_openid(places, listening, world)
    if not places.seeded_mark.exists():
        sys.stdout.write("The first start: people, companies and keys are made.\n")
        plant(Ground(services=services, store=store, random=world.random, onelogin=onelogin, okta=okta, dns=dns))
        places.seeded_mark.touch()
    pages = demo_pages(places, services=services, mailbox=mailbox, dns=dns)
    parts = (
        Part(app=application(services), sockets=listening.product, has_lifespan=True),
        Part(app=onelogin.app, sockets=listening.onelogin),
        Part(app=okta.app, sockets=listening.okta),
        Part(app=pages, sockets=listening.pages),
        *openid,
    )
    return serve(parts, when_ready=lambda: _say(announcement(places, product=settings.product_name)))


def _providers_of_openid(places: Places, listening: Listening, world: Outside) -> tuple[Part, ...]:
    google = _simulator("google", places.google_url, places, world)
    entra = _simulator("entra", places.entra_url, places, world)
    keycloak = _simulator("keycloak", places.keycloak_url, places, world)
    populate(google=google, entra=entra, keycloak=keycloak)
    register_at_google(google, redirect_uri=google_redirect_uri(places.product_url), now=world.clock.now())
    return (
        Part(app=google.app, sockets=listening.google),
        Part(app=entra.app, sockets=listening.entra),
        Part(app=keycloak.app, sockets=listening.keycloak),
    )


def _simulator(profile: str, base_url: str, places: Places, world: Outside) -> Simulator:
    path = places.folder / f"{profile}.json"
    return Simulator(profile=profile, base_url=base_url, state_path=path, clock=world.clock, random=world.random)


def _say(text: str) -> None:
    # Flushed: a person reads it now, also when it goes through a pipe.
    sys.stdout.write(text)
    sys.stdout.flush()
