"""Words for calls to the outside that came to nothing: a URL that was fetched, the DNS, mail."""

from typing import Final

from ostiary.kernel.errors import Named
from ostiary.outbound import errors
from ostiary.problems.problem import Fixer, Problem, Shown, UserText

FORM = UserText(title="The settings were not saved", text="The page says which value needs a change.")
LATER = UserText(
    title="Another server has not answered",
    text="Nothing was changed. Take the step once more in a few minutes.",
)
BY_HAND = "Or upload the metadata as a file: then nothing has to be fetched."


def _fetch(
    *,
    title: str,
    cause: str,
    label: str,
    steps: tuple[str, ...],
    shows: tuple[Shown, ...] = (),
    status: int = 502,
    fixer: Fixer = Fixer.ORG_ADMIN,
) -> Problem:
    return Problem(
        title=title,
        cause=cause,
        label=label,
        steps=steps,
        fixer=fixer,
        user=FORM if status == 400 else LATER,  # noqa: PLR2004 - the status of a form that needs a change
        status=status,
        shows=shows,
        ends_with_again=False,
    )


_FETCH: Final[dict[type[Named], Problem]] = {
    errors.UrlRefused: _fetch(
        title="This address can't be fetched: {reason}.",
        cause="It must be a plain https address with a host. Nothing was asked.",
        label="address can't be fetched",
        steps=("Copy the metadata address from {idp} once more, from https:// to its end.", BY_HAND),
        shows=(Shown("Address", "url"),),
        status=400,
    ),
    errors.AddressRefused: _fetch(
        title="{host} leads into a private network, and {product} does not go there.",
        cause="From outside, such an address could be used to reach machines that nobody else may reach. "
        "Nothing was asked.",
        label="private network",
        steps=(
            "Use the address by which {idp} is reached from the internet.",
            BY_HAND,
            "The operator of {product} can allow a private network (OSTIARY_ALLOWED_NETWORKS).",
        ),
        shows=(Shown("Leads to", "address"),),
        status=400,
    ),
    errors.PortRefused: _fetch(
        title="{host} is to be asked at port {port}, and {product} asks web servers alone.",
        cause="They answer at the ports {allowed}. Behind others stand mail servers, databases and the like. "
        "Nothing was asked.",
        label="port {port}",
        steps=(
            "Use the address by which {idp} is reached from the internet.",
            BY_HAND,
            "The operator of {product} can allow another port (OSTIARY_ALLOWED_PORTS).",
        ),
        status=400,
    ),
    errors.NameUnresolved: _fetch(
        title="The DNS knows no address of {host}.",
        cause="Most likely there is a slip in the name, or it is known inside your network alone.",
        label="unknown host",
        steps=("Compare the host letter by letter with the one in {idp}.", BY_HAND),
        status=400,
    ),
    errors.Unreachable: _fetch(
        title="{host} did not accept the connection on port {port}.",
        cause="Most likely a firewall is in between, or the server is down.",
        label="{host} not reached",
        steps=("Open the address in a browser outside your network.", BY_HAND),
        shows=(Shown("Asked at", "address"),),
    ),
    errors.TlsRefused: _fetch(
        title="The certificate of the web server {host} is not one that can be trusted: {reason}.",
        cause="What it sends could come from somebody else, so it was not read.",
        label="web server's certificate not trusted",
        steps=(
            "Open the address in a browser: it shows the same warning, and why.",
            "Have the certificate of {host} renewed, with the whole chain.",
            BY_HAND,
        ),
    ),
    errors.TimedOut: _fetch(
        title="{host} gave no whole answer in {seconds_words}.",
        cause="Nothing was changed.",
        label="no answer in {seconds_words}",
        steps=("Take the step once more.", BY_HAND),
        status=504,
    ),
    errors.TooLarge: _fetch(
        title="{host} sent more than the {limit_bytes} bytes that are read.",
        cause="Metadata of one identity provider has seldom more than 50 kB. This may be that of a whole federation.",
        label="more than {limit_bytes} bytes",
        steps=("Use the metadata address of your own identity provider alone.", BY_HAND),
    ),
    errors.Redirected: _fetch(
        title="{host} sends the caller to another address, and {product} does not follow.",
        cause="It answered with status {status}. Another address is another one to judge.",
        label="sent elsewhere",
        steps=("If the address below is the right one, put it in.", BY_HAND),
        shows=(Shown("Leads to", "location"),),
    ),
    errors.StatusRefused: _fetch(
        title="{host} answered with status {status}: what was asked for is not there, or not for everybody.",
        cause="Most likely the address needs a sign-in, or belongs to an app that was deleted.",
        label="status {status}",
        steps=("Open the address in a private window: it must show XML without a sign-in.", BY_HAND),
    ),
    errors.AnswerUnreadable: _fetch(
        title="What {host} sent is no answer of a web server.",
        cause="It could not be read, or was packed in a way that nobody asked for.",
        label="answer can't be read",
        steps=("Open the address in a browser: it must show XML.", BY_HAND),
    ),
    errors.Busy: _fetch(
        title="{at_once} calls to {host} are waiting for their answers already.",
        cause="A server that hangs must not slow down everybody else, so no more are begun.",
        label="calls are waiting",
        steps=("Take the step once more in a minute.", BY_HAND),
        status=503,
    ),
    errors.Resting: _fetch(
        title="{host} has not answered several times, and is left alone for {wait_seconds_words}.",
        cause="A server that hangs must not slow down everybody else.",
        label="{host} left alone",
        steps=("Take the step once more in {wait_seconds_words}.", BY_HAND),
        status=503,
    ),
}

_DNS: Final[dict[type[Named], Problem]] = {
    errors.NoSuchName: _fetch(
        title="The DNS knows nothing by the name {name}.",
        cause="A new record can take some minutes, at some providers an hour. Nothing was changed.",
        label="no record by this name",
        steps=(
            "At your DNS provider, look whether the name of the TXT record is {copy:name}",
            "Many providers add the domain to the name by themselves: then it stands there twice.",
            "Click **Check again**.",
        ),
        status=409,
    ),
    errors.NoRecord: _fetch(
        title="There is no {kind} record at {name}.",
        cause="The name is there, with other records. Nothing was changed.",
        label="no {kind} record",
        steps=("At your DNS provider, make the record of the kind {kind}.", "Click **Check again**."),
        shows=(Shown("Found instead", "found"),),
        status=409,
    ),
    errors.DnsTimedOut: _fetch(
        title="No DNS server answered about {name} in {seconds_words}.",
        cause="Most likely the DNS servers of the domain are slow or down. Nothing was changed.",
        label="DNS has not answered",
        steps=("Click **Check again** in a few minutes.",),
        status=504,
    ),
    errors.DnsFailed: _fetch(
        title="The DNS servers could not answer about {name}.",
        cause="Most often those of the domain itself are set up wrong (SERVFAIL), or its DNSSEC is broken.",
        label="DNS answered with a failure",
        steps=(
            "Ask your DNS provider, or whoever runs the DNS servers of the domain.",
            "Click **Check again** after that.",
        ),
    ),
}

_MAIL: Final[dict[type[Named], Problem]] = {
    errors.MailRefused: _fetch(
        title="The mail server refuses the mail to {to} for good.",
        cause="Sending it again changes nothing.",
        label="mail refused",
        steps=(
            "Look whether the address is right.",
            "Look at the sender's address in OSTIARY_MAIL_FROM: many servers take only those of their own domain.",
        ),
        shows=(Shown("Its answer", "reply"),),
        fixer=Fixer.OPERATOR,
    ),
    errors.MailUnreachable: _fetch(
        title="The mail server {server} can't be reached, or takes the mail later.",
        cause="The mail waits in the outbox and is sent by itself.",
        label="mail waits",
        steps=("Look at OSTIARY_SMTP_URL, and whether this machine may reach that server.",),
        shows=(Shown("Its answer", "reply"),),
        status=503,
        fixer=Fixer.OPERATOR,
    ),
}

CATALOGUE: Final[dict[type[Named], Problem]] = {**_FETCH, **_DNS, **_MAIL}
