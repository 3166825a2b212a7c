import smtplib
import time
from email.message import EmailMessage

import pytest

from ostiary.demo.people import COMPANIES, DIRECTORIES

pytestmark = pytest.mark.slow

PAGES = 3


def test_the_start_page_names_the_people_the_passwords_and_the_ways(demo):
    page = demo.get("/", part=PAGES)
    assert page.status == 200
    for said in ("Dana Whitfield", "Priya Raman", "Hank Scorpio", "ringline-demo", "Test Connection"):
        assert said in page.text
    for port, name in ((1, "OneLogin"), (2, "Okta"), (6, "Google"), (7, "Entra ID"), (8, "Keycloak")):
        link = f'<a href="http://127.0.0.1:{demo.port + port}/admin">'
        beside = page.text.split('aria-label="Places"')[1].split("</nav>")[0].split(link)[1]
        assert name in beside.split("</a>")[0]
        assert str(demo.port + port) in beside.split("</a>")[0]
    for company in COMPANIES:
        assert ", ".join(DIRECTORIES[company.slug]) in page.text


def test_the_pages_are_strict_about_what_they_load(demo):
    policy = demo.get("/", part=PAGES).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "form-action 'self'" in policy


def test_a_record_that_is_set_is_answered_and_a_removed_one_is_not(demo):
    record = {"name": "_ostiary-challenge.acme.example.", "value": "ostiary-domain-verification=abc"}
    assert demo.post("/dns", record, part=PAGES).status == 303
    assert looked_up(demo, "_ostiary-challenge.acme.example") == ["ostiary-domain-verification=abc"]
    page = demo.get("/dns?done=added", part=PAGES)
    assert "The record is set." in page.text
    named = {**record, "name": "_ostiary-challenge.acme.example"}
    assert demo.post("/dns/remove", named, part=PAGES).status == 303
    assert looked_up(demo, "_ostiary-challenge.acme.example") == []


def test_a_name_that_is_none_is_refused_beside_its_field(demo):
    answer = demo.post("/dns", {"name": "not a name", "value": "x"}, part=PAGES)
    assert answer.status == 400
    assert "The name is no domain name." in answer.text
    assert 'value="not a name"' in answer.text


def test_a_value_that_is_too_long_is_refused(demo):
    answer = demo.post("/dns", {"name": "a.example", "value": "x" * 256}, part=PAGES)
    assert answer.status == 400
    assert "does not fit into one record" in answer.text


def test_a_form_from_another_site_changes_nothing(demo):
    record = {"name": "foreign.acme.example", "value": "x"}
    answer = demo.post("/dns", record, part=PAGES, origin="https://elsewhere.example")
    assert answer.status == 403
    assert "foreign.acme.example" not in demo.get("/dns", part=PAGES).text


def test_a_mail_is_shown_with_its_links(demo):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sso@localhost", "lena.brandt@acme.example", "A <b>new</b> password"
    mail.set_content("Set it here:\nhttp://localhost:8080/password/set?link=1&x=2.\n")
    with smtplib.SMTP("127.0.0.1", demo.port + 5, timeout=60) as smtp:
        smtp.send_message(mail)
    listed = wait_for(lambda: demo.get("/mail", part=PAGES).text, "A &lt;b&gt;new&lt;/b&gt; password")
    path = listed.split('class="person-link" href="')[1].split('"')[0]
    shown = demo.get(path, part=PAGES)
    assert 'href="http://localhost:8080/password/set?link=1&amp;x=2"' in shown.text
    assert "lena.brandt@acme.example" in shown.text


def test_the_product_sends_its_mail_to_the_mailbox(demo):
    answer = demo.post("/password/forgot", {"email": "marcus.oyelaran@acme.example"})
    assert answer.status < 400
    assert wait_for(lambda: demo.get("/mail", part=PAGES).text, "marcus.oyelaran@acme.example")


def test_a_mail_that_is_not_there_is_an_unknown_page(demo):
    assert demo.get("/mail/none", part=PAGES).status == 404


def test_the_colours_that_a_reader_chose_stay(demo):
    answer = demo.post("/theme", {"theme": "dark", "return_to": "/dns"}, part=PAGES)
    assert answer.headers["location"] == "/dns"
    cookie = answer.headers["set-cookie"].split(";")[0]
    assert 'data-theme="dark"' in demo.get("/dns", part=PAGES, headers={"Cookie": cookie}).text


def looked_up(demo, name: str) -> list[str]:
    """The TXT records of this name, as a resolver sees them."""
    import dns.message
    import dns.query
    import dns.rdatatype

    answer = dns.query.udp(dns.message.make_query(name, dns.rdatatype.TXT), "127.0.0.1", port=demo.port + 4, timeout=30)
    return [b"".join(record.strings).decode() for found in answer.answer for record in found]


def wait_for(read, wanted: str) -> str:
    """The text once what is wanted stands in it."""
    until = time.monotonic() + 60
    while wanted not in (text := read()):
        assert time.monotonic() < until, f"{wanted} did not come"
        time.sleep(0.1)
    return text
