"""Speed, in sight: where an answer's time went, what slows it down, and the measurement that anyone can make."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from scripted_page import ScriptedPage

WEB = Path(__file__).resolve().parents[2] / "web"
SHAPE = "What shape is in the image?"
BATTERY = "Object.defineProperty(Navigator.prototype, 'getBattery', { value: async () => ({ charging: %s }) })"
CORES = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 })"
NO_CLIPBOARD = """() => {
  window.clipboard = navigator.clipboard;
  Object.defineProperty(navigator, "clipboard", { value: undefined });
}"""
NO_COPY = "() => { document.execCommand = () => false; }"
COPIED = "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
ABORTED = "() => window.tinyvlm.script.calls.every((call) => call.aborted)"
BUSY = "() => window.tinyvlm.script.untilBusy()"

ENGINE = {"kernel_memory_peak_bytes": 70_000_000, "activation_bits": 8, "decode_tokens_per_s": 104}
TIMES = {"encode_ms": 140, "prefill_ms": 60, "decode_ms": 210, "first_token_ms": 250, "total_ms": 500}


def answer(page: ScriptedPage, text: str, reading: Any = None, **figures: Any) -> None:
    """Ask, and let the engine answer so."""
    page.ask(SHAPE)
    page.page.evaluate(BUSY)
    page.script("finish", text, reading, {**TIMES, **figures})
    expect(page.locator(".answer").last).to_have_attribute("data-state", "done")


def opened(page: ScriptedPage) -> ScriptedPage:
    page.locator("#speed-button").click()
    expect(page.locator("#speed-dialog")).to_be_visible()
    return page


def stats(page: ScriptedPage, **figures: Any) -> None:
    """Have the engine say so of itself from now on."""
    page.page.evaluate("(stats) => Object.assign(window.tinyvlm.script.stats, stats)", figures)


def bars(page: ScriptedPage) -> list[str]:
    return page.locator("#speed-bars li").all_inner_texts()


def reasons(page: ScriptedPage) -> Locator:
    return page.locator("#speed-reasons li")


def test_before_any_answer_it_says_where_figures_will_be(scripted: ScriptedPage) -> None:
    opened(scripted.open())
    expect(scripted.locator("#speed-last")).to_contain_text("Ask something")
    expect(scripted.locator("#speed-bars li")).to_have_count(0)
    expect(scripted.locator("#speed-runs")).to_contain_text("once the model has loaded")
    expect(reasons(scripted)).to_have_text(["Nothing that this page can see."])


def test_an_answers_time_is_taken_apart(talked: ScriptedPage) -> None:
    answer(talked, "It is a red disc, on white.")
    opened(talked)
    # Six words after the first in a quarter of a second.
    expect(talked.locator("#speed-last")).to_have_text("250 ms to the first word · 24 words a second · 500 ms in all")
    assert [text.split("\n") for text in bars(talked)] == [
        ["Image encoding", "140 ms"],
        ["Reading the question", "60 ms"],
        ["Writing the answer", "210 ms"],
        ["All else: opening the image, messages", "90 ms"],
    ]
    shares = talked.page.evaluate(
        "() => [...document.querySelectorAll('#speed-bars meter')].map((m) => m.value / m.max)"
    )
    assert shares == pytest.approx([0.28, 0.12, 0.42, 0.18])
    widths = talked.page.evaluate("() => [...document.querySelectorAll('#speed-bars meter')].map((m) => m.clientWidth)")
    assert len(set(widths)) == 1


def test_what_took_no_time_has_no_bar_and_one_word_no_speed(talked: ScriptedPage) -> None:
    answer(talked, "red", encode_ms=0, prefill_ms=0.2, decode_ms=100, first_token_ms=90, total_ms=100)
    opened(talked)
    expect(talked.locator("#speed-last")).to_have_text("90 ms to the first word · 100 ms in all")
    assert [text.split("\n")[0] for text in bars(talked)] == ["Writing the answer"]


def test_reading_text_has_its_bar(talked: ScriptedPage) -> None:
    reading = {"width": 9, "height": 9, "text": "Fresh", "lines": [], "read_ms": 310}
    answer(talked, "Fresh", reading, encode_ms=0, prefill_ms=0, decode_ms=0)
    opened(talked)
    assert [text.split("\n") for text in bars(talked)] == [
        ["Reading text in the image", "310 ms"],
        ["All else: opening the image, messages", "190 ms"],
    ]


def test_words_are_counted_where_none_are_set_apart(talked: ScriptedPage) -> None:
    talked.locator("#language").select_option("ja")
    expect(talked.locator("html")).to_have_attribute("lang", "ja")
    answer(talked, "これは赤い円です")
    opened(talked)
    expect(talked.locator("#speed-last")).to_have_text(re.compile(r"^最初の言葉まで 250 ms\s· 1 秒に \d+ 語\s· "))


SLOW: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({"threads": 4}, ["Nothing that this page"]),
    "no isolation": ({"threads": 1, "threads_reason": "not-isolated", "crossOriginIsolated": False}, ["COOP, COEP"]),
    "no helpers": ({"threads": 1, "threads_reason": "not-started"}, ["Close other tabs"]),
    "fewer as set": ({"threads": 2, "threads_reason": "as-asked"}, ["2 of 4 threads"]),
    "all as set": ({"threads": 4, "threads_reason": "as-asked"}, ["Nothing that this page"]),
    "no relaxed SIMD": ({"simd": "simd128"}, ["relaxed SIMD"]),
    "two": ({"threads": 1, "threads_reason": "not-isolated", "simd": "simd128"}, ["COOP, COEP", "relaxed SIMD"]),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_slows_it_down_is_named(scripted: ScriptedPage, name: str) -> None:
    figures, said = SLOW[name]
    scripted.page.add_init_script(CORES)
    scripted.page.add_init_script(BATTERY % "true")
    scripted.open()
    stats(scripted, **figures)
    scripted.script("whole")
    opened(scripted)
    expect(scripted.locator("#speed-runs")).to_contain_text("82.0 MB of memory")
    expect(reasons(scripted)).to_contain_text(said)


def test_a_model_that_is_not_whole_slows_it_down(scripted: ScriptedPage) -> None:
    scripted.open().script("draft")
    opened(scripted)
    expect(reasons(scripted)).to_contain_text(["still arriving"])


@pytest.mark.parametrize("charging", [True, False])
def test_the_battery_is_named_where_it_is_known(scripted: ScriptedPage, charging: bool) -> None:
    scripted.page.add_init_script(BATTERY % str(charging).lower())
    opened(scripted.open())
    expect(reasons(scripted)).to_contain_text(["Nothing that" if charging else "runs on its battery"])


def test_an_answer_in_the_background_is_told(talked: ScriptedPage) -> None:
    hide = """(isHidden) => {
      Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    talked.ask(SHAPE)
    talked.page.evaluate(BUSY)
    talked.page.evaluate(hide, True)
    talked.page.evaluate(hide, False)
    talked.script("finish", "red", None, {**TIMES, "total_ms": 60_000})
    expect(talked.locator(".answer").last).to_have_attribute("data-state", "done")
    opened(talked)
    expect(reasons(talked)).to_contain_text(["in the background"])
    talked.locator("#speed-close").click()
    answer(talked, "red", total_ms=0)  # it began after that
    opened(talked)
    expect(reasons(talked)).not_to_contain_text(["in the background"])


def measured(page: ScriptedPage, runs: int) -> None:
    """Answer what the measurement asks: the image takes 100 ms, and with each run 10 more."""
    figures = [{**TIMES, "encode_ms": 100 + 10 * run, "prefill_ms": 20} for run in range(runs)]
    page.script("finishNext", [one for one in figures for _ in range(3)])


def whole(page: ScriptedPage) -> ScriptedPage:
    page.open()
    stats(page, **ENGINE)
    page.script("whole")
    return page


def test_this_device_is_measured_and_the_result_copied(scripted: ScriptedPage) -> None:
    opened(whole(scripted))
    expect(scripted.locator("#speed-copy")).to_be_hidden()
    scripted.locator("#speed-measure").click()
    expect(scripted.locator("#speed-stop")).to_be_focused()
    expect(scripted.locator("#speed-progress")).to_be_visible()
    measured(scripted, 7)
    row = scripted.page.locator("#speed-result tr", has_text="Image encoding").locator("td")
    # Two warm up: of 120, 130, 140, 150, 160 the middle, and the middle half.
    expect(row).to_have_text(["140 ms", "130 ms – 150 ms"])
    expect(scripted.page.locator("#speed-result tr", has_text="Tokens per second").locator("td").first).to_have_text(
        "104"
    )
    expect(scripted.locator("#speed-measure")).to_be_focused()
    asked = scripted.calls("ask")
    assert len(asked) == 21
    assert len({call["image"] for call in asked[::3]}) > 1  # none that the engine has seen
    assert {call["sampling"]["max_new_tokens"] for call in asked} == {32}
    scripted.page.evaluate(COPIED)
    scripted.locator("#speed-copy").click()
    expect(scripted.locator("#speed-message")).to_have_text("The result was copied.")
    copied = scripted.page.evaluate("() => window.copied")
    assert re.match(r"Tiny-VLM 13M · \d{4}-\d\d-\d\d · 2 threads · relaxed · 8 bit\nMozilla/", copied)
    assert "\nImage encoding: 140 ms (130 ms – 150 ms)\n" in copied
    # Where there is no clipboard the same text is copied in the old way; where that is refused, it is selected.
    scripted.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    scripted.page.evaluate(NO_CLIPBOARD)
    scripted.locator("#speed-copy").click()
    assert scripted.page.evaluate("() => window.clipboard.readText()") == copied
    scripted.page.evaluate(NO_COPY)
    scripted.locator("#speed-copy").click()
    expect(scripted.locator("#speed-message")).to_contain_text("copy it from there")
    assert "130 ms – 150 ms" in scripted.page.evaluate("() => String(getSelection())")


@pytest.mark.parametrize("how", ["button", "close"])
def test_a_measurement_can_be_stopped(scripted: ScriptedPage, how: str) -> None:
    opened(whole(scripted))
    scripted.locator("#speed-measure").click()
    scripted.page.evaluate(BUSY)
    scripted.locator("#speed-stop" if how == "button" else "#speed-close").click()
    scripted.until(ABORTED)
    expect(scripted.locator("#speed-progress")).to_be_hidden()
    assert len(scripted.calls("ask")) == 1
    expect(scripted.locator("#speed-result table")).to_have_count(0)
    if how == "close":
        opened(scripted)
    expect(scripted.locator("#speed-message")).to_be_empty()
    expect(scripted.locator("#speed-measure")).to_be_visible()


def test_a_measurement_that_fails_says_why(scripted: ScriptedPage) -> None:
    opened(whole(scripted))
    scripted.locator("#speed-measure").click()
    scripted.page.evaluate(BUSY)
    scripted.script("failRequest", "engine-stopped", "It stopped.")
    expect(scripted.locator("#speed-message")).not_to_be_empty()
    expect(scripted.locator("#speed-measure")).to_be_visible()


def test_a_model_without_eyes_is_measured_without_images(scripted: ScriptedPage) -> None:
    whole(scripted)
    scripted.script("begin")
    scripted.page.evaluate("() => window.tinyvlm.script.whole({ sees: false, needs_image: false })")
    opened(scripted)
    scripted.locator("#speed-measure").click()
    scripted.page.evaluate(BUSY)
    assert scripted.calls("ask")[0]["image"] is None


BENCH = "bench.html"


@pytest.fixture
def bench(page: Page, scripted_url: str) -> ScriptedPage:
    """The page that measures."""
    page.goto(f"{scripted_url}{BENCH}?threads=1")
    expect(page.locator("#bench-state")).to_have_text("Loading…")
    page.wait_for_function("() => window.tinyvlm")
    return ScriptedPage(page, scripted_url)


def test_the_page_of_its_own_measures_once_the_model_is_whole(bench: ScriptedPage) -> None:
    assert bench.page.evaluate("() => window.tinyvlm.options.threads") == 1
    stats(bench, **ENGINE)
    start = bench.locator("#bench-start")
    bench.script("draft")
    expect(start).to_be_disabled()
    bench.script("whole")
    expect(bench.locator("#bench-state")).to_have_text("The model is here.")
    start.click()
    expect(bench.locator("#bench-state")).to_have_text("Measuring: 0 of 17")
    measured(bench, 17)
    expect(bench.locator("#bench-state")).to_have_text("Measured.")
    row = bench.page.locator("#bench-result tr", has_text="Image encoding").locator("td")
    expect(row).to_have_text(["190 ms", "150 ms – 220 ms"])
    expect(start).to_be_enabled()
    bench.page.evaluate(COPIED)
    bench.locator("#bench-copy").click()
    expect(bench.locator("#bench-state")).to_have_text("The result was copied.")
    assert "Image encoding: 190 ms (150 ms – 220 ms)" in bench.page.evaluate("() => window.copied")


def test_the_page_of_its_own_says_what_is_wrong(bench: ScriptedPage) -> None:
    bench.script("fail", "no-network", "The network is gone.")
    expect(bench.locator("#bench-state")).to_have_text("The network is gone.")
    expect(bench.locator("#bench-start")).to_be_disabled()
    expect(bench.locator("#not-started")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_its_own_fits_a_phone(bench: ScriptedPage, scheme: str) -> None:
    bench.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    bench.page.set_viewport_size({"width": 320, "height": 640})
    stats(bench, **ENGINE)
    bench.script("whole")
    bench.locator("#bench-start").click()
    measured(bench, 17)
    expect(bench.locator("#bench-result table")).to_be_visible()
    assert bench.page.evaluate("() => document.documentElement.scrollWidth") == 320


def test_the_page_of_its_own_has_the_policy_of_the_page() -> None:
    policy = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')
    of = [policy.findall((WEB / name).read_text(encoding="utf-8")) for name in ("index.html", BENCH)]
    assert of[0] == of[1] != []


@pytest.mark.slow
def test_the_real_engine_is_measured(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}{BENCH}")
    expect(page.locator("#bench-start")).to_be_enabled(timeout=120_000)
    figures = page.evaluate(
        """async () => {
          const { measure } = await import("./ui/speed/benchmark.js");
          return measure(window.tinyvlm, { runs: 2 });
        }"""
    )
    for name in (
        "encode_ms",
        "prefill_ms",
        "decode_tokens_per_s",
        "image_to_short_answer_ms",
        "second_short_answer_ms",
    ):
        assert 0 < figures[name]["low"] <= figures[name]["median"] <= figures[name]["high"], name
    assert figures["second_short_answer_ms"]["median"] < figures["image_to_short_answer_ms"]["median"]
    assert figures["kernel_memory_peak_mb"] > 10
