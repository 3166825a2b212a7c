"""Client secrets: two at a time, of one issuer, told before they end, and never sent to anybody else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ostiary.domain.openid.settings import Authentication, ClientSecret
from ostiary.kernel.ids import KeyId
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form.openid import SaveOpenId, form_of
from ostiary.services.connections import NotSaved, Saved
from ostiary.services.oidc.saved_secrets import SavedSecrets
from tests.services.oidc.ground import Ground, a_ground

JANE = {"email": "jane@acme.example", "email_verified": True}


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Acme with an OpenID Connect connection that is on, and one secret of its issuer."""
    with a_ground(tmp_path) as made:
        made.provider.claims = JANE
        with made.store.write() as tx:
            tx.client_secrets.adopt(made.connection_id, issuer=made.provider.issuer, **made.scope)
        made.clock.at += timedelta(minutes=1)
        yield made


def save(ground: Ground, **changes: Any) -> Saved | NotSaved:
    """Save Configuration, with these fields beside what is saved."""
    latest = ground.connection.latest
    assert latest is not None
    form: SaveOpenId = replace(form_of(latest.oidc), **changes)
    actor = Actor.of(ground.owner, client_address="203.0.113.24")
    return ground.services.connections.save(ground.connection_id, form, organization=ground.organization, actor=actor)


def saved(ground: Ground, **changes: Any) -> Saved:
    done = save(ground, **changes)
    assert isinstance(done, Saved), done
    return done


def secrets(ground: Ground) -> tuple[ClientSecret, ...]:
    with ground.store.read() as tx:
        return tx.client_secrets.of(ground.connection_id, **ground.scope)


def values(ground: Ground, issuer: str) -> list[str]:
    with ground.store.read() as tx:
        return [each.value for each in tx.client_secrets.opened(ground.connection_id, issuer=issuer, **ground.scope)]


def audited(ground: Ground, action: str) -> list[dict[str, object]]:
    with ground.store.read() as tx:
        return [dict(event.facts) for event in tx.audit.page(**ground.scope) if event.action == action]


def pass_days(ground: Ground, days: int) -> list[str]:
    """Let days pass, with the background work of each morning and evening. Returns the mails that were written."""
    mails: list[str] = []
    for _ in range(2 * days):
        ground.clock.at += timedelta(hours=12)
        ground.services.housekeeping.plant()
        ground.services.housekeeping.run_due()
        mails += ground.mails()
    return mails


# --- saving -------------------------------------------------------------------------


def test_a_new_secret_alone_needs_no_test_and_serves_at_once(ground: Ground) -> None:
    before = ground.connection
    ground.clock.at += timedelta(minutes=1)
    done = saved(ground, client_secret="n3w")
    assert not done.is_new_revision
    assert ground.connection == before
    assert values(ground, ground.provider.issuer) == ["n3w", "s3cret"]
    ground.provider.secrets = ["n3w"]
    ground.sign_in()
    # The newer one was taken by the provider, the older one not even tried.
    assert [each.used_at is not None for each in secrets(ground)] == [True, False]


def test_other_settings_with_a_secret_are_a_revision_that_waits_for_its_test(ground: Ground) -> None:
    before = ground.connection.latest
    assert before is not None
    done = saved(ground, client_secret="n3w", scopes="openid email")
    assert done.is_new_revision
    assert ground.connection.latest is not None
    assert ground.connection.latest.number == before.number + 1
    assert ground.connection.serving != ground.connection.latest


def test_until_it_is_known_there_the_older_secret_signs_in(ground: Ground) -> None:
    ground.clock.at += timedelta(minutes=1)
    saved(ground, client_secret="n3w")
    ground.sign_in()
    assert [each.used_at is not None for each in secrets(ground)] == [False, True]


def test_the_use_of_a_secret_is_noted_once_a_day(ground: Ground) -> None:
    ground.sign_in()
    (first,) = secrets(ground)
    ground.clock.at += timedelta(hours=2)
    ground.sign_in()
    assert secrets(ground) == (first,)
    ground.clock.at += timedelta(days=1)
    ground.sign_in()
    assert secrets(ground)[0].used_at == ground.clock.at


def test_a_third_secret_takes_the_place_of_the_oldest(ground: Ground) -> None:
    for number in (2, 3):
        ground.clock.at += timedelta(minutes=1)
        saved(ground, client_secret=f"secret-{number}")
    assert values(ground, ground.provider.issuer) == ["secret-3", "secret-2"]


def test_what_is_audited_of_a_secret_is_not_the_secret(ground: Ground) -> None:
    saved(ground, client_secret="n3w", secret_expires="2027-03-03")
    newest = audited(ground, "client_secret.saved")[0]
    assert newest["expires_at"] == "2027-03-03T23:59:59+00:00"
    assert "n3w" not in str(newest)


# --- whose it is --------------------------------------------------------------------


def test_a_changed_discovery_url_does_not_carry_a_secret_away(ground: Ground, tmp_path: Path) -> None:
    """Whoever can change settings could else have the saved secret sent to a server of their own, and read it there."""
    with a_ground(tmp_path / "other") as other:
        away = other.provider
        ground.services.connections.openid_form.fetch.providers.append(away)  # type: ignore[attr-defined]  # the way out there
        refused = save(ground, discovery_url=away.issuer)
        assert isinstance(refused, NotSaved)
        assert [problem.refusal.code for problem in refused.problems] == ["setup.secret_needed_anew"]
        saved(ground, discovery_url=away.issuer, client_secret="theirs")
        assert values(ground, away.issuer) == ["theirs"]
        # The tested settings go on serving, with the secret that belongs to them.
        assert values(ground, ground.provider.issuer) == ["s3cret"]
        assert {each.issuer for each in secrets(ground)} == {away.issuer, ground.provider.issuer}


def test_nor_one_that_an_older_version_has_kept(ground: Ground) -> None:
    with ground.store.write() as tx:
        for each in tx.client_secrets.of(ground.connection_id, **ground.scope):
            tx.client_secrets.delete(ground.connection_id, secret_id=each.id, **ground.scope)
        old = ClientSecret(
            id=KeyId("kold"),
            organization_id=ground.organization.id,
            connection_id=ground.connection_id,
            created_at=ground.clock.at,
            created_by="Dana",
            expires_at=None,
        )
        tx.client_secrets.add(old, value="s3cret")
    saved(ground, scopes="openid email")
    assert secrets(ground)[0].issuer == ground.provider.issuer
    assert values(ground, "https://elsewhere.example") == []
    ground.sign_in()


def test_secrets_of_an_issuer_that_nothing_names_any_more_are_forgotten(ground: Ground) -> None:
    with ground.store.write() as tx:
        stray = replace(secrets(ground)[0], id=KeyId("kzz"), issuer="https://gone.example")
        tx.client_secrets.add(stray, value="old")
    saved(ground, client_secret="n3w")
    assert {each.issuer for each in secrets(ground)} == {ground.provider.issuer}


def test_with_a_signed_proof_no_secret_is_needed(ground: Ground) -> None:
    done = saved(ground, authentication=Authentication.PRIVATE_KEY_JWT.value)
    assert done.is_new_revision


# --- deleting -----------------------------------------------------------------------


def test_a_deleted_secret_is_gone_and_audited_once(ground: Ground) -> None:
    (only,) = secrets(ground)
    service = SavedSecrets(store=ground.store, clock=ground.clock, audit=ground.services.connections.audit)
    actor = Actor.of(ground.owner, client_address="203.0.113.24")
    assert [service.delete(ground.connection, only, actor=actor) for _ in range(2)] == [True, False]
    assert secrets(ground) == ()
    assert [facts["secret"] for facts in audited(ground, "client_secret.deleted")] == [only.id]


# --- before it ends -----------------------------------------------------------------


def test_each_step_before_the_end_is_told_once_by_mail_and_in_the_audit_log(ground: Ground) -> None:
    (first,) = secrets(ground)
    saved(ground, client_secret="n3w", secret_expires="2026-04-12")
    with ground.store.write() as tx:
        tx.client_secrets.delete(ground.connection_id, secret_id=first.id, **ground.scope)
    told = [text.split("\n", 1)[0] for text in pass_days(ground, 45) if "client secret" in text]
    assert [facts["days"] for facts in audited(ground, "client_secret.expires_soon")] == ["1", "7", "14", "30"]
    assert len(told) == 5
    assert told[0] == "Ringline's client secret at Okta ends on 12 April 2026."
    assert told[-1] == "Ringline's client secret at Okta ended on 12 April 2026."
    assert [facts["days"] for facts in audited(ground, "client_secret.expires_soon")] == ["1", "7", "14", "30"]
    assert [facts["days"] for facts in audited(ground, "client_secret.expired")] == ["0"]


def test_a_later_secret_beside_it_stops_the_steps(ground: Ground) -> None:
    saved(ground, client_secret="n3w", secret_expires="2026-03-20")
    # The first one has no end that anybody knows.
    assert not [text for text in pass_days(ground, 20) if "client secret" in text]
    assert audited(ground, "client_secret.expires_soon") == []


def test_a_secret_that_ends_soon_is_a_finding_until_a_later_one_is_saved(ground: Ground) -> None:
    (first,) = secrets(ground)
    done = saved(ground, client_secret="n3w", secret_expires="2026-03-20")
    assert done.findings == ()
    with ground.store.write() as tx:
        tx.client_secrets.delete(ground.connection_id, secret_id=first.id, **ground.scope)
    view = ground.services.connections.view(ground.connection_id, organization_id=ground.organization.id)
    assert [(each.code, each.facts()["days"]) for each in view.findings] == [("setup.secret_expires_soon", "17")]
    ground.clock.at += timedelta(minutes=1)
    assert saved(ground, client_secret="n3xt", secret_expires="2027-03-03").findings == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_authoritative": True}, "setup.provider_vouches"),
        ({"scopes": "openid profile"}, "setup.email_not_asked"),
    ],
)
def test_what_is_worth_attention_is_found_when_it_is_saved(ground: Ground, changes: dict[str, Any], code: str) -> None:
    assert [each.code for each in saved(ground, **changes).findings] == [code]


def test_another_claim_for_the_address_needs_no_scope_of_that_name(ground: Ground) -> None:
    latest = ground.connection.latest
    assert latest is not None
    claims = replace(latest.oidc.claims, email="mail")
    assert saved(ground, scopes="openid staff", claims=claims).findings == ()
