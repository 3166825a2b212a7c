import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.kernel.values import DomainName, EmailAddress, WebUrl
from tests.processor_time import least_of_three

# --- email addresses --------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written", "key"),
    [
        ("ann@acme.example", "ann@acme.example", "ann@acme.example"),
        (" ann@acme.example\r\n", "ann@acme.example", "ann@acme.example"),
        ("Ann.Lee@ACME.Example", "Ann.Lee@acme.example", "ann.lee@acme.example"),
        ("ann+sso@acme.example", "ann+sso@acme.example", "ann+sso@acme.example"),
        ("o'brien@acme.example", "o'brien@acme.example", "o'brien@acme.example"),
        ("ann@mail.acme.example", "ann@mail.acme.example", "ann@mail.acme.example"),
        ("ann@m\u00fcnchen.example", "ann@xn--mnchen-3ya.example", "ann@xn--mnchen-3ya.example"),
        ("ann@xn--mnchen-3ya.example", "ann@xn--mnchen-3ya.example", "ann@xn--mnchen-3ya.example"),
        ("ann@stra\u00dfe.example", "ann@xn--strae-oqa.example", "ann@xn--strae-oqa.example"),  # IDNA 2008: not "ss"
    ],
)
def test_a_plain_address_is_read(text, written, key):
    address = EmailAddress.parse(text)
    assert (str(address), address.key) == (written, key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "ann@",
        "@acme.example",
        "ann@localhost",
        "ann@b@acme.example",
        "ann@evil.example,bob@acme.example",
        "ann@evil.example;bob@acme.example",
        "ann@evil.example bob@acme.example",
        "Ann <ann@acme.example>",
        "<ann@acme.example>",
        '"ann"@acme.example',
        '"ann@evil.example"@acme.example',
        "ann(comment)@acme.example",
        "ann@(comment)acme.example",
        "ann@acme.example.",
        ".ann@acme.example",
        "ann.@acme.example",
        "ann..lee@acme.example",
        "ann@acme..example",
        "ann@-acme.example",
        "ann@acme_.example",
        "ann@127.0.0.1",
        "ann@[127.0.0.1]",
        "ann@acme.123",
        "ann@acme.example%00.evil.example",
        "ann@acme.example\x00",
        "ann\x00@acme.example",
        "ann\n@acme.example",
        "ann@acme.example\nbcc: bob@acme.example",
        "ann@acme.example\u2028",
        "\u00a0ann@acme.example",
        "ann@acme.example\u00a0",
        "\u200bann@acme.example",
        "ann@ac\u200dme.example",
        "\u00e4nn@acme.example",
        "\u0430nn@acme.example",  # Cyrillic a
        "\uff41nn@acme.example",  # full-width a: NFKC would make it ann
        "a\u2024nn@acme.example",  # one dot leader
        "ann\uff20acme.example",  # full-width @
        "ann@\u2603.example",
        "a" * 65 + "@acme.example",
        "ann@" + ".".join(["a" * 60] * 4) + ".example",
    ],
)
def test_what_is_no_single_plain_address_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the face promises no more than this class
        EmailAddress.parse(text)


def test_a_domain_in_letters_that_look_alike_is_another_domain():
    assert EmailAddress.parse("ann@\u0430cme.example").key == "ann@xn--cme-5cd.example"


@pytest.mark.parametrize(
    "other",
    ["acme.example.evil.example", "evil-acme.example", "acme.example.evil", "mail.acme.example", "cme.example"],
)
def test_a_domain_that_begins_or_ends_like_another_is_not_equal(other):
    assert EmailAddress.parse(f"ann@{other}").domain != DomainName.parse("acme.example")


def test_the_spelling_of_a_domain_does_not_matter():
    spellings = ("acme.example", "ACME.EXAMPLE", "Acme.Example")
    assert {DomainName.parse(text) for text in spellings} == {DomainName("acme.example")}
    assert DomainName.parse("m\u00fcnchen.example") == DomainName.parse("XN--mnchen-3ya.example")


@pytest.mark.parametrize(
    "text",
    [
        "\uff41cme.example",  # full-width a
        "acme\u3002example",  # ideographic full stop
        "ac\u00adme.example",  # soft hyphen
        "ac\u2060me.example",  # word joiner
        "acme.example\ufe0f",  # variation selector
        "\u212acme.example",  # Kelvin sign
        "\u24d0cme.example",  # circled a
        "\u2100me.example",  # a/c in one letter
        "mu\u0308nchen.example",  # not composed
    ],
)
def test_a_domain_that_would_have_to_be_mapped_is_refused(text):
    """UTS 46 makes each of them another domain: two people of one identity provider would be one account."""
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        DomainName.parse(text)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_a_value_error(text):
    try:
        address = EmailAddress.parse(text)
    except ValueError:
        return
    assert EmailAddress.parse(str(address)) == address


@given(st.from_regex(r"[a-z0-9+_-]{1,20}(\.[a-z0-9]{1,10})?@[a-z][a-z0-9]{0,10}\.[a-z]{2,6}", fullmatch=True))
def test_ordinary_addresses_are_unchanged(text):
    assert str(EmailAddress.parse(text)) == text


@pytest.mark.parametrize("text", ["a@" + "a" * 1_000_000, "a@" + "a." * 200_000 + "example", "\u00fc" * 300_000])
def test_an_overlong_text_is_refused_at_once(text):
    def read() -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - as above
            EmailAddress.parse(text)

    assert least_of_three(read) < 0.5


# --- URLs -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://acme.okta.com/app/x/sso/saml?a=b", "acme.okta.com"),
        ("HTTPS://Acme.Okta.com", "acme.okta.com"),
        ("https://m\u00fcnchen.example/", "m\u00fcnchen.example"),
        ("https://10.0.0.1:8443/sso", "10.0.0.1"),
        ("https://[2001:db8::1]/", "2001:db8::1"),
        ("http://localhost:8081/app", "localhost"),
        ("http://127.0.0.1:8081/app", "127.0.0.1"),
        ("http://[::1]/app", "::1"),
    ],
)
def test_a_web_url_is_read_unchanged(text, host):
    url = WebUrl.parse(text)
    assert (str(url), url.host) == (text, host)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme.okta.com",
        "http://acme.okta.com/",
        "http://127.0.0.1.evil.example/",
        "http://localhost.evil.example/",
        "ftp://acme.okta.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "//acme.okta.com/",
        "https://",
        "https:///path",
        "https://.",
        "https://%00/",
        "https://user@acme.okta.com/",
        "https://acme.okta.com@evil.example/",
        "https://acme.okta.com\\@evil.example/",
        "https://acme.okta.com/#fragment",
        "https://acme.okta.com:99999/",
        "https://acme.okta.com:x/",
        "https://[::1/",
        " https://acme.okta.com/",
        "https://acme.okta.com/a b",
        "https://acme.okta.com/\n",
        "https://acme.okta.com/\x00",
        "https://acme.okta.com/\x7f",
        "https://acme.okta.com/\u00a0",
        "https://acme.okta.com/" + "a" * 2048,
    ],
)
def test_what_is_no_plain_web_url_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the face promises no more than this class
        WebUrl.parse(text)


@given(st.text(max_size=60))
def test_any_text_is_a_url_or_a_value_error(text):
    for candidate in (text, "https://" + text):
        try:
            WebUrl.parse(candidate)
        except ValueError:
            continue
