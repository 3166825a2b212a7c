"""One message under judgement: what came, what we hold against it, and what has been read of it so far."""

from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from ostiary.kernel.errors import Refusal
from ostiary.saml.assertion import Confirmation, Content
from ostiary.saml.config import IdentityProvider, SamlPolicy, ServiceProvider
from ostiary.saml.xmldsig import SignedElement


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the Response says outside its assertion. It can forbid, and never grants: it may be unsigned."""

    element: etree._Element | None
    """None where the document is of the usual shape: its signatures are verified then."""
    issuer: str | None
    destination: str | None
    in_response_to: str | None
    has_signature: bool
    status: str
    substatus: str
    status_message: str
    assertions: tuple[etree._Element, ...]
    """The children that are an Assertion or an EncryptedAssertion, where there is a tree."""
    assertion_count: int
    hidden_assertions: int
    """How many more stand elsewhere, Advice not counted."""


@dataclass(slots=True, kw_only=True)
class Case:
    """A message with its circumstances. The stages of reading fill in the lower half."""

    form_value: bytes | str
    service_provider: ServiceProvider
    identity_provider: IdentityProvider
    policy: SamlPolicy
    expected_request_id: str | None
    authenticated_since: datetime | None = None
    """When the request asked for the person to sign in anew (ForceAuthn); None where it did not."""
    now: datetime

    document: bytes = field(default=b"", init=False)
    header: Header | None = field(default=None, init=False)
    content_read: Content | None = field(default=None, init=False)
    """What signed octets say, where the document is of the usual shape: it waits for its check."""
    signed_response: SignedElement | None = field(default=None, init=False)
    response_refusal: Refusal | None = field(default=None, init=False)
    """Why the Response's own signature does not count, so that nothing inside is decrypted."""
    signed_assertion: SignedElement | None = field(default=None, init=False)
    opened_assertion: bytes = field(default=b"", init=False)
    """An assertion without a signature of its own that was encrypted inside the signed Response; canonical."""
    content: Content | None = field(default=None, init=False)
    confirmation: Confirmation | None = field(default=None, init=False)


def header_of(case: Case) -> Header:
    """What `read_message` has read."""
    if case.header is None:
        raise RuntimeError("the message has not been read")
    return case.header


def element_of(case: Case) -> etree._Element:
    """The Response in the tree."""
    element = header_of(case).element
    if element is None:
        raise RuntimeError("the message was read without a tree")
    return element


def content_of(case: Case) -> Content:
    """What `read_assertion` has read, after the signatures were verified."""
    if case.content is None:
        raise RuntimeError("the assertion has not been read")
    return case.content


def confirmation_of(case: Case) -> Confirmation:
    """The confirmation that is judged."""
    if case.confirmation is None:
        raise RuntimeError("no confirmation has been chosen")
    return case.confirmation
