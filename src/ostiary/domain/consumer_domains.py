"""Domains where anyone can get a mailbox: no organization can own them (decision 30).

The list is made by others; its source, version and licence stand in the head of `consumer_domains.txt`.
"""

from functools import cache
from importlib.resources import files

from ostiary.kernel.values import DomainName


def is_consumer_domain(domain: DomainName) -> bool:
    """Whether anyone can get a mailbox at exactly this domain. Says nothing about domains above or below it."""
    return str(domain) in _listed()


@cache
def _listed() -> frozenset[str]:
    """The domains of the list. Part of the program, like code: read once, when the first one is asked for."""
    lines = files(__package__).joinpath("consumer_domains.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
