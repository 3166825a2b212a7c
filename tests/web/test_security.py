from ipaddress import ip_network

import pytest

from ostiary.domain.errors import OriginForeign
from ostiary.web.client_address import client_address
from ostiary.web.responses import Csp
from ostiary.web.security import origin_of, own_path, require_own_origin, security_headers

URL = "https://sso.ringline.example"
PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": URL},
        {"origin": URL, "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ],
)
def test_a_form_of_our_own_pages_is_taken(headers):
    require_own_origin(headers, public_url=URL)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://evil.example"},
        {"origin": "http://sso.ringline.example"},
        {"origin": "https://sso.ringline.example:8443"},
        {"origin": "https://sso.ringline.example.evil.example"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_a_form_of_another_site_is_refused(headers):
    with pytest.raises(OriginForeign):
        require_own_origin(headers, public_url=URL)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://sso.ringline.example:443", URL),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://SSO.Ringline.example", URL),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url, origin):
    assert origin_of(url) == origin


@pytest.mark.parametrize("path", ["/", "/settings", "/settings/attempts?q=a%20b&days=7", "/a/b#c"])
def test_a_path_of_ours_is_gone_back_to(path):
    assert own_path(path, default="/home") == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "settings",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/a\\b",
        "/a\r\nSet-Cookie: x=y",
        "/a b",
        "/\u2028",
        "javascript:alert(1)",
        "/" + "a" * 3000,
    ],
)
def test_what_could_lead_elsewhere_is_not_gone_to(text):
    assert own_path(text, default="/home") == "/home"


def test_only_pages_whose_forms_may_leave_send_no_form_action():
    stay = security_headers(URL, csp=Csp.FORMS_STAY)["Content-Security-Policy"]
    leave = security_headers(URL, csp=Csp.FORMS_LEAVE)["Content-Security-Policy"]
    assert "form-action 'self'" in stay
    assert "form-action" not in leave
    assert "unsafe" not in stay + leave
    assert "default-src 'none'" in leave


def test_https_is_remembered_only_where_it_is_used():
    assert "Strict-Transport-Security" in security_headers(URL, csp=Csp.FORMS_STAY)
    assert "Strict-Transport-Security" not in security_headers("http://localhost:8080", csp=Csp.FORMS_STAY)


@pytest.mark.parametrize(
    ("socket", "forwarded", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.2", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", ["6.6.6.6", "198.51.100.1, 10.0.0.3"], "198.51.100.1"),
        ("10.0.0.2", ["10.0.0.5, 10.0.0.3"], "10.0.0.5"),
        ("10.0.0.2", ["nonsense"], "10.0.0.2"),
        ("10.0.0.2", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("fd00::2", ["2001:db8::1"], "2001:db8::1"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_a_client_is_who_the_nearest_trusted_proxy_saw(socket, forwarded, expected):
    assert client_address(socket, forwarded_for=forwarded, trusted=PROXIES) == expected


def test_without_trusted_proxies_no_header_is_believed():
    assert client_address("10.0.0.2", forwarded_for=["198.51.100.1"], trusted=()) == "10.0.0.2"
