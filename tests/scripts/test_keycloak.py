import hashlib
import io

import pytest

from scripts import keycloak

CONTENT = b"a distribution"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and a Keycloak of a few bytes."""
    monkeypatch.setattr(keycloak, "CACHE", tmp_path)
    monkeypatch.setattr(keycloak, "BYTES", len(CONTENT))
    monkeypatch.setattr(keycloak, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    return tmp_path


def answers(monkeypatch, content):
    monkeypatch.setattr("urllib.request.urlopen", lambda url, timeout: io.BytesIO(content))


def test_what_was_fetched_whole_is_kept(cache, monkeypatch):
    answers(monkeypatch, CONTENT)
    keycloak._download(cache / "keycloak.zip")
    assert (cache / "keycloak.zip").read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT[:-1] + b"N", b""])
def test_what_is_cut_off_or_another_is_not_kept(cache, monkeypatch, content):
    answers(monkeypatch, content)
    with pytest.raises(SystemExit, match="not the Keycloak that these tests know"):
        keycloak._download(cache / "keycloak.zip")
    assert list(cache.iterdir()) == []


def test_a_registry_that_is_away_is_told_in_words(cache, monkeypatch):
    def away(url, timeout):
        raise OSError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", away)
    with pytest.raises(SystemExit, match="could not be fetched from Maven Central: no route to host"):
        keycloak._download(cache / "keycloak.zip")


def test_without_a_java_that_is_new_enough_it_is_not_there(monkeypatch):
    monkeypatch.setattr(keycloak, "_java", lambda: 11)
    assert not keycloak.is_there()
