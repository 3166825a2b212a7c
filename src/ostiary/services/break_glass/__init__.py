"""Break-glass access: who has it, by what, and the door itself."""

from dataclasses import dataclass
from typing import Self

from ostiary.services.break_glass.alarm import Alarm
from ostiary.services.break_glass.codes import CodeBook
from ostiary.services.break_glass.door import Door
from ostiary.services.break_glass.keyring import Keyring
from ostiary.services.break_glass.roster import Roster
from ostiary.services.break_glass.webauthn import RelyingParty
from ostiary.services.passwords import Passwords

__all__ = ["BreakGlass"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass:
    """Everything about break-glass access."""

    roster: Roster
    codes: CodeBook
    keyring: Keyring
    door: Door

    @classmethod
    def of(cls, passwords: Passwords) -> Self:
        """On the store, the clock and the passwords of these."""
        store, clock, random, audit = passwords.store, passwords.clock, passwords.random, passwords.audit
        alarm = Alarm(random=random, public_url=passwords.public_url, product_name=passwords.product_name)
        relying_party = RelyingParty.of(
            passwords.public_url, name=passwords.product_name, vault=store.vault, random=random
        )
        return cls(
            roster=Roster(store=store, clock=clock, random=random, audit=audit, alarm=alarm),
            codes=CodeBook(store=store, clock=clock, random=random, audit=audit, alarm=alarm, passwords=passwords),
            keyring=Keyring(
                store=store,
                clock=clock,
                random=random,
                audit=audit,
                alarm=alarm,
                passwords=passwords,
                relying_party=relying_party,
            ),
            door=Door(
                store=store,
                clock=clock,
                random=random,
                audit=audit,
                alarm=alarm,
                passwords=passwords,
                relying_party=relying_party,
            ),
        )
