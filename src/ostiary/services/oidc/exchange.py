"""The calls of a sign-in: the code becomes tokens, the ID token is held against the provider's keys, UserInfo is asked.

OUT: everything here may wait for the provider. No transaction is open meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ostiary.domain.connection import Connection
from ostiary.domain.openid.identity import needs_userinfo
from ostiary.domain.openid.settings import OidcSettings, UserinfoUse
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.http import Fetch, HttpResponse
from ostiary.kernel.randomness import Random
from ostiary.oidc import relying_party as rp
from ostiary.oidc.encryption import is_encrypted
from ostiary.oidc.errors import ClientRejected, KeyUnknown, SignatureMismatch
from ostiary.oidc.json_text import JsonValue
from ostiary.services.oidc.opening import USERINFO, TokenOpening
from ostiary.services.oidc.parties import Parties
from ostiary.services.oidc.providers import KnownProvider, Providers
from ostiary.services.oidc.steps import Call
from ostiary.services.oidc.story import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One sign-in with one provider: what its calls are made of."""

    connection: Connection
    settings: OidcSettings
    parties: Parties
    known: KnownProvider
    secrets: rp.Secrets
    story: Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the provider has said of the person, signed and looked up."""

    verified: rp.VerifiedClaims
    claims: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Asks the provider."""

    clock: Clock
    random: Random
    fetch: Fetch
    providers: Providers
    opening: TokenOpening

    @staticmethod
    def code(talk: Talk) -> rp.Code:
        """The code of the answer. Nobody is asked yet. Raises: what `read_callback` refuses."""
        return rp.read_callback(
            talk.story.answer.parameters,
            mode=talk.story.answer.mode,
            expected_mode=talk.settings.response_mode,
            expected_state=talk.secrets.state,
            provider=talk.parties.provider,
            metadata=talk.known.metadata,
        )

    def tokens(self, talk: Talk, code: rp.Code) -> rp.UnverifiedTokens:
        """What the code is worth. While a secret changes, the one before is tried where the newest is refused.

        Raises: what the transport and `read_token_response` refuse.
        """
        last = len(talk.parties.clients) - 1
        for number in range(last):
            try:
                return self._tokens(talk, code, number)
            except ClientRejected:
                continue  # refused before it was looked at: the code is still good
        return self._tokens(talk, code, last)

    def opened(self, talk: Talk, tokens: rp.UnverifiedTokens) -> rp.UnverifiedTokens:
        """The tokens, the ID token as it was inside the encrypted one. How it was opened, the story tells.

        Raises: what `TokenOpening.opened` refuses.
        """
        found = self.opening.opened(talk.connection, talk.settings, tokens.id_token)
        if found is None:
            return tokens
        talk.story.opened, talk.story.id_token = found, found.token
        return replace(tokens, id_token=found.token)

    def verified(self, talk: Talk, tokens: rp.UnverifiedTokens) -> rp.VerifiedClaims:
        """The claims of the ID token; for a key that is not known its provider is asked once more.

        Raises: what `read_id_token` refuses.
        """
        expected = self.expected(talk, tokens)
        try:
            return rp.read_id_token(tokens.id_token, expected=expected)
        except (KeyUnknown, SignatureMismatch) as refusal:
            known = self.asked_again(talk, refusal)
            if known is None:
                raise
            return rp.read_id_token(tokens.id_token, expected=self.expected(talk, tokens, known=known))

    def asked_again(self, talk: Talk, refusal: KeyUnknown | SignatureMismatch) -> KnownProvider | None:
        """The provider with its keys of now, where it may be asked; a key may be another under the same name."""
        name = refusal.received if isinstance(refusal, KeyUnknown) else refusal.key
        with talk.story.steps.taking(Call.KEYS):
            return self.providers.asked_again(talk.connection, talk.settings, talk.known, key_name=name)

    def told(self, talk: Talk, tokens: rp.UnverifiedTokens, verified: rp.VerifiedClaims) -> Told:
        """The claims, with those of UserInfo where something is missing or the settings ask for it.

        Raises: what the transport, `TokenOpening.inside` and `read_userinfo` refuse.
        """
        if not self.asks_userinfo(talk, tokens, verified):
            return Told(verified=verified, claims=verified.claims)
        request = rp.userinfo_request(
            talk.known.metadata, access_token=tokens.access_token, method=talk.settings.userinfo_method
        )
        with talk.story.steps.taking(Call.USERINFO):
            answered = self.fetch(request, purpose=talk.connection.id)
        talk.story.unread_userinfo = answered.body
        received = rp.read_userinfo(
            self._opened_userinfo(talk, answered),
            claims=verified,
            client=talk.parties.client,
            provider=talk.parties.provider,
            metadata=talk.known.metadata,
            keys=talk.known.keys,
        )
        talk.story.userinfo = dict(received)
        return Told(verified=verified, claims=rp.together(verified, received))

    @staticmethod
    def asks_userinfo(talk: Talk, tokens: rp.UnverifiedTokens, verified: rp.VerifiedClaims) -> bool:
        """Whether UserInfo is asked: there has to be such a place, and a token for it."""
        if not talk.known.metadata.userinfo_endpoint or not tokens.access_token:
            return False
        match talk.settings.userinfo_use:
            case UserinfoUse.ALWAYS:
                return True
            case UserinfoUse.NEVER:
                return False
            case UserinfoUse.AUTO:
                return needs_userinfo(verified.claims, names=talk.settings.claims)

    def expected(self, talk: Talk, tokens: rp.UnverifiedTokens, *, known: KnownProvider | None = None) -> rp.Expected:
        """What the ID token is held against, now."""
        provider = known or talk.known
        return rp.Expected(
            client=talk.parties.client,
            provider=talk.parties.provider,
            metadata=provider.metadata,
            keys=provider.keys,
            nonce=talk.secrets.nonce,
            access_token=tokens.access_token,
            max_age=talk.settings.max_age,
            acr_values=talk.settings.acr_values,
            now=self.clock.now(),
        )

    def _opened_userinfo(self, talk: Talk, answered: HttpResponse) -> HttpResponse:
        """The answer, as it was inside where it came encrypted. Many providers encrypt the ID token alone."""
        text = answered.body.decode("ascii", "replace").strip() if rp.is_token(answered) else ""
        if not is_encrypted(text):
            return answered
        found = self.opening.inside(talk.connection, talk.settings, text, what=USERINFO)
        talk.story.unread_userinfo = found.token.encode("ascii")
        return replace(answered, body=talk.story.unread_userinfo)

    def _tokens(self, talk: Talk, code: rp.Code, number: int) -> rp.UnverifiedTokens:
        client = talk.parties.clients[number]
        request = rp.token_request(
            code,
            verifier=talk.secrets.verifier,
            client=client,
            metadata=talk.known.metadata,
            assertion_id=ids.secret(self.random),
            now=self.clock.now(),
        )
        with talk.story.steps.taking(Call.TOKENS, method=client.authentication.method.value):
            answered = self.fetch(request, purpose=talk.connection.id)
        tokens = rp.read_token_response(answered, client=client)
        talk.story.id_token = tokens.id_token
        self._note_use(talk, number)
        return tokens

    def _note_use(self, talk: Talk, number: int) -> None:
        """Note which secret the provider has taken, at most once a day: a sign-in has better to do than to write."""
        now = self.clock.now()
        taken = [each for each in talk.parties.secrets[number : number + 1] if each.is_to_be_noted(now)]
        if taken:
            scope = {"organization_id": talk.connection.organization_id}
            with self.providers.store.write() as tx:
                tx.client_secrets.note_use(talk.connection.id, secret_id=taken[0].id, at=now, **scope)
