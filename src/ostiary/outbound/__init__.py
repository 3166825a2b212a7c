"""NETWORK. Everything that leaves this machine: fetching by the guarded transport, the DNS, mail.

What comes back is bytes and values; what goes wrong is a refusal of `errors.py`. It knows no protocol and no store, and
nothing else in this package opens a connection of its own.
"""

from ostiary.outbound.dns import Resolver
from ostiary.outbound.fetch import GuardedFetch, Limits
from ostiary.outbound.mail import Mailer, Message

__all__ = ["GuardedFetch", "Limits", "Resolver", "Mailer", "Message"]
