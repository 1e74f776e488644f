"""What the page shows and takes while the model arrives, beside a double of the engine (scripted_page.py)."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import expect

from scripted_page import ScriptedPage
from test_page_ui import TINY_PNG

SHAPE = "What shape is in the image?"

# The next file that is read is held until `window.release()`, which ends once the page has had time for it.
HOLD_THE_FIRST_READ = """() => {
  const { arrayBuffer } = Blob.prototype;
  Blob.prototype.arrayBuffer = async function () {
    Blob.prototype.arrayBuffer = arrayBuffer;
    const bytes = await arrayBuffer.call(this);
    const released = Promise.withResolvers();
    window.release = () => {
      released.resolve();
      return new Promise((resolve) => setTimeout(resolve, 200));
    };
    await released.promise;
    return bytes;
  };
}"""


def model_row(page: ScriptedPage) -> str:
    return page.locator("#progress [data-step=model]").inner_text()


def bar_value(page: ScriptedPage, step: str = "model") -> float:
    value: float = page.locator(f"#progress [data-step={step}] progress").evaluate("(bar) => bar.value")
    return value


def test_progress_tells_bytes_speed_time_file_and_what_was_kept(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.progress(loaded=3.2, total=12.8, kept=1.1, speed=1.25, remaining_s=8.1, file="model.safetensors")
    row = model_row(scripted)
    for words in ("25%", "3.2 of 12.8 MB", "1.3 MB/s", "about 10 sec left", "1.1 MB from this device"):
        assert words in row
    assert "model.safetensors" in row
    scripted.progress(loaded=12.8, total=12.8, kept=12.8, done=True)
    assert "done" in model_row(scripted)
    assert "12.8 MB" in model_row(scripted)
    assert "left" not in model_row(scripted)


def test_bytes_are_told_in_units_that_can_be_read(scripted: ScriptedPage) -> None:
    scripted.open()
    for loaded, total, words in (
        (0.052, 0.08, "52 of 80 kB"),
        (0.052, 3.2, "52 kB of 3.2 MB"),
        (0.1, 3.2, "0.1 of 3.2 MB"),
        (500, 1500, "500.0 MB of 1.5 GB"),
        (1000, 1500, "1.0 of 1.5 GB"),
    ):
        scripted.progress(loaded=loaded, total=total)
        assert words in model_row(scripted)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "a few seconds left"),
        (7.6, "about 10 sec left"),
        (57, "about 55 sec left"),
        (58, "about 1 min left"),
        (3500, "about 58 min left"),
        (7000, "about 2 hr left"),
    ],
)
def test_remaining_time_in_words(scripted: ScriptedPage, seconds: float, words: str) -> None:
    scripted.open()
    scripted.progress(loaded=1, total=10, remaining_s=seconds)
    assert words in model_row(scripted)


def test_bars_never_go_backwards(scripted: ScriptedPage) -> None:
    """Neither when fewer bytes are told nor when the total grows."""
    scripted.open()
    choose = random.Random(5)
    seen = [0.0]
    for _ in range(40):
        scripted.progress(loaded=choose.uniform(0, 30), total=choose.uniform(20, 60))
        seen.append(bar_value(scripted))
    assert seen == sorted(seen)
    assert 0 < seen[-1] <= 1
    scripted.progress(loaded=30, total=30, done=True)
    scripted.progress(loaded=1, total=30)
    assert bar_value(scripted) == 1
    assert "done" in model_row(scripted)


def test_unknown_totals_move_without_a_share(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.progress("python", loaded=2.5)
    bar = scripted.locator("#progress [data-step=python] progress")
    assert bar.evaluate("(bar) => bar.position") == -1
    assert "2.5 MB" in scripted.locator("#progress [data-step=python]").inner_text()


def test_an_image_is_looked_at_while_the_rest_loads(scripted: ScriptedPage) -> None:
    scripted.open()
    can_do, state = scripted.locator("#progress .can-do"), scripted.locator("#image-state")
    scripted.choose_sample()
    expect(can_do).to_contain_text("as soon as the vision part is here")
    expect(state).to_contain_text("as soon as the vision part is here")
    scripted.script("vision")
    expect(can_do).to_have_text("Looking at your image while the rest arrives.")
    expect(state).to_have_text("Looking at the image…")
    scripted.script("finish")
    expect(can_do).to_contain_text("the language part is still loading")
    expect(state).to_have_text("Image is ready; the language part is still loading")
    scripted.script("whole")
    expect(scripted.locator("#progress")).to_be_hidden()
    expect(state).to_be_empty()
    assert len(scripted.calls("encode")) == 1


def test_vision_invites_an_image(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.script("vision")
    expect(scripted.locator("#progress .can-do")).to_contain_text("The model can see already")
    scripted.choose_sample()
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")


def test_a_second_image_takes_the_place_of_one_that_waits(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample(0)
    scripted.choose_sample(1)
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.page.wait_for_function("() => window.tinyvlm.script.calls.filter(({ name }) => name === 'encode')[1]")
    first, second = scripted.calls("encode")
    assert first["image"] != second["image"]
    assert (first.get("aborted"), second.get("aborted")) == (True, None)
    scripted.script("finish")
    expect(scripted.locator("#image-state")).to_contain_text("Image is ready")


def test_an_image_that_waits_for_its_turn_alone_is_said_to_be_looked_at(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.script("vision")
    scripted.page.evaluate(
        "() => void window.tinyvlm.script.request({ name: 'other' }, Promise.resolve(), undefined, () => {})"
    )
    scripted.choose_sample()
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    expect(scripted.locator("#progress .can-do")).to_have_text("Looking at your image while the rest arrives.")


@pytest.mark.parametrize("content", [TINY_PNG, b"Dear reader, this is no picture."], ids=["image", "text"])
def test_a_slow_choice_does_not_overtake_the_next(scripted: ScriptedPage, content: bytes) -> None:
    scripted.open()
    scripted.page.evaluate(HOLD_THE_FIRST_READ)
    scripted.page.set_input_files("#file-input", {"name": "slow.png", "mimeType": "image/png", "buffer": content})
    scripted.choose_sample()
    size = scripted.locator("#image-size").inner_text()
    scripted.page.evaluate("() => window.release()")
    expect(scripted.locator("#preview")).to_have_attribute("alt", "The image you ask about: A red circle")
    expect(scripted.locator("#image-name")).to_have_text("A red circle")
    expect(scripted.locator("#image-size")).to_have_text(size)
    expect(scripted.locator("#image-message")).to_be_empty()


def test_a_question_waits_and_is_answered(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.ask(SHAPE)
    expect(scripted.locator(".answer .activity")).to_contain_text("Waiting for the model to load")
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    assert scripted.calls("ask") == []
    scripted.script("whole")
    expect(scripted.locator(".answer .activity")).to_have_text("Thinking…")
    scripted.script("finish", "circle")
    expect(scripted.locator(".answer .text")).to_have_text("circle")


def test_a_question_waits_on_for_its_own_image_when_another_is_chosen(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample(0)
    scripted.ask(SHAPE)
    name = scripted.locator("#image-name").inner_text()
    scripted.choose_sample(1)
    expect(scripted.locator("#image-name")).not_to_have_text(name)
    expect(scripted.locator(".answer .activity")).to_contain_text("Waiting for the model")
    scripted.script("vision")
    scripted.script("whole")
    scripted.page.wait_for_function("() => window.tinyvlm.script.calls.some(({ name }) => name === 'ask')")
    first, second = scripted.calls("encode")
    [asked] = scripted.calls("ask")
    assert (asked["question"], asked["image"]) == (SHAPE, first["image"])
    assert second["image"] != first["image"]


def test_what_is_being_written_is_kept_while_loading(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.locator("#question").fill("What is")
    for step in ("vision", "draft", "whole"):
        scripted.script(step)
    expect(scripted.locator("#question")).to_have_value("What is")


def test_stop_ends_a_question_that_waits_but_not_the_look_at_the_image(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.ask(SHAPE)
    scripted.page.keyboard.press("Escape")
    expect(scripted.locator(".answer")).to_have_attribute("data-state", "stopped")
    scripted.script("whole")
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    assert scripted.calls("ask") == []


def test_another_model_while_loading_looks_at_the_image_again(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.script("vision")
    scripted.locator("#model-button").click()
    scripted.locator("#model-source").fill("owner/other")
    scripted.locator("#model-form button[type=submit]").click()
    expect(scripted.locator("#progress .can-do")).to_contain_text("as soon as the vision part is here")
    assert scripted.calls("load")[0]["choice"]["model"] == "owner/other"
    assert [call.get("aborted", False) for call in scripted.calls("encode")] == [True, False]


def test_a_model_that_only_reads_is_not_shown_the_image(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.ask("Hello")
    scripted.script("whole", {"sees": False, "needs_image": False})
    expect(scripted.locator(".answer .activity")).to_have_text("Thinking…")
    scripted.script("finish", "Hello!")
    expect(scripted.locator(".answer .text")).to_have_text("Hello!")
    assert scripted.calls("ask")[0]["image"] is None
    assert scripted.calls("encode")[0]["aborted"]


def test_the_profile_counts_for_an_image_nobody_asked_about(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.locator("#settings-button").click()
    scripted.locator("#model-profile").select_option("accuracy")
    assert [call["profile"] for call in scripted.calls("encode")] == ["balanced", "accuracy"]


def test_drafts_are_marked_and_asked_again(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    scripted.script("draft")
    expect(scripted.locator("#progress")).to_have_attribute("data-mode", "line")
    expect(scripted.locator("#progress")).to_contain_text("Answers are drafts for now")
    scripted.progress(loaded=9, total=12, remaining_s=20)
    expect(scripted.locator("#progress")).to_contain_text("about 20 sec left")
    scripted.ask(SHAPE)
    expect(scripted.locator(".answer .activity")).to_have_text("Thinking…")
    scripted.script("token", "squ")
    expect(scripted.locator(".answer .draft")).to_be_visible()
    scripted.script("whole")
    expect(scripted.locator("#progress")).to_be_hidden()
    expect(scripted.locator(".again")).to_have_count(0)
    scripted.script("finish", "square")
    expect(scripted.locator(".answer .draft")).to_contain_text("answered before the whole model was here")
    scripted.locator(".again").click()
    expect(scripted.locator(".again")).to_have_count(0)
    expect(scripted.locator(".answer .activity").nth(1)).to_have_text("Thinking…")
    scripted.script("token", "circle")
    expect(scripted.locator(".answer .draft").nth(1)).to_be_hidden()
    scripted.script("finish", "circle")
    expect(scripted.locator(".answer .text").nth(1)).to_have_text("circle")
    expect(scripted.locator(".question .text")).to_have_text([SHAPE, SHAPE])
    expect(scripted.locator(".again")).to_have_count(0)


def test_the_button_is_under_the_last_draft_alone(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.script("vision")
    scripted.script("draft")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    for index, word in enumerate(("square", "oval")):
        scripted.ask(SHAPE)
        expect(scripted.locator(".answer .activity").nth(index)).to_have_text("Thinking…")
        scripted.script("finish", word)
        expect(scripted.locator(".answer").nth(index)).to_have_attribute("data-state", "done")
    expect(scripted.locator(".again")).to_have_count(0)
    scripted.script("whole")
    expect(scripted.locator(".answer").nth(0).locator(".again")).to_have_count(0)
    expect(scripted.locator(".answer").nth(1).locator(".again")).to_have_count(1)


def test_the_status_tells_draft_from_full_quality(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.script("draft")
    expect(scripted.locator("#status")).to_contain_text("draft quality")
    scripted.script("whole")
    expect(scripted.locator("#status")).to_contain_text("full quality")


def test_a_load_that_fails_can_be_tried_again(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.ask(SHAPE)
    scripted.script("fail", "no-network", "The network is gone.")
    expect(scripted.locator("#progress [role=alert]")).to_have_text("The network is gone.")
    expect(scripted.locator(".answer")).to_have_attribute("data-state", "error")
    expect(scripted.locator("#question")).to_have_value(SHAPE)
    scripted.locator("#progress button").click()
    expect(scripted.locator("#progress")).to_have_attribute("data-mode", "card")
    scripted.script("vision")
    expect(scripted.locator("#progress .can-do")).to_have_text("Looking at your image while the rest arrives.")
    assert len(scripted.calls("reload")) == 1


def test_what_is_too_large_is_offered_as_it_fits(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.script("fail", "quantization-too-large", "It needs too much.", {"smaller": "q4"})
    expect(scripted.locator("#progress [role=alert]")).to_have_text("It needs too much.")
    expect(scripted.locator("#progress button")).to_have_text("Load it in q4")
    scripted.locator("#progress button").click()
    expect(scripted.locator("#progress")).to_have_attribute("data-mode", "card")
    assert [call["quantization"] for call in scripted.calls("reload")] == ["q4"]


def test_a_rest_that_fails_leaves_the_draft_answering(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.script("vision")
    scripted.script("draft")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    scripted.script("fail", "no-network", "The network is gone.")
    expect(scripted.locator("#progress")).to_contain_text("answers stay drafts")
    scripted.ask(SHAPE)
    expect(scripted.locator(".answer .activity")).to_have_text("Thinking…")
    scripted.script("finish", "square")
    expect(scripted.locator(".answer .draft")).to_be_visible()
    expect(scripted.locator("#progress button")).to_have_text("Try again")


def test_an_engine_that_died_is_not_shown_the_image_that_killed_it(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("restart")
    expect(scripted.locator("#notices")).to_contain_text("was restarted")
    expect(scripted.locator("#image-state")).to_be_empty()
    scripted.script("whole")
    expect(scripted.locator("#progress")).to_be_hidden()
    assert len(scripted.calls("encode")) == 1


def test_what_was_seen_went_with_the_engine(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    expect(scripted.locator("#image-state")).to_contain_text("Image is ready")
    scripted.script("restart")
    expect(scripted.locator("#image-state")).to_be_empty()
    expect(scripted.locator("#progress .can-do")).to_contain_text("You can already choose an image")


def test_notices_are_shown_once_each_and_closed(scripted: ScriptedPage) -> None:
    scripted.open()
    notices = scripted.locator(".notice")
    scripted.script("notice", "storage-full", "The disk is full.")
    scripted.script("notice", "storage-full", "The disk is still full.")
    scripted.script("notice", "other", "Something else.")
    expect(notices).to_have_count(2)
    expect(notices.first).to_contain_text("still full")
    notices.first.get_by_role("button", name="Close").click()
    expect(notices).to_have_count(1)
    expect(notices).to_contain_text("Something else.")


def test_a_new_version_of_the_page_is_offered(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.page.evaluate("() => window.newVersion()")
    expect(scripted.locator(".notice")).to_contain_text("new version")
    with scripted.page.expect_navigation():
        scripted.page.get_by_role("button", name="Reload").click()
