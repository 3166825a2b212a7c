"""What needs an admin's attention before it stops a sign-in: lines at the head of the Single Sign-On page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ostiary import saml
from ostiary.domain.openid.form_errors import SecretExpiresSoon
from ostiary.domain.upkeep import expiry
from ostiary.services import Services
from ostiary.services.connections import ConnectionView
from ostiary.services.upkeep.metadata_review import SourceView
from ostiary.web.admin.places import connection_path
from ostiary.web.context import Incoming

_WORTH_TELLING = 3
"""Checks in a row that came to nothing. One or two are nothing that an admin could do something about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One line: what, what it means, and where to go."""

    title: str
    text: str
    href: str
    action: str


def notices(views: Sequence[ConnectionView], incoming: Incoming, services: Services) -> tuple[Notice, ...]:
    """Certificates and secrets that end, keys that wait for an owner, proposals, and sources that give no answer."""
    on = [view for view in views if view.connection.is_enabled]
    if not on:
        return ()
    seen = services.metadata_review.views(
        [view.connection for view in on], organization_id=incoming.signed_in.organization.id
    )
    return tuple(
        notice
        for view, source in zip(on, seen, strict=True)
        for notice in (
            *_of_certificate(view, source, incoming.now),
            *_of_secret(view, incoming.now),
            *_of_source(view, source),
        )
    )


def _of_certificate(view: ConnectionView, seen: SourceView, now: datetime) -> Iterator[Notice]:
    serving = view.connection.saml_serving
    if serving is None:
        return
    pinned = [saml.certificate_from_stored(text) for text in serving.certificates]
    last = max(pinned, key=lambda certificate: certificate.not_after)
    if expiry.step_of(last.not_after, now) is None:
        return
    name = view.name
    then = f"{name} has not published another one yet." if seen.source else "Save the next one before it is used."
    yield Notice(
        title=f"{name}: the certificate {expiry.in_words(last.not_after, now)}",
        text=f"{last.not_after.day} {last.not_after:%B %Y}. {then}",
        href=connection_path(view.connection.id) + ("#metadata" if seen.source else "#certificate"),
        action="Look at it" if seen.source else "Replace it",
    )


def _of_secret(view: ConnectionView, now: datetime) -> Iterator[Notice]:
    for finding in view.findings:
        if isinstance(finding, SecretExpiresSoon):
            ends = finding.not_after
            yield Notice(
                title=f"{view.name}: the client secret {expiry.in_words(ends, now)}",
                text=f"{ends.day} {ends:%B %Y}. Nobody can sign in without one. Save the next one before.",
                href=connection_path(view.connection.id) + "#secrets",
                action="Replace it",
            )


def _of_source(view: ConnectionView, seen: SourceView) -> Iterator[Notice]:
    name, href = view.name, connection_path(view.connection.id) + "#metadata"
    if seen.differences:
        yield Notice(
            title=f"{name} publishes other values than those that are saved",
            text="Nothing of it is taken over by itself.",
            href=href,
            action="Compare them",
        )
    if seen.unconfirmed:
        yield Notice(
            title=f"{name} has a new key that waits for an owner",
            text="Everybody else signs in with it already.",
            href=href,
            action="Read more",
        )
    if seen.source is not None and seen.source.failures >= _WORTH_TELLING:
        yield Notice(
            title=f"{name}: the metadata has not been read",
            text=f"{seen.source.failures} checks in a row came to nothing. The saved keys go on.",
            href=href,
            action="Read more",
        )
