"""The mails that keep owners and admins ahead of keys and domains. They wait in the outbox like any others."""

from dataclasses import dataclass
from datetime import datetime

from ostiary import saml
from ostiary.domain.connection import Connection, urls
from ostiary.domain.email_domain import EmailDomain
from ostiary.domain.mail import mail_to_each
from ostiary.domain.upkeep import expiry
from ostiary.guides import called
from ostiary.kernel.ids import OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Writes mails to the owners and admins of an organization."""

    random: Random
    public_url: str
    product_name: str

    def certificate_ends(
        self, tx: Transaction, connection: Connection, certificate: saml.Certificate, *, is_ours: bool, now: datetime
    ) -> None:
        """Tell that a certificate ends, or has ended: the provider's, or one of ours."""
        provider = _provider(connection)
        whose = f"{self.product_name}'s own certificate for {provider}" if is_ours else f"{provider}'s certificate"
        says = expiry.in_words(certificate.not_after, now)
        day = f"{certificate.not_after.day} {certificate.not_after:%B %Y}"
        went = "expired" if certificate.is_expired(now) else "expires"
        paragraphs = (
            f"{whose} for single sign-on to {self.product_name} {went} on {day}."
            if not is_ours
            else f"{whose} {went} on {day}.",
            "Sign-ins go on: nobody is refused for this date.",
            self._what_to_do(connection, provider, is_ours=is_ours),
            f"The connection:\n{urls(self.public_url, connection.id).settings_url}",
            f"SHA-256 of the certificate:\n{certificate.fingerprint}",
        )
        self._send(tx, connection.organization_id, subject=f"{whose} {says}", paragraphs=paragraphs, now=now)

    def secret_ends(self, tx: Transaction, connection: Connection, ends: datetime, *, now: datetime) -> None:
        """Tell that our client secret at the provider ends, or has ended."""
        provider = _provider(connection)
        whose = f"{self.product_name}'s client secret at {provider}"
        went = "ended" if ends <= now else "ends"
        paragraphs = (
            f"{whose} {went} on {ends.day} {ends:%B %Y}.",
            f"From then on {provider} refuses {self.product_name}, and nobody can sign in with it.",
            f"Make a new secret at {provider} and save it beside the present one. Sign-ins go on meanwhile.",
            f"The connection:\n{urls(self.public_url, connection.id).settings_url}",
        )
        subject = f"{whose} {expiry.in_words(ends, now)}"
        self._send(tx, connection.organization_id, subject=subject, paragraphs=paragraphs, now=now)

    def key_came(
        self, tx: Transaction, connection: Connection, came: tuple[saml.Certificate, ...], *, source: str, now: datetime
    ) -> None:
        """Tell that the provider has published a new key, which is trusted for everybody but owners."""
        provider = _provider(connection)
        fingerprints = "\n".join(each.fingerprint for each in came)
        paragraphs = (
            f"{provider} has published a new key for single sign-on to {self.product_name}.",
            "Members and admins can sign in with it already.",
            "For owners it counts after one of them has run Test Connection with it.",
            f"The connection:\n{urls(self.public_url, connection.id).settings_url}",
            f"It was found at:\n{source}",
            f"SHA-256 of its certificate:\n{fingerprints}",
            f"If nobody changed a key at {provider}, turn the connection off and ask them.",
        )
        self._send(tx, connection.organization_id, subject=f"{provider} has a new key", paragraphs=paragraphs, now=now)

    def record_gone(self, tx: Transaction, domain: EmailDomain, *, until: datetime, now: datetime) -> None:
        """Tell that the record of a verified domain has gone, and until when the domain counts without it."""
        day = f"{until.day} {until:%B %Y}"
        paragraphs = (
            f"The TXT record that proves {domain.name} to be yours is no longer in the DNS.",
            f"Nothing changes before {day}. From then on, new people with addresses there are refused.",
            f"Set the record again.\nName: {domain.record_name}\nValue: {domain.record_value}",
            f"Your domains:\n{self.public_url}/settings/security/domains",
        )
        subject = f"The record of {domain.name} for {self.product_name} has gone"
        self._send(tx, domain.organization_id, subject=subject, paragraphs=paragraphs, now=now)

    def domain_lapsed(self, tx: Transaction, domain: EmailDomain, *, now: datetime) -> None:
        """Tell that a domain no longer counts."""
        paragraphs = (
            f"{domain.name} no longer counts as yours: its TXT record has been gone for a week.",
            "New people with addresses there are refused. Who has signed in before goes on.",
            f"Set the record again, and click Check again:\n{self.public_url}/settings/security/domains",
            f"Name: {domain.record_name}\nValue: {domain.record_value}",
        )
        subject = f"{domain.name} no longer counts as yours at {self.product_name}"
        self._send(tx, domain.organization_id, subject=subject, paragraphs=paragraphs, now=now)

    @staticmethod
    def _what_to_do(connection: Connection, provider: str, *, is_ours: bool) -> str:
        if is_ours:
            return f"Prepare the next key on the page of the connection's keys, and give its certificate to {provider}."
        if connection.saml_serving is not None and connection.saml_serving.metadata_url:
            return (
                f"When {provider} publishes its next certificate, it is read from the metadata URL by itself. "
                "Nothing has to be done here."
            )
        return (
            f"When {provider} changes to its next certificate, sign-ins are refused until that one is saved here. "
            "Save it beside the present one before that day, and run Test Connection."
        )

    def _send(
        self,
        tx: Transaction,
        organization_id: OrganizationId,
        *,
        subject: str,
        paragraphs: tuple[str, ...],
        now: datetime,
    ) -> None:
        mails = mail_to_each(
            [str(account.email) for account in tx.accounts.admins(organization_id=organization_id)],
            organization_id=organization_id,
            subject=subject,
            paragraphs=paragraphs,
            random=self.random,
            now=now,
        )
        for mail in mails:
            tx.outbox.put(mail)


def _provider(connection: Connection) -> str:
    return called(connection)
