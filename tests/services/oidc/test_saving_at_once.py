"""Two admins who save one connection at the same moment, or one whose second click was as quick: both are kept."""

import threading
from dataclasses import replace

from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form.openid import SaveOpenId, form_of
from ostiary.services.connections import NotSaved, Saved
from tests.services.oidc.ground import Ground


def test_two_who_save_at_once_make_two_revisions(ground: Ground) -> None:
    before = ground.connection
    assert before.latest is not None
    form: SaveOpenId = replace(form_of(before.latest.oidc), default_role="admin")
    actor = Actor.of(ground.owner, client_address="203.0.113.24")
    told: list[Saved | NotSaved] = []

    def second() -> None:
        connections = ground.services.connections
        told.append(connections.save(before.id, form, organization=ground.organization, actor=actor))

    other = threading.Thread(target=second)
    with ground.store.write() as tx:
        settings = replace(before.latest.oidc, creates_accounts=not before.latest.oidc.creates_accounts)
        kept = ground.services.connections.revisions.keep(tx, before, settings, actor=actor, now=ground.clock.now())
        other.start()
        other.join(timeout=0.5)
        assert told == []
    other.join()
    assert isinstance(told[0], Saved), told
    assert kept.latest is not None
    after = ground.connection.latest
    assert after is not None
    assert [before.latest.number, kept.latest.number, after.number] == [1, 2, 3]
    assert after.oidc.default_role.value == "admin"
