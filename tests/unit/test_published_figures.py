"""What public models do better, by published scores: as `tinyvlm info` prints it."""

from __future__ import annotations

import json

import pytest

from hub_server import HubServer, Repository
from public_model import smolvlm_files
from tinyvlm import cli
from tinyvlm.hub.published_figures import NOTE, PUBLISHED, TASKS, Published, published_facts

SMALL = "HuggingFaceTB/SmolVLM-256M-Instruct"
OTHER = "owner/tiny-smolvlm"


@pytest.fixture
def offered(hub: HubServer) -> HubServer:
    """A hub where a tiny model goes by a name with published figures, and by one without."""
    hub.repositories |= {name: Repository(smolvlm_files("F32")) for name in (SMALL, OTHER)}
    return hub


def printed(capsys: pytest.CaptureFixture[str], model: str, *options: str) -> str:
    assert cli.main(["info", "--model", model, "--backend", "numpy", *options]) == 0
    return capsys.readouterr().out


def test_info_prints_what_was_published(offered: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
    lines = dict(line.split(maxsplit=1) for line in printed(capsys, SMALL).splitlines() if " " in line.rstrip())
    assert lines["better_at"].startswith("questions about documents, questions about text in photos, ")
    assert lines["better_at"].endswith(", longer answers")
    assert lines["published_scores"].startswith("DocVQA val 58.3, TextVQA val 49.9, OCRBench 52.6, ChartQA test 55.8, ")
    assert lines["published_source"] == "https://huggingface.co/HuggingFaceTB/SmolVLM-256M-Instruct"
    assert "not measured here" in lines["published_note"]
    assert "the bundled model has no score" in lines["published_note"]


def test_info_has_it_in_json(offered: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
    facts = json.loads(printed(capsys, SMALL, "--json"))
    assert facts["model"] == SMALL
    assert facts["published_scores"]["DocVQA val"] == 58.3
    assert {name: facts[name] for name in published_facts(SMALL)} == published_facts(SMALL)
    assert facts["published_note"] == NOTE


def test_info_says_nothing_more_of_other_models(offered: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
    facts = json.loads(printed(capsys, OTHER, "--json"))
    assert facts["model"] == OTHER
    assert not [name for name in facts if name == "better_at" or name.startswith("published")]
    assert "published" not in printed(capsys, OTHER)


def test_nobody_is_asked_for_it(offered: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, SMALL)
    before = len(offered.requests)
    assert "better_at" in printed(capsys, SMALL, "--offline")
    assert len(offered.requests) == before


def test_every_score_is_of_a_benchmark_that_is_told() -> None:
    benchmarks = [name for names in TASKS.values() for name in names]
    assert len(set(benchmarks)) == len(benchmarks)
    for model, published in PUBLISHED.items():
        assert set(published.scores) <= set(benchmarks), model
        assert all(0 < score <= 100 for score in published.scores.values()), model
        assert published.source.startswith("https://huggingface.co/HuggingFaceTB/")


def test_only_tasks_with_a_score_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PUBLISHED, OTHER, Published("https://example.org", {"AI2D": 50.0}))
    assert published_facts(OTHER)["better_at"] == ["questions about diagrams and school science", "longer answers"]
