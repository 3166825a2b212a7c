"""The first morning of a person, in two tabs: both sign-ins end at the same moment, and there is one account."""

import threading
from dataclasses import replace

from ostiary.domain.account import Role
from ostiary.domain.identity import LinkedIdentity
from ostiary.kernel import ids
from ostiary.kernel.values import EmailAddress
from ostiary.services.complete_login import SignedIn
from tests.services.oidc.ground import NOW, RANDOM, Ground

JANE = EmailAddress.parse("jane@acme.example")


def test_two_first_sign_ins_at_once_make_one_account_and_sign_both_in(ground: Ground) -> None:
    ground.provider.claims |= {"email": str(JANE), "email_verified": True}
    answer = ground.provider.approve(ground.leave())
    told: list[object] = []
    second = threading.Thread(target=lambda: told.append(ground.answer(answer)))
    account = replace(ground.owner, id=ids.account_id(RANDOM), email=JANE, role=Role.MEMBER)
    link = LinkedIdentity(
        id=ids.identity_id(RANDOM),
        connection_id=ground.connection_id,
        account_id=account.id,
        issuer=ground.provider.issuer,
        subject="00u-dana",
        email=JANE,
        created_at=NOW,
        last_used_at=NOW,
        **ground.scope,
    )
    with ground.store.write() as tx:
        tx.accounts.insert(account)
        tx.identities.insert(link)
        second.start()
        second.join(timeout=1.0)
        assert told == []
    second.join()
    (finished,) = told
    assert isinstance(finished, SignedIn)
    assert finished.account.id == account.id
