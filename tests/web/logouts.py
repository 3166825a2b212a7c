"""A connection with single logout, sessions that began by it, and logout messages that its provider signs now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from lxml import etree, html

from ostiary import saml
from ostiary.domain.account import Account, Role
from ostiary.domain.connection import Binding, Connection, Revision, SamlSettings, urls
from ostiary.domain.organization import Plan
from ostiary.kernel import ids
from ostiary.kernel.values import EmailAddress
from ostiary.saml.bindings import inflated
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.client import Client
from ostiary.services.sessions import NewSession, Proof
from ostiary.web.app import Rim
from tests.vectors.logout import joined, parameters, posted, request, response
from tests.vectors.message import IDP_ENTITY_ID, Signing
from tests.vectors.vector import pem
from tests.web.rim import PUBLIC_URL, Reply, ask

SLO = "https://idp.example/slo"
EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
CLIENT = Client(address="203.0.113.24", user_agent="a browser")
CROSS_SITE = (("origin", "https://idp.example"), ("sec-fetch-site", "cross-site"))


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The server, and one connection of it."""

    services: Services
    app: Rim
    connection: Connection
    account: Account

    @property
    def slo_url(self) -> str:
        return urls(PUBLIC_URL, self.connection.id).slo_url

    @property
    def path(self) -> str:
        return f"/saml/{self.connection.id}/slo"

    def begin(self, email: str = "", *, index: str | None = "_s1", **name: Any) -> NewSession:
        """A session of the account, begun by the connection under this name."""
        value = email or str(self.account.email)
        name_id = saml.NameId(value=value, format=EMAIL_FORMAT, **name)
        proof = Proof(
            connection=self.connection,
            issuer=IDP_ENTITY_ID,
            subject=value,
            session_index=index,
            auth_time=self.services.clock.now(),
            acr=None,
            amr=(),
            not_on_or_after=None,
            name_id=name_id,
        )
        with self.services.sessions.store.write() as tx:
            now = self.services.clock.now()
            return self.services.sessions.begin(tx, self.account, proof=proof, client=CLIENT, replaces=None, now=now)

    def is_live(self, session: NewSession) -> bool:
        return self.services.sessions.visitor(session.token) is not None

    def cookie(self, session: NewSession) -> tuple[str, str]:
        return ("cookie", f"{self.app.cookies.session}={session.token}")

    def asks(self, *indexes: str, email: str = "", **given: Any) -> etree._Element:
        """A LogoutRequest of the provider for the account, written now."""
        named = f'<saml2:NameID Format="{EMAIL_FORMAT}">{email or self.account.email}</saml2:NameID>'
        inside = named + "".join(f"<saml2p:SessionIndex>{index}</saml2p:SessionIndex>" for index in indexes)
        usual = {"ID": f"id{ids.secret(self.services.single_logout.random)[:20]}", "IssueInstant": _now()}
        return request(inside=inside, **{**usual, "NotOnOrAfter": None, "Destination": self.slo_url, **given})

    def answers(self, request_id: str, **given: Any) -> etree._Element:
        """A LogoutResponse of the provider, written now."""
        usual = {"IssueInstant": _now(), "Destination": self.slo_url, "InResponseTo": request_id}
        return response(**{**usual, **given})

    def by_redirect(self, root: etree._Element, *, name: str = "SAMLRequest", **given: Any) -> Reply:
        query = joined(parameters(root, name=name, **given))
        return ask(self.app, "GET", self.path, query=query, headers=[("sec-fetch-site", "cross-site")])

    def by_post(
        self, root: etree._Element, *, name: str = "SAMLRequest", relay_state: str = "", key: str = "idp"
    ) -> Reply:
        return self.send({name: posted(root, how=Signing(key=key)).decode(), "RelayState": relay_state})

    def send(self, fields: Mapping[str, str]) -> Reply:
        """A form that another site posts, and no cookie with it."""
        headers = [("content-type", "application/x-www-form-urlencoded"), *CROSS_SITE]
        return ask(self.app, "POST", self.path, headers=headers, body=urlencode(fields, quote_via=quote).encode())

    def refusals(self) -> list[str]:
        """The codes of what was refused, the newest first, as the admin finds them."""
        page = self.services.attempts.page(
            organization_id=self.account.organization_id,
            search="",
            outcome=None,
            connection_id=self.connection.id,
            days=1,
            cursor=None,
        )
        return [attempt.code or "" for attempt in page.attempts]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def a_setting(services: Services, app: Rim, *, slug: str = "acme", **settings: Any) -> Setting:
    """An organization with this connection, which is on."""
    made = services.organizations.add(slug, name=slug.title(), owner_email=f"dana@{slug}.example", plan=Plan.BUSINESS)
    actor = Actor.of(made.owner, client_address="203.0.113.24")
    drafted = services.connections.draft("okta", organization=made.organization, actor=actor).connection
    now = services.clock.now()
    usual: dict[str, Any] = {
        "sso_url": "https://idp.example/sso",
        "idp_entity_id": IDP_ENTITY_ID,
        "certificates": (saml.read_certificates(pem("idp"))[0].base64,),
        "slo_url": SLO,
        "slo_binding": Binding.REDIRECT,
    }
    revision = Revision(
        connection_id=drafted.id,
        organization_id=made.organization.id,
        number=1,
        settings=SamlSettings(**{**usual, **settings}),
        saved_at=now,
        saved_by=made.owner.id,
        tested_at=now,
        tested_by=made.owner.id,
    )
    account = Account(
        id=ids.account_id(services.single_logout.random),
        organization_id=made.organization.id,
        email=EmailAddress.parse(f"marcus@{slug}.example"),
        first_name="Marcus",
        last_name="Oyelaran",
        role=Role.MEMBER,
        password_hash=None,
        is_active=True,
        created_at=now,
    )
    with services.sessions.store.write() as tx:
        tx.accounts.insert(account)
        tx.connections.save_revision(revision, organization_id=made.organization.id)
        tx.connections.set_enabled(drafted.id, organization_id=made.organization.id, at=now)
        connection = tx.connections.by_id(drafted.id)
    assert connection is not None
    return Setting(services=services, app=app, connection=connection, account=account)


def sent(reply: Reply) -> etree._Element:
    """The message in the URL that this answer leads to."""
    fields = query_of(reply)
    return etree.fromstring(inflated((fields.get("SAMLResponse") or fields["SAMLRequest"]).encode()))


def query_of(reply: Reply) -> dict[str, str]:
    """The parameters of the URL that this answer leads to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(leads_to(reply)).query).items()}


def leads_to(reply: Reply) -> str:
    """The URL that this answer leads to: by a redirect, or by the one link of a page that is left at once."""
    if reply.status == 303:
        return reply.header("location")
    links: Any = html.fromstring(reply.text).xpath("//a[@data-leaving]/@href")
    [link] = links
    return str(link)


def status_of(reply: Reply) -> str:
    """What our LogoutResponse says."""
    found = sent(reply).find(".//{urn:oasis:names:tc:SAML:2.0:protocol}StatusCode")
    return "" if found is None else found.get("Value", "").rpartition(":")[2]
