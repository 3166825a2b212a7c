import asyncio
import json
import threading

import pytest
from structlog.testing import capture_logs

from ostiary.storage import StoreBusy
from ostiary.web import app as rim_module
from ostiary.web.responses import Csp, Json, Page, SeeOther, SetCookie
from ostiary.web.routing import Where, get
from ostiary.web.routing import post as post_row
from tests.web.rim import PUBLIC_URL, a_rim, ask, post, some_services

OWN = ("origin", PUBLIC_URL)
FORM = ("content-type", "application/x-www-form-urlencoded")


class Echo:
    """A handler that remembers what it was given."""

    def __init__(self) -> None:
        self.seen: list = []
        self.threads: list = []

    def __call__(self, incoming, services):
        self.seen.append(incoming)
        self.threads.append(threading.get_ident())
        return Json(content={"fields": [list(pair) for pair in incoming.form.pairs]})


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def app(services, echo):
    rows = [
        get("/read", echo, says="Reads."),
        get("/one/{name}", echo, says="Reads one."),
        post_row("/write", echo, says="Writes.", body_limit=100),
        post_row("/answer", echo, says="Takes answers of other sites.", is_cross_site=True),
    ]
    return a_rim(services, rows)


def test_a_request_reaches_its_handler_as_a_value(app, echo):
    headers = [("cookie", "a=1; b=2"), ("user-agent", "Chrome"), ("x-forwarded-for", "198.51.100.1")]
    reply = ask(app, "GET", "/one/okta", query=b"q=1&q=2", headers=headers)
    (seen,) = echo.seen
    assert reply.status == 200
    assert (seen.method, seen.path, seen.path_parameters) == ("GET", "/one/okta", {"name": "okta"})
    assert seen.query.all("q") == ("1", "2")
    assert (seen.cookies, seen.user_agent, seen.client_address) == ({"a": "1", "b": "2"}, "Chrome", "203.0.113.24")


def test_a_body_over_its_limit_is_refused_before_any_handler_sees_it(app, echo):
    reply = ask(app, "POST", "/write", headers=[OWN, FORM, ("content-length", "101")], body=b"a" * 101)
    assert (reply.status, echo.seen) == (413, [])


def test_a_body_that_hides_its_length_is_refused_at_the_first_byte_too_many(app, echo):
    taken = []

    async def endless():
        while True:
            taken.append(1)
            yield b"a" * 60

    reply = ask(app, "POST", "/write", headers=[OWN, FORM], body=endless)
    assert (reply.status, len(taken), echo.seen) == (413, 2, [])


def test_a_body_that_does_not_arrive_is_not_waited_for(app, echo, monkeypatch):
    monkeypatch.setattr(rim_module, "BODY_DEADLINE", 0.01)

    async def slow():
        yield b"a="
        await asyncio.sleep(5)

    reply = ask(app, "POST", "/write", headers=[OWN, FORM], body=slow)
    assert (reply.status, echo.seen) == (408, [])


@pytest.mark.parametrize("body", [b"a=%ff", b"a=%00", b"=x"])
def test_a_malformed_form_is_a_page_and_not_a_traceback(app, echo, body):
    reply = ask(app, "POST", "/write", headers=[OWN, FORM], body=body)
    assert (reply.status, echo.seen) == (400, [])
    assert "<title>Error:" in reply.text


def test_a_malformed_query_is_refused(app, echo):
    assert ask(app, "GET", "/read", query=b"q=%ff").status == 400
    assert echo.seen == []


@pytest.mark.parametrize("headers", [[], [("origin", "https://evil.example")], [("sec-fetch-site", "cross-site")]])
def test_a_form_of_another_site_is_refused(app, echo, headers):
    reply = ask(app, "POST", "/write", headers=[FORM, *headers], body=b"a=1")
    assert (reply.status, echo.seen) == (403, [])


def test_answers_of_identity_providers_come_from_other_sites(app, echo):
    reply = ask(app, "POST", "/answer", headers=[FORM, ("origin", "https://acme.okta.example")], body=b"a=1")
    assert (reply.status, len(echo.seen)) == (200, 1)


@pytest.mark.parametrize("path", ["/nowhere", "/read/", "/one/a/b", "/\x00", "/\r\nX: y", "/" + "a" * 5000])
def test_an_unknown_page_is_404(app, path):
    reply = ask(app, "GET", path)
    assert reply.status == 404
    assert "<h1>" in reply.text


def test_a_wrong_method_is_405_and_says_which_are_taken(app, echo):
    assert ask(app, "GET", "/write").header("allow") == "POST"
    reply = ask(app, "DELETE", "/read", headers=[OWN])
    assert (reply.status, reply.header("allow"), echo.seen) == (405, "GET, HEAD", [])


def test_head_is_get_without_the_body(app, echo):
    whole, head = ask(app, "GET", "/read"), ask(app, "HEAD", "/read")
    assert (head.status, head.body) == (200, b"")
    assert head.headers == whole.headers


def test_every_answer_carries_the_security_headers(app):
    for reply in (ask(app, "GET", "/read"), ask(app, "GET", "/nowhere"), ask(app, "POST", "/write")):
        assert "default-src 'none'" in reply.header("content-security-policy")
        assert "frame-ancestors 'none'" in reply.header("content-security-policy")
        assert reply.header("referrer-policy") == "same-origin"
        assert reply.header("x-content-type-options") == "nosniff"
        assert reply.header("cross-origin-opener-policy") == "same-origin"
        assert reply.header("strict-transport-security").startswith("max-age=")
        assert reply.header("cache-control") == "no-store"


def test_a_program_reads_a_refusal_as_problem_json(app):
    reply = ask(app, "GET", "/nowhere", headers=[("accept", "application/json")])
    problem = json.loads(reply.body)
    assert reply.header("content-type").startswith("application/problem+json")
    assert (problem["type"], problem["status"]) == ("/problems/request.page_unknown", 404)


def test_every_code_has_a_page_that_its_problem_document_leads_to(services):
    app = a_rim(services)
    problem = json.loads(ask(app, "GET", "/nowhere", headers=[("accept", "application/json")]).body)
    assert ask(app, "GET", problem["type"]).status == 200
    reply = ask(app, "GET", "/problems/saml.audience_mismatch")
    assert (reply.status, "Invalid SAML response" in reply.text) == (200, True)
    assert ask(app, "GET", "/problems/saml.no_such_code").status == 404


def test_a_bug_is_a_page_with_a_reference_and_a_line_in_the_log(services):
    def broken(incoming, given):
        raise RuntimeError("a secret of the machine")

    with capture_logs() as logs:
        reply = ask(a_rim(services, [get("/broken", broken, says="Breaks.")]), "GET", "/broken")
    (line,) = [line for line in logs if line["event"] == "web.broken"]
    assert reply.status == 500
    assert line["reference"] in reply.text
    assert line["exc_info"]
    assert "secret" not in reply.text


def test_a_template_that_breaks_is_a_bug_like_any_other(services):
    rows = [get("/broken", lambda incoming, given: Page(template="login/sso.html", values={}), says="Breaks.")]
    assert ask(a_rim(services, rows), "GET", "/broken").status == 500


def test_a_row_on_the_loop_moves_to_a_thread_when_the_store_is_busy(services):
    threads = []

    def busy_at_first(incoming, given):
        threads.append(threading.get_ident())
        if len(threads) == 1:
            raise StoreBusy(waited_ms=50)
        return Json(content="done")

    reply = ask(a_rim(services, [get("/busy", busy_at_first, says="Waits.")]), "GET", "/busy")
    assert reply.status == 200
    assert threads[0] == threading.get_ident() != threads[1]


def test_a_row_on_a_thread_leaves_the_loop_alone(services, echo):
    ask(a_rim(services, [get("/slow", echo, says="Waits.", where=Where.THREAD)]), "GET", "/slow")
    assert echo.threads != [threading.get_ident()]


def test_only_a_page_whose_form_leaves_may_post_elsewhere(services):
    def leaving(incoming, given):
        values = {"title": "t", "text": "", "reference": None, "at": incoming.now}
        return Page(template="problem/refused.html", values=values, csp=Csp.FORMS_LEAVE)

    reply = ask(a_rim(services, [get("/leave", leaving, says="Leaves.")]), "GET", "/leave")
    assert "form-action" not in reply.header("content-security-policy")


def test_a_cookie_is_set_as_it_is_described(services):
    def setting(incoming, given):
        cookies = (
            SetCookie(name="__Host-a", value="1", max_age=60, same_site="none"),
            SetCookie(name="__Host-b", value="", max_age=0),
        )
        return SeeOther(location="/next", cookies=cookies)

    reply = ask(a_rim(services, [get("/set", setting, says="Sets.")]), "GET", "/set")
    assert (reply.status, reply.header("location")) == (303, "/next")
    assert reply.cookies == [
        "__Host-a=1; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=60",
        "__Host-b=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
    ]


def test_the_host_of_a_request_never_reaches_an_answer(services):
    app = a_rim(services)
    for path in ("/login", "/", "/nowhere"):
        reply = ask(app, "GET", path, headers=[("host", "evil.example"), ("x-forwarded-host", "evil.example")])
        assert "evil.example" not in reply.text + str(reply.headers)


def test_an_asset_is_found_by_its_content_and_kept_for_ever(services):
    app = a_rim(services)
    page = ask(app, "GET", "/login").text
    address = page.split('href="/static/')[1].split('"')[0]
    reply = ask(app, "GET", f"/static/{address}")
    assert (reply.status, reply.header("content-type")) == (200, "text/css; charset=utf-8")
    assert "immutable" in reply.header("cache-control")
    assert ask(app, "GET", "/static/000000000000/app.css").status == 404
    assert ask(app, "GET", f"/static/{address.split('/')[0]}/..%2fapp.py").status == 404


def test_two_demos_on_one_machine_keep_their_cookies_apart(tmp_path):
    names = []
    for port in (8080, 8090):
        services = some_services(tmp_path / str(port), public_url=f"http://localhost:{port}")
        origin = [("origin", f"http://localhost:{port}"), FORM]
        reply = ask(a_rim(services), "POST", "/theme", headers=origin, body=b"theme=dark&return_to=/login")
        names.append(reply.cookies[0].split("=")[0])
        services.close()
    assert names == ["__Host-ostiary-theme-8080", "__Host-ostiary-theme-8090"]


def test_the_process_and_its_store_say_how_they_are(services):
    app = a_rim(services)
    assert (ask(app, "GET", "/healthz").status, ask(app, "GET", "/readyz").status) == (200, 200)
    services.close()
    assert ask(app, "GET", "/healthz").status == 200


def test_what_runs_beside_the_server_starts_and_stops_with_it(services):
    told = []

    class Beside:
        async def __aenter__(self):
            told.append("started")

        async def __aexit__(self, *failure):
            told.append("stopped")

    async def live():
        messages = iter(["lifespan.startup", "lifespan.shutdown"])
        sent = []

        async def receive():
            return {"type": next(messages)}

        async def send(message):
            sent.append(message["type"])

        await rim_module.build_app(services, lifespan=Beside)({"type": "lifespan"}, receive, send)
        return sent

    assert asyncio.run(live()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert told == ["started", "stopped"]


def test_what_answers_a_form_shows_the_switch_of_the_colours_to_a_script_alone(services):
    """Without one it would lead away from what was typed, or from what is shown once."""
    app = a_rim(services)
    answered = post(app, "/login", "email=dana@acme.example&password=wrong")
    assert answered.status == 403
    assert '<form class="themes with-script"' in answered.text
    assert '<form class="themes"' in ask(app, "GET", "/login").text


def test_the_colours_are_chosen_by_a_form_and_remembered_by_a_cookie(services):
    app = a_rim(services)
    reply = post(app, "/theme", "theme=dark&return_to=%2Flogin%2Fsso")
    assert (reply.status, reply.header("location")) == (303, "/login/sso")
    cookie = reply.cookies[0].split(";")[0]
    assert 'data-theme="dark"' in ask(app, "GET", "/login", headers=[("cookie", cookie)]).text
    assert "data-theme" not in ask(app, "GET", "/login").text
    assert post(app, "/theme", "theme=plaid&return_to=//evil.example").header("location") == "/"
