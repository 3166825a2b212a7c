"""An identity provider whose admin is an attacker, and browsers that send what no page offers."""

import base64
import re
import zlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
from lxml import html
from starlette.testclient import TestClient

from ostiary.domain.account import Account
from ostiary.domain.connection import Connection
from ostiary.domain.organization import Organization
from ostiary.kernel.ids import AttemptId
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import Saved
from ostiary.web import build_app
from tests.journeys.world import PRODUCT, World
from tests.vectors.message import IDP_ENTITY_ID, SSO_URL, Confirmation, Message, Signing, attribute, signed
from tests.vectors.vector import document, pem

EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


def connect(
    world: World,
    organization: Organization,
    admin: Account,
    *,
    issuer: str = IDP_ENTITY_ID,
    key: str = "idp",
    tile: str = "convert",
) -> Connection:
    """An enabled connection of this organization to an identity provider with this name and key."""
    actor = Actor.of(admin, client_address="")
    view = world.services.connections.draft("okta", organization=organization, actor=actor)
    form = SaveSaml(sso_url=SSO_URL, idp_entity_id=issuer, certificate=pem(key), tile=tile)
    saved = world.services.connections.save(view.connection.id, form, organization=organization, actor=actor)
    assert isinstance(saved, Saved), saved
    assert saved.connection.latest is not None
    with world.store.write() as tx:
        tx.connections.mark_tested(
            view.connection.id,
            organization_id=organization.id,
            number=saved.connection.latest.number,
            at=world.clock.now(),
            by=admin.id,
        )
        tx.connections.set_enabled(view.connection.id, organization_id=organization.id, at=world.clock.now())
        found = tx.connections.by_id(view.connection.id)
    assert found is not None
    return found


def verify_domain(world: World, organization: Organization, admin: Account, domain: str) -> None:
    """A domain that the organization has really proven."""
    actor = Actor.of(admin, client_address="")
    claimed = world.services.domains.add(domain, organization_id=organization.id, actor=actor)
    world.dns.set_txt(claimed.record_name, [claimed.record_value])
    world.services.domains.check(claimed.id, organization_id=organization.id, actor=actor)


@dataclass(frozen=True, kw_only=True)
class Departed:
    """A browser that was sent to the identity provider."""

    request_id: str
    relay_state: str


class Browser:
    """One browser. It carries cookies as a browser does, those of a cross-site POST too."""

    def __init__(self, world: World) -> None:
        self.client = TestClient(build_app(world.services), base_url=PRODUCT, follow_redirects=False)

    def leave(self, connection: Connection) -> Departed:
        """Press "Sign in with SSO" for this connection, with an address of the organization typed before."""
        return departed(self.post("/login/connection", connection=connection.id, email="lee@acme.example"))

    def post(self, path: str, **fields: str) -> httpx2.Response:
        """A form of our own pages."""
        return self.client.post(path, data=fields, headers={"Origin": PRODUCT})

    def decide(self, way: str, **changes: str) -> httpx2.Response:
        """Answer the page that asks whether to go on as somebody, if it asks."""
        page = self.client.get("/login/continue")
        if page.status_code != 200:
            return page
        return self.post("/login/continue", **hidden_fields(page.text) | {"way": way} | changes)

    def bring(self, connection: Connection, form_value: bytes, *, relay_state: str = "") -> httpx2.Response:
        """Hand an answer in, as the page of an identity provider makes a browser do."""
        fields = {"SAMLResponse": form_value.decode()} | ({"RelayState": relay_state} if relay_state else {})
        return self.client.post(
            f"/saml/{connection.id}/acs", data=fields, headers={"Origin": "https://idp.evil.example"}
        )

    @property
    def is_signed_in(self) -> bool:
        """Whether anybody is, after this browser has taken up whatever waits for its yes."""
        self.decide("continue")
        return self.client.get("/").status_code == 200

    @property
    def home(self) -> str:
        return self.client.get("/").text


def hidden_fields(page: str) -> dict[str, str]:
    """Those of a page, by name."""
    found = html.fromstring(page).findall(".//input[@type='hidden']")
    return {str(each.get("name")): str(each.get("value")) for each in found}


def departed(response: httpx2.Response) -> Departed:
    """What the redirect to the identity provider carries."""
    assert response.status_code == 303, response.text[:500]
    query = parse_qs(urlsplit(response.headers["location"]).query)
    request = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15).decode()
    (request_id,) = re.findall(r' ID="([^"]+)"', request)
    return Departed(request_id=request_id, relay_state=query["RelayState"][0])


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def answer(
    world: World,
    connection: Connection,
    *,
    request_id: str | None,
    email: str = "",
    name_id: str = "",
    issuer: str = IDP_ENTITY_ID,
    attributes: str | None = None,
    assertion_id: str = "_a1",
    **changes: object,
) -> Message:
    """A flawless answer for this connection, now, saying what the attacker likes. Texts are XML."""
    now = world.clock.now()
    acs = f"{PRODUCT}/saml/{connection.id}/acs"
    confirmation = Confirmation(
        recipient=acs, in_response_to=request_id, not_on_or_after=moment(now + timedelta(minutes=5))
    )
    said = attribute("email", email) + attribute("firstName", "Mallory") + attribute("lastName", "Malone")
    message = Message(
        destination=acs,
        in_response_to=request_id,
        response_issuer=issuer,
        issuer=issuer,
        assertion_id=assertion_id,
        issue_instant=moment(now),
        name_id=name_id or f'<saml2:NameID Format="{PERSISTENT}">mallory-1</saml2:NameID>',
        confirmations=(confirmation,),
        not_before=moment(now - timedelta(minutes=5)),
        not_on_or_after=moment(now + timedelta(minutes=5)),
        audiences=((connection.entity_id,),),
        authn_statement=f'<saml2:AuthnStatement AuthnInstant="{moment(now)}" SessionIndex="_s1"/>',
        attributes=said if attributes is None else attributes,
    )
    return replace(message, **changes)  # type: ignore[arg-type] # by name


def form(message: Message, *, key: str = "idp") -> bytes:
    """The answer, signed, as the form field."""
    return base64.b64encode(document(signed(message.tree(), "Assertion", "Response", how=Signing(key=key))))


def form_of(request_id: str, *, destination: str) -> bytes:
    """An answer that nobody has signed."""
    return base64.b64encode(document(Message(in_response_to=request_id, destination=destination).tree()))


def code_of(world: World, left: Departed) -> str:
    """Why this attempt was refused; empty if it was not."""
    with world.store.read() as tx:
        attempt = tx.attempts.by_id(AttemptId(left.relay_state))
    assert attempt is not None
    return attempt.code or ""


def text_of(email: str) -> str:
    """The text as XML."""
    return email.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
