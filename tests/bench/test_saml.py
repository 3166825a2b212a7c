"""What reading one answer costs, beside the bare work in C and beside other libraries, on the very same bytes.

Processor time, in turns. `ratio_to_c_floor` is ours through the floor's; `ratio_to_` another is how many times as long
that one takes.
"""

from base64 import b64encode
from collections.abc import Iterator

import pytest

from ostiary import saml
from ostiary.saml.bindings import decode_post
from ostiary.saml.plain.content import read_octets
from ostiary.saml.plain.document import read_document
from ostiary.saml.xmldsig import verify_plain
from tests.bench.contest.answers import ANSWERS, write_answers
from tests.bench.contest.contestant import CONTESTANTS, FLOOR, OURS, Timing, stop_workers
from tests.bench.figures import Compared, compare, keep
from tests.saml.circumstances import usual

ROUNDS = 15
SECONDS = 0.06
"""Of each contestant in each round."""


@pytest.fixture(scope="module")
def contestants(tmp_path_factory) -> Iterator[dict[str, Timing]]:
    """Those that this machine has, ready for the answers."""
    folder = tmp_path_factory.mktemp("answers")
    write_answers(folder)
    started = {contestant.name: contestant.start(folder) for contestant in CONTESTANTS}
    yield {name: timing for name, timing in started.items() if timing is not None}
    stop_workers()


def race(answer: str, timings: dict[str, Timing]) -> Compared:
    """Seconds of processor time for one reading of this answer, of each in each round."""
    times = {name: max(1, int(SECONDS / (timing(answer, 3) / 3))) for name, timing in timings.items()}
    rounds: dict[str, list[float]] = {name: [] for name in timings}
    for _ in range(ROUNDS):
        for name, timing in timings.items():
            rounds[name].append(timing(answer, times[name]) / times[name])
    return Compared(rounds=rounds)


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer.name for answer in ANSWERS])
def test_reading_an_answer_with_every_check_costs_about_the_bare_work_in_c(answer, contestants):
    unable = {contestant.name for contestant in CONTESTANTS if answer.name in contestant.unable}
    compared = race(answer.name, {name: timing for name, timing in contestants.items() if name not in unable})
    figures: dict[str, object] = {"bytes": len(answer.written())}
    assert {OURS.name, FLOOR.name} <= compared.rounds.keys(), "the floor needs a C compiler, libxml2 and libcrypto"
    for name in compared.rounds:
        figures[f"{name}_us"] = compared.microseconds(name)
    figures["ratio_to_c_floor"] = compared.ratio(OURS.name, to=FLOOR.name)
    for name in compared.rounds:
        if name not in {OURS.name, FLOOR.name}:
            figures[f"ratio_to_{name}"] = compared.ratio(name, to=OURS.name)
    keep(f"saml.validate.{answer.name}", figures)
    assert compared.ratio(OURS.name, to=FLOOR.name) < 4  # a slip of an order of magnitude, not a busy machine


def test_where_the_time_of_one_answer_goes():
    """Each stage by itself and warm, which is a little less than in the midst of the others."""
    [written] = [each.written() for each in ANSWERS if each.name == "8k"]
    arguments = usual()
    form_value = b64encode(written)
    plain = read_document(written)
    assert plain is not None
    assertion, provider, policy = plain.assertion, arguments["identity_provider"], arguments["policy"]
    compared = compare(
        {
            "read_response": lambda: saml.read_response(form_value, **arguments),
            "diagnose_response": lambda: saml.diagnose_response(form_value, **arguments),
            "base64": lambda: decode_post(form_value),
            "text to octets": lambda: read_document(written),
            "digest and signature": lambda: verify_plain(assertion, provider=provider, policy=policy),
            "octets to content": lambda: read_octets(assertion.octets),
        }
    )
    keep("saml, stages of 8k", {f"{name}_us": compared.microseconds(name) for name in compared.rounds})
    assert compared.ratio("read_response", to="base64") > 1
