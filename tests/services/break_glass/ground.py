"""Steps that tests of break-glass access take below the pages."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ostiary.domain.account import Account, Role
from ostiary.domain.mail import OutboxMail
from ostiary.kernel import ids
from ostiary.kernel.ids import SessionId
from ostiary.services.audit_trail import Actor
from ostiary.services.break_glass import BreakGlass
from ostiary.services.client import Client
from ostiary.services.sessions import NewSession
from tests.journeys.world import PASSWORD, PRODUCT, World
from tests.services.break_glass.authenticator import Authenticator

PRIYA = "priya.raman@acme.example"
SESSION = SessionId("s1")


@dataclass
class Emergency:
    """Acme with a second owner, Priya, and the service at hand."""

    world: World
    priya: Account

    @property
    def service(self) -> BreakGlass:
        """The service."""
        return self.world.services.break_glass

    @property
    def scope(self) -> dict[str, Any]:
        """Whose rows are meant."""
        return {"organization_id": self.world.acme.id}

    def browser(self, address: str = "198.51.100.7") -> Client:
        """A browser with a login cookie of its own."""
        return Client(address=address, user_agent="Browser/1", login_key=ids.secret(self.world.random))

    def name(self, account: Account | None = None) -> None:
        """Dana names Priya, or this one."""
        dana = self.world.dana
        actor = Actor.of(dana, client_address="")
        self.service.roster.name((account or self.priya).id, by=dana, actor=actor)

    def codes(self, account: Account | None = None) -> tuple[str, ...]:
        """Their ten codes; named first where they are not."""
        account = account or self.priya
        self.name(account)
        actor = Actor.of(account, client_address="")
        return self.service.codes.make(account, PASSWORD, actor=actor, client=self.browser())

    def passkey(self, account: Account | None = None, **given: Any) -> Authenticator:
        """A device that holds a passkey of theirs."""
        account = account or self.priya
        self.name(account)
        device = Authenticator(origin=PRODUCT, **given)
        asked = self.service.keyring.begin(account, PASSWORD, session_id=SESSION, client=self.browser())
        self.service.keyring.add(
            account,
            device.make(asked.options),
            sealed=asked.sealed,
            name="The key in the safe",
            session_id=SESSION,
            actor=Actor.of(account, client_address=""),
        )
        return device

    def use_code(self, code: str, *, email: str = PRIYA, password: str = PASSWORD, **given: Any) -> NewSession:
        """Through the door with a code."""
        client = given.pop("client", None) or self.browser()
        return self.service.door.by_code(email, password, code, client=client, replaces=None)

    def use_passkey(self, device: Authenticator, **given: Any) -> NewSession:
        """Through the door with a passkey."""
        client = self.browser()
        asked = self.service.door.ask(client).ceremony
        answer = device.sign(asked.options, **given)
        return self.service.door.by_passkey(answer, sealed=asked.sealed, client=client, replaces=None)

    def proven(self) -> set[str]:
        """Who is proven."""
        with self.world.store.read() as tx:
            return set(tx.break_glass.proven_accounts(self.world.acme.id))

    def audited(self) -> list[str]:
        """The actions of break-glass access in the audit log, in their order."""
        with self.world.store.read() as tx:
            events = tx.audit.page(limit=100, **self.scope)
        return [event.action for event in reversed(events) if event.action.startswith("break_glass.")]

    def mails(self) -> list[OutboxMail]:
        """What has come into the outbox since this was asked last."""
        with self.world.store.write() as tx:
            waiting = tx.outbox.claim(limit=1000, lease=timedelta(minutes=1), now=self.world.clock.at)
            for due in waiting:
                tx.outbox.sent(due.mail.id)
        return [due.mail for due in waiting]


def an_emergency(world: World) -> Emergency:
    """Acme with a second owner."""
    return Emergency(world=world, priya=world.add_account(PRIYA, role=Role.OWNER))
