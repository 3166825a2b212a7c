"""What the last action did, told at the top of the next page (the answer to a form is a redirect)."""

from ostiary.web.context import Incoming

Message = tuple[str, str, str]
"""Kind of callout, title, text."""

TESTED_NEXT = frozenset({"saved", "saved-newer", "google-begun"})
"""After these a button that starts the test stands in the message."""

_MESSAGES: dict[str, Message] = {
    "saved": ("passed", "Saved.", "Test it next: nothing is turned on until a test has passed."),
    "saved-newer": ("passed", "Saved.", "Sign-ins use the tested settings until this revision has passed its test."),
    "secret-saved": (
        "passed",
        "Saved.",
        "Sign-ins try the new secret first from now on, and the one before where it is refused.",
    ),
    "secret-deleted": ("note", "Deleted.", "Sign-ins use the secret that is left."),
    "last-secret-deleted": ("attention", "Deleted.", "Without a secret nobody signs in. Paste a new one below."),
    "untested-secret-deleted": (
        "note",
        "Deleted.",
        "Sign-ins go on. The newer settings need another one to be tested.",
    ),
    "enabled": ("passed", "Enabled.", "People can sign in with it now."),
    "turned-off": ("note", "Turned off.", "Nobody can sign in with it. Sessions that began with it go on."),
    "renamed": ("passed", "Named.", "People read the name where they choose how to sign in."),
    "discarded": ("note", "Removed.", "The set-up that was begun is gone. Nothing else has changed."),
    "google-begun": ("passed", "Saved.", "Test it next: the first passed test offers it to everyone."),
    "enforced": ("passed", "Enforced.", "Only enforced connections sign in now. One click takes it back."),
    "enforced-later": ("passed", "Planned.", "Those concerned get a mail with what to do. One click takes it back."),
    "enforcement-stopped": ("note", "No longer enforced.", "It stays enabled, as one way in among others."),
    "deleted": ("note", "Deleted.", "The connection and its settings are gone. Accounts stay."),
    "access-confirmed": ("passed", "Noted.", "You have admin access there."),
    "metadata-checked": ("note", "Checked.", "What was found stands under Metadata."),
    "metadata-waits": ("note", "It is being checked.", "The answer stands under Metadata in a few seconds."),
    "proposal-kept": ("note", "Kept.", "The saved values go on. Other published values will be shown again."),
    "domain-added": ("note", "Added.", "Set the TXT record at your DNS provider, then click Check again."),
    "domain-verified": ("passed", "Verified.", "Addresses of this domain count as your organization's own."),
    "domain-removed": ("note", "Removed.", "Addresses of this domain open no new accounts any more."),
    "key-prepared": ("passed", "Prepared.", "The next key is published. The current one goes on signing."),
    "key-switched": ("passed", "Switched.", "The new key signs now. The previous one is kept until you remove it."),
    "key-removed": ("note", "Removed.", "One key is left, and it does everything."),
    "key-step-missed": (
        "attention",
        "Nothing was changed.",
        "The keys had changed since the page was opened. This is how they stand now.",
    ),
    "break-glass-named": ("passed", "Named.", "They make codes or add a passkey next, and sign in once to prove it."),
    "break-glass-named-self": ("passed", "You are named.", "Make recovery codes or add a passkey next."),
    "break-glass-taken-away": (
        "note",
        "Taken away.",
        "The codes and passkeys are gone, and sessions by them have ended.",
    ),
    "passkey-added": ("passed", "Added.", "Sign in once with it to prove it."),
    "passkey-removed": ("note", "Removed.", "It opens nothing any more."),
    "identity-used": ("passed", "Linked.", "You can sign in with it yourself now."),
}


def message_of(incoming: Incoming) -> Message | None:
    """The message that this address asks for, if it is one of ours."""
    return _MESSAGES.get(incoming.query.optional("done"))
