"""What can be set: what it does, that it stays, and what becomes of damaged or missing storage."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from scripted_page import ScriptedPage

SHAPE = "What shape is in the image?"
KEPT = "tinyvlm-settings"
MEASURED = "tinyvlm-measured"
MODEL = "tinyvlm-13m"
GROUND = "() => getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(246, 245, 241)", "rgb(21, 24, 26)"


def dialog(page: ScriptedPage) -> ScriptedPage:
    """Open the settings."""
    page.locator("#settings-button").click()
    expect(page.locator("#settings-dialog")).to_be_visible()
    return page


def choose(page: ScriptedPage, name: str, value: str) -> None:
    page.locator(f"#{name}").select_option(value)


def kept(page: ScriptedPage, key: str = KEPT) -> Any:
    return json.loads(page.page.evaluate("(key) => localStorage.getItem(key)", key) or "{}")


def keep(page: ScriptedPage, text: str, key: str = KEPT) -> None:
    """Have it in storage before the page begins, once."""
    script = f"if (!sessionStorage.getItem('set')) localStorage.setItem({key!r}, {json.dumps(text)});"
    page.page.add_init_script(script + "sessionStorage.setItem('set', '1');")


def encode_calls(page: ScriptedPage, count: int) -> list[dict[str, Any]]:
    """Wait until images were asked to be looked at so often."""
    counted = "(n) => window.tinyvlm.script.calls.filter(({ name }) => name === 'encode').length >= n"
    page.page.wait_for_function(counted, arg=count)
    return page.calls("encode")


def look(page: ScriptedPage, *encode_ms: float) -> None:
    """Let the next looks at an image take this long."""
    page.script("finishNext", [{"encode_ms": ms} for ms in encode_ms])


def until_busy(page: ScriptedPage) -> None:
    page.page.evaluate("() => window.tinyvlm.script.untilBusy()")


def test_how_closely_to_look_counts_at_once_and_stays(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    choose(dialog(scripted), "model-profile", "accuracy")
    assert [call["profile"] for call in scripted.calls("encode")] == ["balanced", "accuracy"]
    scripted.reload()
    dialog(scripted)
    expect(scripted.locator("#model-profile")).to_have_value("accuracy")
    assert {call["profile"] for call in encode_calls(scripted, 1)} == {"accuracy"}  # the image came back, too


def test_answers_are_asked_for_as_set(talked: ScriptedPage) -> None:
    assert talked.calls("ask")[0]["sampling"] == {}
    choose(dialog(talked), "settings-answers", "varied")
    choose(talked, "settings-length", "64")
    talked.locator("#settings-close").click()
    talked.ask(SHAPE)
    expect(talked.locator(".answer .activity").last).to_have_text("Thinking…")
    sampling = talked.calls("ask")[1]["sampling"]
    assert 0 <= sampling.pop("seed") < 2**32
    assert sampling == {"temperature": 0.7, "top_p": 0.9, "max_new_tokens": 64}
    choose(dialog(talked), "settings-answers", "same")
    choose(talked, "settings-length", "0")
    assert kept(talked)["answers"] == "same"
    assert kept(talked)["length"] == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_those_that_were_chosen(scripted: ScriptedPage, scheme: str) -> None:
    scripted.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    dialog(scripted.open())
    assert scripted.page.evaluate(GROUND) == (DARK if scheme == "dark" else LIGHT)
    for theme, ground in (("dark", DARK), ("light", LIGHT)):
        choose(scripted, "settings-theme", theme)
        assert scripted.page.evaluate(GROUND) == ground
        used = (
            "() => [...document.querySelectorAll('meta[name=theme-color]')].filter((m) => matchMedia(m.media).matches)"
        )
        assert scripted.page.evaluate(f"{used.replace('() => ', '() => (')}).map((m) => m.dataset.scheme)") == [theme]
    choose(scripted, "settings-theme", "system")
    assert scripted.page.evaluate(GROUND) == (DARK if scheme == "dark" else LIGHT)


def test_colours_and_size_of_text_are_there_before_anything_is_seen(scripted: ScriptedPage) -> None:
    keep(scripted, json.dumps({"theme": "dark", "textSize": "large"}))
    scripted.page.emulate_media(color_scheme="light")
    # What the page looks like each time that a frame is drawn.
    scripted.page.add_init_script(
        """window.seen = [];
        const look = () => {
          if (document.body?.children.length && document.styleSheets.length) {
            const { fontSize } = getComputedStyle(document.documentElement);
            window.seen.push(`${getComputedStyle(document.body).backgroundColor} ${fontSize}`);
          }
          if (window.seen.length < 20) requestAnimationFrame(look);
        };
        requestAnimationFrame(look);"""
    )
    scripted.open()
    scripted.page.wait_for_function("() => window.seen.length >= 20")
    assert set(scripted.page.evaluate("() => window.seen")) == {f"{DARK} 18px"}


def test_text_grows_as_set_and_nothing_goes_sideways(talked: ScriptedPage) -> None:
    talked.page.set_viewport_size({"width": 320, "height": 640})
    dialog(talked)
    sizes = []
    for size in ("usual", "large", "larger"):
        choose(talked, "settings-text-size", size)
        sizes.append(talked.locator(".answer .text").evaluate("(node) => parseFloat(getComputedStyle(node).fontSize)"))
        assert talked.page.evaluate("() => document.documentElement.scrollWidth") == 320
        over = "(node) => node.scrollWidth - node.clientWidth"
        assert talked.locator("#settings-dialog").evaluate(over) == 0
    assert sizes[0] < sizes[1] < sizes[2]


def test_threads_count_from_the_next_load_on(scripted: ScriptedPage) -> None:
    scripted.page.add_init_script("Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 })")
    dialog(scripted.open())
    assert scripted.page.evaluate("() => window.tinyvlm.options.threads") is None
    assert scripted.locator("#settings-threads option").all_text_contents() == [
        "Automatic",
        *("1 thread", "2 threads", "3 threads", "4 threads"),
    ]
    expect(scripted.locator("#settings-restart")).to_be_hidden()
    choose(scripted, "settings-threads", "2")
    expect(scripted.locator("#settings-restart")).to_contain_text("once the page is loaded anew")
    with scripted.page.expect_navigation():
        scripted.locator("#settings-reload").click()
    scripted.page.wait_for_function("() => window.tinyvlm")
    assert scripted.page.evaluate("() => window.tinyvlm.options.threads") == 2
    dialog(scripted)
    expect(scripted.locator("#settings-restart")).to_be_hidden()
    choose(scripted, "settings-threads", "0")
    expect(scripted.locator("#settings-restart")).to_be_visible()


def test_an_address_that_names_threads_goes_before(scripted: ScriptedPage, scripted_url: str) -> None:
    keep(scripted, json.dumps({"threads": 2}))
    scripted.page.goto(f"{scripted_url}?threads=1")
    scripted.page.wait_for_function("() => window.tinyvlm")
    assert scripted.page.evaluate("() => window.tinyvlm.options.threads") == 1


def test_one_thread_is_explained_where_there_can_be_no_more(scripted: ScriptedPage) -> None:
    scripted.page.add_init_script("Object.defineProperty(window, 'crossOriginIsolated', { value: false })")
    dialog(scripted.open())
    expect(scripted.locator("#settings-threads")).to_be_disabled()
    expect(scripted.locator("#settings-threads-effect")).to_contain_text("COOP, COEP")


def test_new_conversations_are_not_kept_where_that_is_set(talked: ScriptedPage) -> None:
    dialog(talked).locator("#settings-keeps").uncheck()
    talked.locator("#settings-close").click()
    talked.locator("#history-button").click()
    expect(talked.locator("#history-keep")).to_be_checked()  # the present one goes on as it was begun
    talked.locator("#history-new").click()
    expect(talked.locator(".message")).to_have_count(0)
    talked.locator("#history-button").click()
    expect(talked.locator("#history-dialog")).to_be_visible()
    expect(talked.locator("#history-keep")).not_to_be_checked()
    talked.page.keyboard.press("Escape")
    talked.choose_sample()
    talked.ask("Not to be kept?")
    talked.script("finishNext", [{}, {}])
    expect(talked.locator(".answer")).to_have_attribute("data-state", "done")
    talked.reload()
    talked.locator("#history-button").click()
    expect(talked.locator(".history-open .name")).to_have_text([SHAPE])


def test_what_is_asked_first_is_not_kept_either(scripted: ScriptedPage) -> None:
    keep(scripted, json.dumps({"keeps": False}))
    scripted.open()
    scripted.choose_sample()
    scripted.script("whole")
    scripted.ask(SHAPE)
    expect(scripted.locator(".answer")).to_have_attribute("data-state", "streaming")
    scripted.locator("#history-button").click()
    expect(scripted.locator("#history-keep")).not_to_be_checked()
    expect(scripted.locator(".history-open")).to_contain_text("not kept")
    scripted.reload()
    scripted.locator("#history-button").click()
    expect(scripted.locator("#history-empty")).to_be_visible()
    expect(scripted.locator(".history-open")).to_have_count(0)


def test_keeping_counts_at_once_where_nothing_was_asked(scripted: ScriptedPage) -> None:
    dialog(scripted.open()).locator("#settings-keeps").uncheck()
    scripted.locator("#settings-close").click()
    scripted.locator("#history-button").click()
    expect(scripted.locator("#history-dialog")).to_be_visible()
    expect(scripted.locator("#history-keep")).not_to_be_checked()
    scripted.page.keyboard.press("Escape")
    dialog(scripted).locator("#settings-keeps").check()
    scripted.locator("#settings-close").click()
    scripted.locator("#history-button").click()
    expect(scripted.locator("#history-keep")).to_be_checked()


DAMAGED = {
    "no JSON": "{",
    "null": "null",
    "a list": "[1]",
    "values of nobody": json.dumps(
        {"theme": "pink", "threads": 99, "profile": "__proto__", "keeps": "yes", "length": -1}
    ),
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_what_is_kept_and_damaged_is_as_if_it_were_not_there(scripted: ScriptedPage, text: str) -> None:
    keep(scripted, text)
    keep(scripted, text, MEASURED)
    dialog(scripted.open())
    expect(scripted.locator("#model-profile")).to_have_value("balanced")
    expect(scripted.locator("#settings-theme")).to_have_value("system")
    expect(scripted.locator("#settings-threads")).to_have_value("0")
    expect(scripted.locator("#settings-length")).to_have_value("0")
    expect(scripted.locator("#settings-keeps")).to_be_checked()


def test_what_is_sound_beside_damage_counts(scripted: ScriptedPage) -> None:
    keep(scripted, json.dumps({"theme": "dark", "length": "64", "nonsense": 1}))
    dialog(scripted.open())
    expect(scripted.locator("#settings-theme")).to_have_value("dark")
    expect(scripted.locator("#settings-length")).to_have_value("0")


def test_without_storage_settings_hold_until_the_page_is_closed(scripted: ScriptedPage) -> None:
    scripted.page.add_init_script(
        "for (const name of ['getItem', 'setItem', 'removeItem'])"
        "  Storage.prototype[name] = () => { throw new DOMException('no', 'SecurityError'); };"
    )
    dialog(scripted.open())
    choose(scripted, "settings-theme", "dark")
    assert scripted.page.evaluate(GROUND) == DARK
    expect(scripted.locator("#settings-message")).to_contain_text("until it is closed")


def test_all_is_reset(scripted: ScriptedPage) -> None:
    everything = {
        "profile": "fast",
        "threads": 1,
        "answers": "varied",
        "length": 16,
        "textSize": "large",
        "keeps": False,
    }
    keep(scripted, json.dumps({**everything, "theme": "dark"}))
    dialog(scripted.open())
    expect(scripted.locator("#settings-answers")).to_have_value("varied")
    scripted.locator("#settings-reset").click()
    for name, value in (("model-profile", "balanced"), ("settings-answers", "same"), ("settings-text-size", "usual")):
        expect(scripted.locator(f"#{name}")).to_have_value(value)
    expect(scripted.locator("#settings-keeps")).to_be_checked()
    expect(scripted.locator("#settings-message")).to_have_text("All settings are as they were at first.")
    assert kept(scripted) == {}
    assert scripted.page.evaluate("() => document.documentElement.dataset.theme") == "system"


def test_another_tab_is_told(scripted: ScriptedPage, scripted_url: str) -> None:
    scripted.open()
    other = scripted.page.context.new_page()
    other.goto(f"{scripted_url}bench.html")
    other.evaluate("(key) => localStorage.setItem(key, JSON.stringify({ theme: 'dark' }))", KEPT)
    scripted.page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    other.evaluate("() => localStorage.clear()")
    scripted.page.wait_for_function("() => document.documentElement.dataset.theme === 'system'")


@pytest.fixture
def automatic(scripted: ScriptedPage) -> ScriptedPage:
    """It is set, and the model is whole; time stands still."""
    scripted.page.clock.install(time=0)
    scripted.open()
    scripted.page.clock.pause_at(600)
    choose(dialog(scripted), "model-profile", "auto")
    expect(scripted.locator("#settings-auto")).to_contain_text("as soon as the model is here")
    assert scripted.calls("encode") == []
    scripted.script("vision")
    scripted.script("whole")
    until_busy(scripted)
    expect(scripted.locator("#settings-auto")).to_have_text("Measuring this device…")
    return scripted


def chosen(words: str) -> re.Pattern[str]:
    """Match what is said of the choice."""
    return re.compile(f"^Chosen: {words}")


# The milliseconds of each look, in the order of PROFILES and round by round; the choice, and what is said of it.
PROFILES = ("fast", "balanced", "accuracy")
LOOKS: dict[str, tuple[list[float], str, str]] = {
    "all quick": ([200, 220, 240, 90, 100, 110, *[95, 105, 115] * 3], "accuracy", "accurate, as .* only 110 ms here"),
    "the closest slow": ([90, 900, 1010], "balanced", "balanced, .* 900 ms .* 1.0 sec"),
    "the closest slow at first": ([90, 100, 1010, 80, 95, 700], "accuracy", "accurate, as .* only 700 ms here"),
    "both slow": ([200, 1001, 1500], "fast", "fast, .* 200 ms .* 1.0 sec"),
    "just quick enough": ([200, 800, 1000], "accuracy", "accurate, as .* only 1.0 sec here"),
    "no time for the closest": ([300, 1700], "fast", "fast, .* 300 ms .* 1.7 sec"),
    "all slow": ([2100], "fast", "fast, .* 2.1 sec .* longer than was waited for"),
}


@pytest.mark.parametrize("name", LOOKS)
def test_automatic_takes_the_closest_that_is_quick_enough(automatic: ScriptedPage, name: str) -> None:
    looks, profile, sentence = LOOKS[name]
    look(automatic, *looks)
    expect(automatic.locator("#settings-auto")).to_have_text(chosen(sentence))
    expected = [PROFILES[at % 3] for at in range(len(looks))]
    assert [call["profile"] for call in automatic.calls("encode")] == expected
    least = {PROFILES[at]: min(looks[at::3]) for at in range(min(3, len(looks)))}
    assert kept(automatic, MEASURED) == {MODEL: least}
    automatic.locator("#settings-close").click()
    automatic.choose_sample()
    until_busy(automatic)
    assert automatic.calls("encode")[len(looks) :][-1]["profile"] == profile


def test_of_ways_that_take_the_same_time_the_closest_is_taken(automatic: ScriptedPage) -> None:
    look(automatic, *[1200, 1210])
    expect(automatic.locator("#settings-auto")).to_have_text(chosen("balanced, .* 1.2 sec .* longer than"))


def test_automatic_does_not_wait_for_what_takes_too_long(automatic: ScriptedPage) -> None:
    look(automatic, 700)
    until_busy(automatic)
    assert [call["profile"] for call in automatic.calls("encode")] == ["fast", "balanced"]
    automatic.page.clock.run_for(1299)
    assert not automatic.calls("encode")[1].get("aborted")
    automatic.page.clock.run_for(2)
    expect(automatic.locator("#settings-auto")).to_have_text(chosen("fast, .* 700 ms .* longer than was waited for"))
    assert automatic.calls("encode")[1]["aborted"]
    assert kept(automatic, MEASURED) == {MODEL: {"fast": 700}}


def test_automatic_is_measured_once_for_each_model_and_again_on_demand(scripted: ScriptedPage) -> None:
    keep(scripted, json.dumps({MODEL: {"fast": 10, "balanced": 20, "accuracy": 1500}}), MEASURED)
    scripted.open()
    choose(dialog(scripted), "model-profile", "auto")
    scripted.script("vision")
    scripted.script("whole")
    expect(scripted.locator("#settings-auto")).to_have_text(chosen("balanced, .* 20 ms .* 1.5 sec"))
    assert scripted.calls("encode") == []
    look(scripted, 2000)
    scripted.locator("#settings-measure").click()
    expect(scripted.locator("#settings-auto")).to_have_text(chosen("fast, .* 2.0 sec"))
    assert kept(scripted, MEASURED) == {MODEL: {"fast": 2000}}


def test_automatic_that_fails_says_so_and_can_be_tried_again(automatic: ScriptedPage) -> None:
    automatic.script("failRequest", "engine-stopped", "It stopped.")
    expect(automatic.locator("#settings-auto")).to_contain_text("could not be measured")
    assert kept(automatic, MEASURED) == {}
    look(automatic, 2500)
    automatic.locator("#settings-measure").click()
    expect(automatic.locator("#settings-auto")).to_have_text(chosen("fast, .* 2.5 sec"))


def test_the_image_is_looked_at_again_after_the_test_image(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    (mine,) = scripted.calls("encode")
    look(scripted, 10, 90, 900, 1010)
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_attribute("data-state", "seen")
    scripted.script("whole")
    choose(dialog(scripted), "model-profile", "auto")
    again = encode_calls(scripted, 5)[4]
    assert (again["image"], again["profile"]) == (mine["image"], "balanced")


def test_a_model_that_sees_nothing_is_not_measured(scripted: ScriptedPage) -> None:
    scripted.open()
    choose(dialog(scripted), "model-profile", "auto")
    scripted.script("whole", {"sees": False, "needs_image": False})
    expect(scripted.locator("#settings-auto")).to_be_empty()
    assert scripted.calls("encode") == []


def test_each_setting_has_a_name_and_says_what_it_does(scripted: ScriptedPage) -> None:
    dialog(scripted.open())
    for control in scripted.locator("#settings-dialog :is(select, input)").all():
        assert control.evaluate("(node) => node.labels.length") == 1
    for name in ("model-profile", "settings-answers", "settings-length", "settings-keeps", "settings-threads"):
        described = scripted.locator(f"#{name}").get_attribute("aria-describedby")
        expect(scripted.locator(f"#{described}")).not_to_be_empty()
    targets = "() => [...document.querySelectorAll('#settings-dialog :is(select, button, .check-line)')]"
    small = f"{targets}.filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 24)"
    assert scripted.page.evaluate(f"{small.replace('() => ', '() => (')}).length") == 0
