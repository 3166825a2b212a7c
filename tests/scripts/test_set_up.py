import sys

import pytest

from scripts import set_up

LOCK = """\
alembic==1.20.1 \\
    --hash=sha256:83490def1f723413db5096591f7609ac52544805be93849170088ed04f5a2e0b
uvloop==0.23.0 ; sys_platform != 'win32' \\
    --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
"""


def test_the_pins_of_a_lock_are_its_versions():
    assert set_up.pins(LOCK) == {"alembic==1.20.1", "uvloop==0.23.0"}


def test_settings_of_tools_do_not_install_the_package_anew():
    package = '[project]\nname = "ostiary"\n'
    assert set_up.package_part(package + "\n[tool.ruff]\nline-length = 120\n") == package


def test_this_python_is_new_enough_and_a_missing_one_is_not():
    assert set_up.version_of(sys.executable) >= set_up.OLDEST_PYTHON
    assert set_up.version_of("/nowhere/python") < set_up.OLDEST_PYTHON


def test_a_machine_without_a_new_python_is_told_in_words(monkeypatch):
    monkeypatch.setattr(set_up, "version_of", lambda python: (3, 8))
    with pytest.raises(SystemExit) as ended:
        set_up.find_python()
    assert "Ostiary needs Python 3.11 or newer" in str(ended.value)
    assert "apt-get install python3" in str(ended.value)
