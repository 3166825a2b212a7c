import ast

import pytest

from tests.house.source import Module, dotted_name, imported_names, modules

CLOCK = "kernel/clock.py"
CHANCE = "kernel/randomness.py"
READS_THE_CLOCK = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now",
    "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "time.time", "time.time_ns",
    "time.gmtime", "time.localtime",
}  # fmt: skip
DRAWS = {"secrets", "random", "os.urandom", "uuid.uuid1", "uuid.uuid4", "uuid.uuid7"}


def test_only_one_file_reads_the_clock():
    """`now` comes in as an argument, everywhere but in kernel/clock.py.

    A login is accepted or refused by minutes. A check that asks the wall clock itself can be tested only by waiting,
    so nobody tests its edges; and two checks that ask twice can disagree about one response.
    """
    assert clock_readings(modules()) == []


def test_only_one_file_draws_random_bytes():
    """Chance comes in as an argument, everywhere but in kernel/randomness.py.

    A token from the wrong generator looks just like a good one. There is one place to look at, and no second.
    """
    assert draws(modules()) == []


@pytest.mark.parametrize(
    "line",
    ["x = datetime.now(tz=UTC)", "x = datetime.datetime.utcnow()", "x = time.time()", "from time import time"],
)
def test_the_rule_finds_a_clock_that_is_read(line):
    """A rule that finds nothing proves nothing: here it has something to find."""
    assert clock_readings([a_module(line)]) != []


@pytest.mark.parametrize("line", ["import secrets", "from random import choice", "x = uuid.uuid4()", "os.urandom(8)"])
def test_the_rule_finds_chance_that_is_drawn(line):
    """The same for the second rule."""
    assert draws([a_module(line)]) != []


def clock_readings(judged) -> list[str]:
    """Where the clock is read, outside the file that may."""
    return [
        f"{module.path}:{line} {name}"
        for module in judged
        if module.path != CLOCK
        for name, line in [*_calls(module.tree), *imported_names(module.tree)]
        if name in READS_THE_CLOCK
    ]


def draws(judged) -> list[str]:
    """Where random bytes are drawn, outside the file that may."""
    return [
        f"{module.path}:{line} {name}"
        for module in judged
        if module.path != CHANCE
        for name, line in [*_calls(module.tree), *imported_names(module.tree)]
        if name in DRAWS
    ]


def a_module(line: str) -> Module:
    return Module(path="services/example.py", text=line, tree=ast.parse(line))


def _calls(tree: ast.Module) -> list[tuple[str, int]]:
    return [(dotted_name(node.func), node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Call)]
