"""Who may have break-glass access, what proves it, and when a counter tells of a copy."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.domain.account import Account, Role
from ostiary.domain.break_glass.errors import OwnersOnly
from ostiary.domain.break_glass.holder import Holder, State, Way, may_hold, require_owner, went_back
from ostiary.domain.session import BREAK_GLASS_METHODS
from ostiary.kernel.ids import AccountId, OrganizationId
from ostiary.kernel.values import EmailAddress

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
MOMENTS = st.none() | st.integers(0, 1000).map(lambda minutes: NOW + timedelta(minutes=minutes))
COUNTS = st.integers(0, 2**32 - 1)


def an_account(*, role: Role = Role.OWNER, is_active: bool = True) -> Account:
    return Account(
        id=AccountId("a1"),
        organization_id=OrganizationId("o1"),
        email=EmailAddress.parse("dana@acme.example"),
        first_name="Dana",
        last_name="Whitfield",
        role=role,
        password_hash=None,
        is_active=is_active,
        created_at=NOW,
    )


@st.composite
def holders(draw: st.DrawFn) -> Holder:
    return Holder(
        account=an_account(role=draw(st.sampled_from(Role)), is_active=draw(st.booleans())),
        named_by=AccountId("a2"),
        named_at=NOW,
        codes_made_at=draw(MOMENTS),
        codes_left=draw(st.integers(0, 10)),
        code_used_at=draw(MOMENTS),
        passkeys=draw(st.integers(0, 5)),
        passkey_used_at=draw(MOMENTS),
    )


@given(holders())
def test_only_an_active_owner_who_has_used_what_is_left_is_proven(holder: Holder) -> None:
    by_code = bool(holder.codes_left and holder.code_used_at)
    by_passkey = bool(holder.passkeys and holder.passkey_used_at)
    is_owner = holder.account.role is Role.OWNER and holder.account.is_active
    assert (holder.state is State.PROVEN) == (is_owner and (by_code or by_passkey))
    assert (holder.state is State.ENDED) == (not is_owner)
    if holder.state is State.NOTHING_TO_USE:
        assert (holder.codes_left, holder.passkeys) == (0, 0)


@given(holders())
def test_it_is_proven_by_what_was_used_last_and_can_be_used_again(holder: Holder) -> None:
    match holder.proven_by:
        case Way.RECOVERY_CODE:
            assert holder.codes_left > 0
            assert holder.code_used_at is not None
        case Way.PASSKEY:
            assert holder.passkeys > 0
            assert holder.passkey_used_at is not None
        case None:
            assert not (holder.codes_left and holder.code_used_at)
            assert not (holder.passkeys and holder.passkey_used_at)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER])
def test_nobody_but_an_owner_is_named(role: Role) -> None:
    with pytest.raises(OwnersOnly) as refused:
        require_owner(an_account(role=role))
    assert refused.value.received == role.label
    assert not may_hold(an_account(is_active=False))
    require_owner(an_account())


@given(COUNTS, COUNTS)
def test_a_counter_moves_on_or_tells_of_a_copy(held: int, received: int) -> None:
    """An authenticator that does not count sends 0 for ever, and is no copy for it (WebAuthn 6.1.1)."""
    assert went_back(held, received=received) == (received <= held and (held, received) != (0, 0))


def test_a_session_is_known_by_the_same_words() -> None:
    """Two lists of one thing would let a way in be forgotten by whoever asks a session."""
    assert {way.value for way in Way} == BREAK_GLASS_METHODS
