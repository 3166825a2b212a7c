"""Who the services speak with: the browser of a request, and the person at it."""

from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.client import Client
from ostiary.web.context import Incoming
from ostiary.web.cookies import Cookies


def client_of(incoming: Incoming, services: Services) -> Client:
    """The browser of this request, with its login secret if it came along."""
    login_key = Cookies.of(services.settings).read_login(incoming.cookies)
    return Client(address=incoming.client_address, user_agent=incoming.user_agent, login_key=login_key or None)


def actor_of(incoming: Incoming) -> Actor:
    """The signed-in person of this request, for the audit log."""
    return Actor.of(incoming.signed_in.account, client_address=incoming.client_address)
