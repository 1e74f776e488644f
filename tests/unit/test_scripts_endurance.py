"""What scripts/soak_page.py and scripts/kill_page.py take for growth and for a loss."""

from __future__ import annotations

import random

import pytest

from endurance import kills, soak
from endurance.kills import Kill, Seen
from endurance.memory import BROWSER, HEAP, JUDGED, KERNELS, NODES
from endurance.shown_drawings import picture
from endurance.soak import Soak
from tinyvlm.media.images import load_image

ASKED = [("What?", "red", "done"), ("And now?", "a cir", "streaming")]


def seen(*, heap: float = 1.0, last: float = 100.0, failed: tuple[str, ...] = ()) -> Soak:
    before = {**dict.fromkeys(JUDGED, 1e7), BROWSER: 2e6, NODES: 300.0}
    return Soak(
        200, 50, before, {**before, HEAP: 2e7}, {**before, HEAP: 1e7 * heap}, [100.0] * 100 + [last] * 100, list(failed)
    )


def test_what_stays_as_it_is_is_fine() -> None:
    assert soak.wrong(seen(heap=1.04, last=119.0)) == []


def test_growth_and_waiting_are_said() -> None:
    assert soak.wrong(seen(heap=1.06)) == ["page, JavaScript has grown by 6.0%, more than 5%."]
    assert soak.wrong(seen(last=125.0)) == ["Answers take 25% longer at the end."]
    assert soak.wrong(seen(failed=("question 3: error",))) == ["question 3: error"]


def test_growth_is_of_what_was_there_early() -> None:
    grown = seen()
    grown.before[KERNELS] = 9e6
    assert soak.wrong(grown) == ["kernels has grown by 11.1%, more than 5%."]


@pytest.mark.parametrize(("name", "value"), [(NODES, 900.0), (BROWSER, 6e6)])
def test_nodes_and_the_browser_s_objects_are_shown_and_not_judged(name: str, value: float) -> None:
    grown = seen()
    grown.after[name] = value
    assert soak.wrong(grown) == []
    (line,) = (line for line in soak.table(grown).splitlines() if line.startswith(name))
    assert line.split()[-1] == "+200.0%"


def test_pictures_hang_on_the_seed_alone() -> None:
    one, same, other = (picture(random.Random(seed)) for seed in (1, 1, 2))
    assert one == same != other
    assert load_image(one).width >= 64


@pytest.mark.parametrize("state", ["stopped", "error", "done"])
def test_an_answer_that_ended_otherwise_is_no_loss(state: str) -> None:
    after = Seen([ASKED[0], ("And now?", "a circle", state)], 2)
    assert kills.losses(Seen(ASKED, 2), after) == []


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (Seen(ASKED[:1], 2), "1 of 2 messages are left"),
        (Seen([ASKED[0], ("And now?", "", "stopped")], 1), "1 of 2 images are left"),
        (Seen([("Who?", "red", "done"), ("And now?", "", "stopped")], 2), "question 1 is another one: 'Who?'"),
        (Seen([("What?", "", "done"), ("And now?", "", "stopped")], 2), "answer 1 is another one: '', not 'red'"),
        (Seen([("What?", "red", "stopped"), ("And now?", "", "stopped")], 2), "answer 1 was done, and is stopped"),
        (Seen(ASKED, 2), "answer 2 looks as if it were still being written"),
    ],
)
def test_losses_are_said(after: Seen, said: str) -> None:
    assert kills.losses(Seen(ASKED, 2), after) == [said]


def test_the_table_counts_by_kind() -> None:
    both = [Kill("crash", 1, "streaming", "stopped", []), Kill("crash", 2, "done", "done", ["1 of 2 images are left"])]
    (line,) = (line for line in kills.table(both).splitlines() if line.startswith("crash"))
    assert line.split() == ["crash", "2", "1", "1", "1"]
