"""A bug of ours in the middle of a sign-in: the person gets a reference, and the admin finds the attempt by it."""

from dataclasses import dataclass

from ostiary.kernel.randomness import SeededRandom
from tests.journeys.steps import DANA, okta_enabled, sign_in_with_sso
from tests.journeys.world import PASSWORD, PRODUCT, World

MARCUS = "marcus.oyelaran@acme.example"


@dataclass(slots=True)
class DryRandom(SeededRandom):
    """A source that gives nothing any more, as a bug would have it."""

    is_dry: bool = False

    def token(self, count: int) -> bytes:
        """Bytes, until it is dry."""
        if self.is_dry:
            raise RuntimeError("dry")
        return SeededRandom.token(self, count)


def test_a_bug_is_recorded_as_ours(world: World) -> None:
    """`login.internal`, with nothing half done and nobody blamed."""
    okta_enabled(world, assigned=(DANA, MARCUS))
    user = sign_in_with_sso(world.walker(), MARCUS)
    user.press("Sign in", email=MARCUS, password=PASSWORD)
    dry = DryRandom(seed=3, is_dry=True)
    sessions = world.services.saml_login.complete.sessions
    object.__setattr__(sessions, "random", dry)
    user.press("Continue to Ringline")
    assert user.status == 500
    reference = user.document.xpath("//dd/text()")[0]
    object.__setattr__(sessions, "random", world.random)
    admin = world.signed_in().open(f"{PRODUCT}/settings/attempts/{reference}")
    assert "login.internal" in admin.text
    assert "Something broke in Ringline" in admin.title
    with world.store.read() as tx:
        assert tx.accounts.by_email(MARCUS, organization_id=world.acme.id) is None
