import json
import resource
import socket
from urllib.parse import urlsplit

import pytest

from tests.demo.conftest import free_ports, running

pytestmark = pytest.mark.slow

PRODUCT, ONELOGIN, OKTA, PAGES = range(4)


def test_every_part_answers(demo):
    assert demo.get("/healthz").status == 200
    assert demo.get("/readyz").status == 200
    assert [demo.get("/", part=part).status < 400 for part in (ONELOGIN, OKTA, PAGES)] == [True, True, True]


def test_each_provider_of_openid_connect_answers_under_its_issuer(demo):
    tenant = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"
    for part, path in ((ONELOGIN, "/oidc/2"), (OKTA, ""), (6, ""), (7, f"/{tenant}/v2.0"), (8, "/realms/acme")):
        document = json.loads(demo.get(f"{path}/.well-known/openid-configuration", part=part).text)
        assert document["issuer"] == f"http://127.0.0.1:{demo.port + part}{path}"


def test_people_are_at_the_providers_where_their_company_is(demo):
    pages = [demo.get("/login", part=part).text for part in (6, 7, 8)]
    assert ["dana.whitfield@acme.example" in page for page in pages] == [True, True, True]
    assert ["hank.scorpio@globex.example" in page for page in pages] == [True, True, False]


def test_the_terminal_says_where_to_begin_and_everyones_password(demo):
    assert f"Open http://127.0.0.1:{demo.port + 3} to begin." in demo.output
    assert f"http://localhost:{demo.port} " in demo.output
    for said in ("dana.whitfield@acme.example", "ringline-demo", "onelogin-demo", "okta-demo", "entra-demo"):
        assert said in demo.output


def test_somebody_of_globex_is_sent_to_okta(demo):
    answer = demo.post("/login/sso", {"email": "nora.feld@globex.example", "return_to": ""})
    assert answer.status == 303
    assert urlsplit(answer.headers["location"]).netloc == f"127.0.0.1:{demo.port + OKTA}"
    assert "SAMLRequest=" in answer.headers["location"]


def test_somebody_of_acme_is_asked_for_a_password(demo):
    answer = demo.post("/login/sso", {"email": "dana.whitfield@acme.example", "return_to": ""})
    assert answer.status == 200
    assert 'type="password"' in answer.text


def test_an_owner_signs_in_with_the_password_that_was_printed(demo):
    answer = demo.post("/login", {"email": "dana.whitfield@acme.example", "password": "ringline-demo", "return_to": ""})
    assert answer.status == 303
    assert f"__Host-ostiary-session-{demo.port}=" in answer.headers["set-cookie"]


def test_the_second_start_keeps_everything_and_is_quick(tmp_path):
    port = free_ports()
    folder = tmp_path / "kept"
    with running(folder, port=port) as first:
        first.post("/dns", {"name": "kept.acme.example", "value": "still here"}, part=PAGES)
        first.post("/dns/remove", _globex_record(first), part=PAGES)
        assert first.stop() == 0
    spent = cpu_seconds_of_ended_processes()
    with running(folder, port=port) as second:
        records = second.get("/dns", part=PAGES).text
        assert "still here" in records
        assert "globex" not in records  # what was removed is not planted again
        assert second.post("/login/sso", {"email": "nora.feld@globex.example", "return_to": ""}).status == 303
    # The whole life of the second one; by the clock it would be a test of what else this machine is doing.
    assert cpu_seconds_of_ended_processes() - spent < 3


def test_a_demo_at_another_port_is_another_demo(tmp_path):
    folder = tmp_path / "kept"
    with running(folder, port=free_ports()) as first:
        first.post("/dns", {"name": "kept.acme.example", "value": "of the first"}, part=PAGES)
    with running(folder, port=free_ports()) as second:
        assert "of the first" not in second.get("/dns", part=PAGES).text
        answer = second.post("/login/sso", {"email": "nora.feld@globex.example", "return_to": ""})
        assert urlsplit(answer.headers["location"]).port == second.port + OKTA


def test_a_port_that_is_taken_is_said_in_words(tmp_path, run_ostiary):
    port = free_ports()
    with socket.create_server(("127.0.0.1", port + OKTA)):
        ended = run_ostiary("demo", "--port", str(port), "--data-dir", str(tmp_path / "kept"))
    assert ended.returncode == 2
    assert f"Port {port + OKTA}, for the simulated Okta, is taken by another program." in ended.stderr
    assert "OSTIARY_PORT=9080 make run" in ended.stderr
    assert not (tmp_path / "kept").exists()


def test_a_port_without_eight_after_it_is_refused(tmp_path, run_ostiary):
    ended = run_ostiary("demo", "--port", "65535", "--data-dir", str(tmp_path / "kept"))
    assert ended.returncode == 2
    assert "between 1 and 65527" in ended.stderr


def test_a_server_refuses_the_database_of_a_demo(demo, run_ostiary):
    ended = run_ostiary("serve", OSTIARY_PORT=str(free_ports()), **demo.settings)
    assert ended.returncode == 1
    assert "demo" in ended.stderr


def test_a_wrong_setting_is_said_in_words(tmp_path, run_ostiary):
    words = ("demo", "--port", str(free_ports()), "--data-dir", str(tmp_path / "kept"))
    ended = run_ostiary(*words, OSTIARY_ACCENT_COLOUR="blue")
    assert ended.returncode == 2
    assert "OSTIARY_ACCENT_COLOUR" in ended.stderr


def cpu_seconds_of_ended_processes() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _globex_record(demo) -> dict[str, str]:
    page = demo.get("/dns", part=PAGES).text
    form = next(part for part in page.split("<form") if "/dns/remove" in part and "globex" in part)
    return {name: form.split(f'name="{name}" value="')[1].split('"')[0] for name in ("name", "value")}
