import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.domain.errors import FormUnreadable
from ostiary.web.context import Fields
from ostiary.web.form_reading import MOST_FIELDS, read_form, read_query

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = 'multipart/form-data; boundary="x"'

NAMELESS = b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"
ENCODED_BY_MAGIC = (
    b"--x\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: magic\r\n\r\n1\r\n--x--\r\n"
)


def part(name: str, content: str, *, file_name: str | None = None) -> bytes:
    file = f'; filename="{file_name}"' if file_name is not None else ""
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{content}\r\n'.encode()


def test_an_urlencoded_form_is_read():
    form = read_form(URLENCODED + "; charset=utf-8", body=b"email=a%2Bb%40acme.example&name=Zo%C3%AB+W&empty=")
    assert form.pairs == (("email", "a+b@acme.example"), ("name", "Zoë W"), ("empty", ""))


def test_a_multipart_form_is_read_with_its_files():
    body = part("name", "Zoë & co") + part("file", "-----BEGIN", file_name="okta.cert") + b"--x--\r\n"
    form = read_form(MULTIPART, body=body)
    upload = form.upload("file")
    assert form.one("name") == "Zoë & co"
    assert upload is not None
    assert (upload.name, upload.content) == ("okta.cert", b"-----BEGIN")


def test_a_file_field_that_was_left_alone_is_no_file():
    assert read_form(MULTIPART, body=part("file", "", file_name="") + b"--x--\r\n").upload("file") is None


def test_a_field_that_came_twice_is_refused_where_one_is_expected():
    form = read_form(URLENCODED, body=b"email=a&email=b")
    assert form.all("email") == ("a", "b")
    with pytest.raises(FormUnreadable, match=r"request\.form_unreadable"):
        form.one("email")
    with pytest.raises(FormUnreadable):
        form.optional("email")


def test_a_field_that_is_missing_is_refused_by_its_name():
    with pytest.raises(FormUnreadable) as refused:
        Fields().one("email")
    assert refused.value.field == "email"
    assert Fields().optional("email") == ""


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("text/plain", b"a=b"),
        ("", b"a=b"),
        ("multipart/form-data", b"--x--"),
        (MULTIPART, part("a", "cut off in the middle")[:-9]),
        (MULTIPART, part("a", "no end")),
        (MULTIPART, b"no boundary at all"),
        (MULTIPART, NAMELESS),
        (MULTIPART, ENCODED_BY_MAGIC),
        (URLENCODED, b"name=%ff%fe"),
        (URLENCODED, b"name=a%00b"),
        (URLENCODED, b"%00=a"),
        (URLENCODED, b"=nameless"),
        (URLENCODED, b"n" * 200 + b"=long name"),
        (URLENCODED, b"&".join(b"a=1" for _ in range(MOST_FIELDS + 1))),
        (MULTIPART, b"".join(part("a", "1", file_name="f") for _ in range(MOST_FIELDS + 1)) + b"--x--\r\n"),
    ],
)
def test_what_is_malformed_is_refused_and_not_guessed(content_type, body):
    with pytest.raises(FormUnreadable):
        read_form(content_type, body=body)


def test_a_request_without_body_is_an_empty_form():
    assert read_form("", body=b"").pairs == ()


def test_repeated_parameters_of_a_query_are_kept():
    assert read_query(b"q=1&q=2&name=Zo%C3%AB&flag").all("q") == ("1", "2")


@pytest.mark.parametrize("query", [b"q=%ff", b"q=%00", b"&".join(b"a=1" for _ in range(MOST_FIELDS + 1))])
def test_a_query_that_is_no_text_is_refused(query):
    with pytest.raises(FormUnreadable):
        read_query(query)


@given(st.binary(max_size=300), st.sampled_from([URLENCODED, MULTIPART, "multipart/form-data; boundary=", "x/y"]))
def test_any_bytes_are_a_form_or_a_refusal(body, content_type):
    try:
        form = read_form(content_type, body=body)
    except FormUnreadable:
        return
    assert len(form.pairs) + len(form.uploads) <= MOST_FIELDS
