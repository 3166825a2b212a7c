"""Words for a store that can't be used. The operator reads them at the command line; a visitor reads a safe text."""

from typing import Final

from ostiary.kernel.errors import Named
from ostiary.problems.problem import OURS, Fixer, Problem, Shown
from ostiary.storage import errors


def _operator(
    *, title: str, cause: str, label: str, steps: tuple[str, ...], shows: tuple[Shown, ...] = (), status: int = 503
) -> Problem:
    """Something that only the operator of the server can put right."""
    return Problem(
        title=title,
        cause=cause,
        label=label,
        steps=steps,
        fixer=Fixer.OPERATOR,
        user=OURS,
        status=status,
        shows=shows,
        ends_with_again=False,
    )


CATALOGUE: Final[dict[type[Named], Problem]] = {
    errors.StoreBusy: _operator(
        title="The database was busy for {waited_ms} ms, longer than is waited.",
        cause="Nothing was changed. One such line means nothing; many mean that something holds the database.",
        label="database busy",
        steps=(
            "Look for a backup, a long query or another program that has the database open.",
            "If it is busy by itself, move to PostgreSQL: `ostiary backup`, then `ostiary restore` there.",
        ),
    ),
    errors.StoreUnreachable: _operator(
        title="The database can't be reached: {why}.",
        cause="The server answers with a page that says so, and goes on by itself when the database is back.",
        label="database out of reach",
        steps=(
            "Look whether OSTIARY_DATABASE_URL names the right database: {database}",
            "Look whether this machine may reach it, and whether the disk is full.",
        ),
    ),
    errors.KeyMissing: _operator(
        title="There is a database, and the file with its key is missing: {key_file}.",
        cause="The secrets in the database can be opened by this key alone. "
        "A new key was not made, because it would open nothing.",
        label="key file missing",
        steps=(
            "Put the key file back from where you keep it, or set OSTIARY_KEY_FILE to where it is.",
            "If it is lost, no secret in this database can be opened again: begin with an empty database.",
        ),
    ),
    errors.KeyUnreadable: _operator(
        title="The key file holds no key: {key_file}.",
        cause="It was changed or cut short. It is text, one key in each line.",
        label="key file can't be read",
        steps=("Put the key file back from where you keep it.",),
    ),
    errors.KeyExposed: _operator(
        title="Others than its owner may read the key file: {key_file}.",
        cause="Its mode is {mode}. Whoever has this file and a backup can open every secret.",
        label="key file open to others",
        steps=("Close it: `chmod 600 {key_file}`", "If others may have read it, change the key: `ostiary keys rotate`"),
    ),
    errors.KeyWrong: _operator(
        title="The database was sealed with another key than those in the key file.",
        cause="Nothing was opened and nothing was changed.",
        label="another key",
        steps=("Set OSTIARY_KEY_FILE to the file that belongs to this database.",),
        shows=(Shown("Expected", "expected", "Key of the database"), Shown("Received", "received", "Keys in the file")),
    ),
    errors.SealBroken: _operator(
        title="A sealed value does not open: {table}, {column}.",
        cause="It was changed, or moved from another row. What it protects is not used.",
        label="sealed value changed",
        steps=(
            "Find out who writes to the database besides Ostiary.",
            "Restore the last backup in which it opens: `ostiary restore`",
        ),
        shows=(Shown("Row", "row"),),
        status=500,
    ),
    errors.SchemaNewer: _operator(
        title="A newer version has written this database: {database_version}.",
        cause="This version knows {known_version}. Running it would lose what the newer one has added.",
        label="database of a newer version",
        steps=("Start the newer version, or restore the backup from before the upgrade.",),
    ),
    errors.SchemaOlder: _operator(
        title="The database is of an older version: {database_version}. Needed is {known_version}.",
        cause="On PostgreSQL the upgrade is a step of its own, so that it runs once, when you want it.",
        label="database of an older version",
        steps=("Make a backup: `ostiary backup`", "Upgrade: `ostiary db upgrade`"),
    ),
    errors.DemoDatabase: _operator(
        title="The demo made this database, and a server does not open it: {database}.",
        cause="Everybody knows its passwords.",
        label="database of the demo",
        steps=("Set OSTIARY_DATA_DIR or OSTIARY_DATABASE_URL to a database of your own.",),
    ),
    errors.NotDemoDatabase: _operator(
        title="A server made this database, and the demo does not touch it: {database}.",
        cause="The demo fills its database with people whose passwords are known.",
        label="database of a server",
        steps=("Start the demo with another OSTIARY_DATA_DIR, or without one.",),
    ),
    errors.BackupUnreadable: _operator(
        title="The file is no whole backup: {path}.",
        cause="{why}. Nothing was changed.",
        label="no whole backup",
        steps=("Use another one. `ostiary backup` writes a new one at any time.",),
        status=400,
    ),
    errors.BackupExists: _operator(
        title="There is a file of this name already: {path}.",
        cause="A backup never takes the place of another one. Nothing was written.",
        label="backup is there already",
        steps=("Give the backup another name, with the date and the time in it.",),
    ),
    errors.RestoreNeedsEmpty: _operator(
        title="A backup goes into an empty database, and this one is not empty: {database}.",
        cause="Nothing is ever overwritten.",
        label="database not empty",
        steps=("Name another database, or move this one away yourself.",),
        status=409,
    ),
}
