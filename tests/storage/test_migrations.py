"""The schema is reached from nothing and from every earlier version, on both engines, and never goes back."""

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, insert

from ostiary.kernel.randomness import SystemRandom
from ostiary.storage import open_store, open_vault, upgrade, versions
from ostiary.storage.engine import Database
from ostiary.storage.errors import SchemaNewer, SchemaOlder
from ostiary.storage.schema import METADATA
from ostiary.storage.versions import bring_up_to_date, known_versions, migrate, require_version, version_of
from tests.storage.builders import NOW, an_organization

NEXT = '''"""A step of the next version, for tests."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = {before!r}


def upgrade() -> None:
    op.add_column("organizations", sa.Column("motto", sa.Text()))
    op.execute("UPDATE organizations SET motto = 'onward'")
'''


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Call it, and the product has one more migration: it is the next version."""

    def become() -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(Path(versions.__file__).with_name("migrations"), folder)
        text = NEXT.format(before=known_versions()[-1])
        (folder / "versions" / "9999_the_next.py").write_text(text)
        monkeypatch.setattr(versions, "_MIGRATIONS", folder)

    return become


@pytest.mark.parametrize("start", ["", *known_versions()])
def test_the_schema_is_reached_from_every_version(database_url, start):
    database = Database(database_url)
    _make_folder(database)
    if start:
        assert migrate(database, to=start) == start
    assert upgrade(database_url) == known_versions()[-1]
    assert version_of(database) == require_version(database) == known_versions()[-1]
    link = database.take()
    context = MigrationContext.configure(link.core, opts={"compare_type": False})
    differences = compare_metadata(context, METADATA)
    database.give_back(link, is_usable=False)
    assert differences == []
    database.close()


def test_an_upgrade_that_is_repeated_changes_nothing(database_url):
    assert upgrade(database_url) == upgrade(database_url)


def test_replicas_that_upgrade_at_the_same_time_take_turns(database_url):
    results: list[str] = []
    threads = [threading.Thread(target=lambda: results.append(upgrade(database_url))) for _ in range(3)]
    _make_folder(Database(database_url))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert results == [known_versions()[-1]] * 3


def test_an_older_sqlite_file_is_copied_and_upgraded_at_start(tmp_path, key_file, next_version):
    url = f"sqlite:///{tmp_path / 'data' / 'ostiary.db'}"
    organization = an_organization()
    store = open_store(url, vault=_vault(key_file), is_demo=False)
    with store.write() as tx:
        tx.organizations.insert(organization)
    store.close()
    before = known_versions()[-1]
    next_version()
    store = open_store(url, vault=_vault(key_file), is_demo=False)
    with store.read() as tx:
        assert tx.organizations.every() == (organization,)
        assert tx.run.core.exec_driver_sql("SELECT motto FROM organizations").scalar() == "onward"
    store.close()
    copy = tmp_path / "data" / f"ostiary.db.before-9999-was-{before}"
    assert copy.stat().st_mode & 0o077 == 0
    assert version_of(Database(f"sqlite:///{copy}")) == before


def test_an_older_postgresql_waits_for_the_command(postgres_url, key_file, next_version):
    upgrade(postgres_url)
    before = known_versions()[-1]
    next_version()
    with pytest.raises(SchemaOlder) as refused:
        open_store(postgres_url, vault=_vault(key_file), is_demo=False)
    assert refused.value.facts() == {"database_version": before, "known_version": "9999"}
    assert upgrade(postgres_url) == "9999"


def test_a_newer_schema_refuses_to_start(database_url, key_file, next_version, monkeypatch):
    known = versions._MIGRATIONS
    next_version()
    upgrade(database_url)
    monkeypatch.setattr(versions, "_MIGRATIONS", known)
    expected = {"database_version": "9999", "known_version": known_versions()[-1]}
    with pytest.raises(SchemaNewer) as refused:
        open_store(database_url, vault=_vault(key_file), is_demo=False)
    assert refused.value.facts() == expected
    with pytest.raises(SchemaNewer):
        upgrade(database_url)


def test_a_running_server_goes_on_while_the_next_version_runs_beside_it(store, database_url, next_version):
    """Expand first, contract one version later: the one before reads and writes in the newer schema."""
    first, second = an_organization(), an_organization()
    with store.write() as tx:
        tx.organizations.insert(first)
    next_version()
    upgrade(database_url)
    with store.write() as tx:
        tx.organizations.insert(second)
        assert set(tx.organizations.every()) == {first, second}


def test_a_key_of_the_first_version_is_the_current_one(database_url, key_file):
    """And one that it had retired, which nothing ever used again, is gone."""
    database = Database(database_url)
    _make_folder(database)
    migrate(database, to="0001")
    link = database.take()
    now = NOW if database.is_postgres else 0
    of = {"organization_id": "o1", "created_at": now}
    key = {**of, "connection_id": "c1", "private_key": b"sealed"}
    newer: dict[str, dict[str, Any]] = {"organizations": {"plan_since": now}, "connections": {"was_ever_on": False}}
    for name, row in (
        ("organizations", {"id": "o1", "slug": "acme", "name": "Acme", "plan": "business", "created_at": now}),
        ("connections", {**of, "id": "c1", "protocol": "saml", "provider": "okta", "entity_id": "e"}),
        ("signing_keys", {**key, "id": "k1"}),
        ("signing_keys", {**key, "id": "k2", "retired_at": now}),
    ):
        as_it_was = Table(name, MetaData(), autoload_with=link.core)
        more = newer.get(name, {})
        link.core.execute(insert(as_it_was).values(**row, **more))
    link.core.commit()
    database.give_back(link, is_usable=True)
    upgrade(database_url)
    link = database.take()
    rows = link.core.exec_driver_sql("SELECT id, role, retired_at, changed_at FROM signing_keys").all()
    database.give_back(link, is_usable=False)
    assert [tuple(row) for row in rows] == [("k1", "current", None, None)]


def test_an_upgrade_that_breaks_leaves_the_database_as_it_was(store, database_url, next_version):
    with store.write() as tx:
        tx.organizations.insert(an_organization())
    before = known_versions()[-1]
    next_version()
    step = versions._MIGRATIONS / "versions" / "9999_the_next.py"
    step.write_text(step.read_text() + "    raise ZeroDivisionError\n")
    with pytest.raises(ZeroDivisionError):
        upgrade(database_url)
    assert version_of(Database(database_url)) == before
    with store.read() as tx:
        assert len(tx.organizations.every()) == 1
        columns = tx.run.core.exec_driver_sql("SELECT * FROM organizations").keys()
    assert "motto" not in columns


def test_the_schema_is_made_without_alembic_when_there_is_nothing_to_do(tmp_path, key_file):
    """A server that starts on a current database does not load the migrations (decision 33)."""
    import subprocess
    import sys

    url = f"sqlite:///{tmp_path / 'data' / 'ostiary.db'}"
    open_store(url, vault=_vault(key_file), is_demo=False).close()
    code = (
        "import sys; from pathlib import Path; from ostiary.kernel.randomness import SystemRandom\n"
        "from ostiary.storage import open_store, open_vault\n"
        f"open_store({url!r}, vault=open_vault(Path({str(key_file)!r}), random=SystemRandom()), is_demo=False)\n"
        "print(sorted(m for m in ('alembic', 'psycopg', 'mako') if m in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def _make_folder(database: Database) -> None:
    if not database.is_postgres:
        database.path.parent.mkdir(parents=True, exist_ok=True)


def _vault(key_file: Path):
    return open_vault(key_file, random=SystemRandom())


def test_bringing_up_to_date_makes_a_new_file(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'a' / 'b' / 'ostiary.db'}")
    bring_up_to_date(database)
    assert version_of(database) == known_versions()[-1]
    database.close()
