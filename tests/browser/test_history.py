"""What this device keeps of conversations: that nothing is lost, and that what is not to be kept is not written."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from history_page import TABLES, HistoryTab, crash, new_tab


@pytest.fixture
def tab(history_tab: HistoryTab) -> HistoryTab:
    return history_tab


@pytest.fixture
def url(history_url: str) -> str:
    return history_url


def kept_tables(tab: HistoryTab) -> dict[str, int]:
    """How many records lie on the disk."""
    return {table: len(tab.stored(table)) for table in TABLES}


def stop_time(tab: HistoryTab) -> None:
    """Timers come when the test says so."""
    tab.page.clock.install(time=0)
    tab.page.clock.pause_at(1000)


EMPTY = dict.fromkeys(TABLES, 0)


def test_a_conversation_is_there_after_a_reload(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    image = tab.call("draw", talk, "red")
    number = tab.ask(talk, "What color is it?", image=image)
    tab.answer(number, "finish", {"text": "Red.", "facts": {"tokens": 2, "draft": False}})
    assert number == 1
    tab.do("idle")
    tab.open()
    seen = tab.do("conversation", talk)
    (message,), (picture,) = seen["messages"], seen["images"]
    assert isinstance(message.pop("asked"), int)
    answer = {"text": "Red.", "state": "done", "error": None, "facts": {"tokens": 2, "draft": False}}
    assert message == {
        "number": 1,
        "question": "What color is it?",
        "image": image,
        "answer": answer,
        "model": "m",
        "profile": "fast",
    }
    assert picture.pop("thumbnail")["type"] == "image/webp"
    assert picture["id"] == image
    assert [picture["width"], picture["height"], picture["type"]] == [300, 200, "image/png"]
    assert len(tab.do("file", talk, image)["bytes"]) == picture["size"] > 100
    assert [seen["title"], seen["isNamed"], seen["questions"], seen["isKept"]] == ["What color is it?", False, 1, True]
    assert tab.call("told") == []


def test_what_is_written_when_a_tab_is_killed(tab: HistoryTab, context: BrowserContext, url: str) -> None:
    other = new_tab(context, url)
    talk = other.do("begin")
    other.ask(talk, "What is it?")
    other.answer(1, "write", "A red")
    other.answer(1, "flush")
    other.do("keepDraft", talk, {"text": "And what"})
    other.do("idle")
    other.ask(talk, "And now?")
    assert [row[3] for row in tab.messages(talk)] == ["unfinished", "unfinished"], "its tab still writes"
    crash(other)
    left = [[1, "What is it?", "A red", "interrupted"], [2, "And now?", "", "interrupted"]]
    assert tab.messages(talk) == left
    assert [record["answer"]["state"] for record in tab.stored("messages")] == ["unfinished", "unfinished"]
    tab.open()
    tab.do("idle")
    assert tab.messages(talk) == left
    assert tab.stored("messages")[0]["answer"] == {
        "text": "A red",
        "state": "interrupted",
        "error": None,
        "facts": None,
    }
    assert tab.stored("progress") == []
    assert tab.do("usage")["bytes"] == len("What is it?A redAnd now?")


def test_a_draft_outlives_a_killed_tab(tab: HistoryTab, context: BrowserContext, url: str) -> None:
    other = new_tab(context, url)
    begun, unborn = other.do("begin"), other.do("begin")
    other.ask(begun, "What is it?", image="i")
    other.do("keepDraft", begun, {"text": "And wh", "image": "i"})
    other.do("idle")
    other.do("keepDraft", unborn, {"text": "Hal"})
    other.do("keepDraft", unborn, {"text": "Half a quest"})
    other.do("idle")
    crash(other)
    tab.open()
    tab.do("idle")
    drafts = [[draft["conversation"], draft["text"], draft["image"]] for draft in tab.do("drafts")]
    assert drafts == [[unborn, "Half a quest", None], [begun, "And wh", "i"]]
    assert tab.do("conversation", begun)["draft"]["text"] == "And wh"
    assert tab.do("conversation", unborn) is None
    tab.ask(unborn, "Half a question")
    tab.do("keepDraft", begun, {"text": "", "image": "i"})
    tab.do("idle")
    assert tab.do("drafts") == []


def test_an_answer_is_written_now_and_then_and_its_last_state_always(tab: HistoryTab) -> None:
    stop_time(tab)
    talk = tab.do("begin")
    tab.ask(talk, "What?")
    tab.call("watch")
    for text in ("A", "A r", "A re"):
        tab.answer(1, "write", text)
        tab.page.clock.run_for(99)
    assert tab.call("counted") == {}
    tab.page.clock.run_for(10)
    assert tab.call("counted") == {"progress put": 1}
    tab.answer(1, "write", "A red")
    tab.page.clock.run_for(299)
    assert tab.call("counted") == {"progress put": 1}
    tab.answer(1, "write", "A red circle")
    tab.page.clock.run_for(10)
    assert tab.call("counted") == {"progress put": 2}
    assert tab.stored("progress")[0]["text"] == "A red circle"


def test_an_answer_is_under_the_name_of_the_model_that_gave_it(tab: HistoryTab) -> None:
    """Which may have come after the question, or in the place of another."""
    talk = tab.do("begin")
    tab.ask(talk, "What?")
    tab.answer(1, "finish", {"text": "A circle.", "model": "SmolVLM"})
    tab.ask(talk, "And now?")
    tab.answer(2, "finish", {"text": "A square."})
    assert [message["model"] for message in tab.do("conversation", talk)["messages"]] == ["SmolVLM", "m"]


def test_a_page_that_is_left_writes_what_waits(tab: HistoryTab, context: BrowserContext, url: str) -> None:
    other = new_tab(context, url)
    stop_time(other)  # no timer comes to its help
    hidden, left = other.do("begin"), other.do("begin")
    other.ask(hidden, "Hidden?")
    other.answer(1, "write", "half")
    other.do("keepDraft", hidden, {"text": "dra"})
    other.page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: true, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
          delete document.hidden;
        }"""
    )
    assert tab.stored("progress")[0]["text"] == "half"
    assert tab.stored("drafts")[0]["text"] == "dra"
    other.ask(left, "Left?")
    other.answer(1, "write", "a part")
    other.page.goto("about:blank")
    assert tab.messages(left) == [[1, "Left?", "a part", "interrupted"]]


def test_how_answers_end(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    for question in ("a", "b", "c"):
        tab.ask(talk, question)
        tab.answer(tab.do("conversation", talk)["questions"], "write", f"{question} so far")
    tab.answer(1, "stop")
    tab.answer(2, "fail", {"code": "engine-stopped", "details": {"reason": "x"}})
    tab.answer(3, "finish", {"text": "c, all of it"})
    tab.answer(3, "write", "late")
    tab.answer(3, "stop")
    tab.do("idle")
    answers = [message["answer"] for message in tab.do("conversation", talk)["messages"]]
    error = {"code": "engine-stopped", "details": {"reason": "x"}}
    assert answers == [
        {"text": "a so far", "state": "stopped", "error": None, "facts": None},
        {"text": "b so far", "state": "failed", "error": error, "facts": None},
        {"text": "c, all of it", "state": "done", "error": None, "facts": None},
    ]
    assert tab.stored("progress") == []


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("  What is\n this?  ", "What is this?"),
        ("word " * 12, ("word " * 12).strip()),
        ("word " * 13, ("word " * 12).strip() + "…"),
        ("w" * 58 + " words", "w" * 58 + "…"),
        ("w" * 70, "w" * 60 + "…"),
        ("這張圖片裡有什麼" * 10, ("這張圖片裡有什麼" * 10)[:60] + "…"),
        ("🙂" * 61, "🙂" * 60 + "…"),
    ],
)
def test_a_title_is_the_question_cut_at_a_word(tab: HistoryTab, question: str, title: str) -> None:
    assert tab.call("heading", question) == title


def test_a_conversation_keeps_its_name(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.talk(talk, "First?", "1")
    tab.do("rename", talk, " My photos ")
    tab.talk(talk, "Second?", "2")
    seen = tab.do("conversation", talk)
    assert [seen["title"], seen["isNamed"]] == ["My photos", True]
    tab.do("rename", talk, " ")
    assert tab.titles() == ["First?"]


def test_one_is_deleted_and_all_are(tab: HistoryTab) -> None:
    talks = [tab.do("begin") for _ in range(3)]
    for talk in talks:
        tab.call("draw", talk, "red")
        tab.talk(talk, "What?", "This.")
        tab.do("keepDraft", talk, {"text": "x"})
    tab.do("idle")
    everything = kept_tables(tab)
    assert everything == {**dict.fromkeys(TABLES, 3), "progress": 0}
    tab.ask(talks[0], "More?")
    tab.answer(2, "write", "half of it")
    tab.do("remove", talks[0])
    tab.answer(2, "write", "and more")
    tab.answer(2, "finish", {"text": "all"})
    tab.do("idle")
    assert kept_tables(tab) == {**dict.fromkeys(TABLES, 2), "progress": 0}
    assert talks[0] not in str([tab.stored(table) for table in TABLES])
    tab.do("removeAll")
    tab.do("idle")
    assert kept_tables(tab) == EMPTY
    assert tab.titles() == []
    assert tab.do("usage") == {"conversations": 0, "bytes": 0}


def test_what_is_not_to_be_kept_is_never_written(tab: HistoryTab) -> None:
    tab.call("watch")
    talk = tab.do("begin", {"isKept": False})
    image = tab.call("draw", talk, "red")
    tab.ask(talk, "A secret?", image=image)
    tab.answer(1, "write", "Yes")
    tab.do("keepDraft", talk, {"text": "dr"})
    tab.do("idle")
    tab.answer(1, "finish", {"text": "Yes."})
    tab.do("rename", talk, "Mine")
    assert {name for name in tab.call("counted") if name.endswith(("put", "delete"))} == set()
    assert kept_tables(tab) == EMPTY
    assert tab.messages(talk) == [[1, "A secret?", "Yes.", "done"]]
    (row,) = tab.do("list")["conversations"]
    assert [row["title"], row["isKept"], row["thumbnail"]["type"]] == ["Mine", False, "image/webp"]
    assert [hit["id"] for hit in tab.do("find", "secret")] == [talk]
    assert len(tab.do("file", talk, image)["bytes"]) > 100
    assert tab.do("usage") == {"conversations": 0, "bytes": 0}
    tab.open()
    assert tab.do("list") == {"conversations": [], "next": None}


def test_keeping_is_turned_off_and_on(tab: HistoryTab) -> None:
    talk, other = tab.do("begin"), tab.do("begin")
    tab.talk(other, "Other?", "Yes.")
    image = tab.call("draw", talk, "red")
    tab.do("idle")
    file = tab.do("file", talk, image)
    tab.ask(talk, "What?", image=image)
    tab.answer(1, "write", "A")
    tab.do("idle")
    tab.do("setKept", talk, False)
    assert kept_tables(tab) == {**EMPTY, "conversations": 1, "messages": 1, "drafts": 1}
    assert talk not in str([tab.stored(table) for table in TABLES])
    tab.answer(1, "write", "A red")
    tab.do("idle")
    assert tab.messages(talk) == [[1, "What?", "A red", "unfinished"]]
    tab.answer(1, "finish", {"text": "A red one."})
    assert kept_tables(tab)["messages"] == 1
    assert tab.do("file", talk, image) == file
    assert tab.titles() == ["What?", "Other?"]
    tab.do("setKept", talk, True)
    tab.open()
    assert tab.messages(talk) == [[1, "What?", "A red one.", "done"]]
    assert tab.do("file", talk, image) == file
    assert tab.titles() == ["What?", "Other?"]


def test_an_image_is_kept_to_the_byte(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    data = list(range(256)) * 20
    image = tab.call("addBytes", talk, data, "image/png")
    tab.do("idle")
    assert tab.do("file", talk, image) == {"type": "image/png", "bytes": data}
    seen = tab.do("conversation", talk)
    assert [seen["images"][0]["thumbnail"], seen["thumbnail"]] == [None, None], "no browser can draw it"
    assert tab.do("usage") == {"conversations": 1, "bytes": len(data)}
    assert tab.call("addChanged", talk) == {"code": "image-changed", "details": {}}
    assert len(tab.do("conversation", talk)["images"]) == 1


@pytest.mark.parametrize(
    ("width", "height", "size"), [(300, 200, [192, 128]), (20, 600, [6, 192]), (50, 40, [50, 40]), (2000, 1, [192, 1])]
)
def test_a_thumbnail_is_small_and_on_white(tab: HistoryTab, width: int, height: int, size: list[int]) -> None:
    talk = tab.do("begin")
    tab.call("draw", talk, "transparent", {"width": width, "height": height})
    tab.call("draw", talk, "red", {"width": 9, "height": 9})
    tab.do("idle")
    assert tab.call("thumbnailPixel", talk) == {"size": size, "pixel": [255, 255, 255, 255]}
    seen = tab.do("conversation", talk)
    first, second = (image["thumbnail"] for image in seen["images"])
    assert seen["thumbnail"] == first != second
    sizes = [image["size"] + len(image["thumbnail"]["bytes"]) for image in seen["images"]]
    assert seen["bytes"] == sum(sizes) + len(first["bytes"])


def test_a_thumbnail_is_drawn_where_there_are_only_elements_to_draw_in(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.call("draw", talk, "transparent", {"isOld": True})
    tab.do("idle")
    assert tab.call("thumbnailPixel", talk) == {"size": [192, 128], "pixel": [255, 255, 255, 255]}


def test_three_hundred_are_listed_in_a_read_a_page(tab: HistoryTab) -> None:
    tab.call("fill", 297, False)
    tab.call("fill", 3, True)
    tab.open()
    tab.do("idle")
    tab.call("watch")
    rows, after, pages = [], None, 0
    while True:
        page = tab.do("list", {"after": after, "count": 50})
        rows += page["conversations"]
        pages += 1
        after = page["next"]
        if after is None:
            break
    assert len({row["id"] for row in rows}) == len(rows) == 300
    assert [row["changed"] for row in rows] == sorted((row["changed"] for row in rows), reverse=True)
    assert [row["title"] for row in rows[:4]] == ["Question 2", "Question 1", "Question 0", "Question 296"]
    assert [row["thumbnail"] is not None for row in rows[:4]] == [True, True, True, False]
    assert pages == 7, "the last is empty: it is what says that there are no more"
    assert tab.call("counted") == {"conversations getAll": 7}
    assert tab.do("usage")["conversations"] == 300
    assert tab.do("find", "answer 296")[0]["title"] == "Question 296"
    assert tab.call("counted") == {"conversations getAll": 7 + 2 + 2, "messages getAll": 2}


def test_lists_begin_with_what_changed_last(tab: HistoryTab) -> None:
    first, second, secret = tab.do("begin"), tab.do("begin"), tab.do("begin", {"isKept": False})
    for index, talk in enumerate([first, second, secret, first]):
        tab.talk(talk, f"Question {index}?", "x")
        tab.page.wait_for_function("(now) => Date.now() > now", arg=tab.page.evaluate("Date.now()"))
    assert tab.titles() == ["Question 0?", "Question 2?", "Question 1?"]
    page = tab.do("list", {"count": 2})
    rest = tab.do("list", {"count": 2, "after": page["next"]})
    assert [row["title"] for row in page["conversations"] + rest["conversations"]] == tab.titles()
    assert rest["next"] is None


def test_words_are_found(tab: HistoryTab) -> None:
    talks = {}
    for name, question, answer in [
        ("street", "Wie heißt die Straße?", "Champs-Élysées"),
        ("apple", "リンゴですか", "はい、りんごです。ガム"),
        ("cat", "图片里有什么？", "一只猫在桌子上"),
        ("wide", "ＡＢＣ１２３", "x" * 5000 + " needle"),
        ("plain", "What is it?", "A cat on a table."),
    ]:
        talks[name] = tab.do("begin")
        tab.talk(talks[name], question, answer)
    tab.do("rename", talks["plain"], "Ünïcödé title")

    def find(query: str) -> list[str]:
        names = {talk: name for name, talk in talks.items()}
        return [names[hit["id"]] for hit in tab.do("find", query)]

    assert find("STRASSE") == ["street"] == find("champs elysees") == find("élysées heisst")
    assert find("りんご") == ["apple"] == find("ﾘﾝｺﾞ") == find("ガム")
    assert find("カム") == [], "a voiced sound is another one"
    assert find("猫") == ["cat"] == find("什么 桌子")
    assert find("abc123") == ["wide"] == find("NEEDLE")
    assert find("unicode") == ["plain"] == find("cat table TITLE")
    assert find("cat dog") == [] == find("  ")
    assert find("i") == ["plain", "street"], "the newest first"
    (hit,) = tab.do("find", "ELYSEES")
    assert hit["found"] == {"number": 1, "part": "answer", "start": 7, "end": 14}
    (hit,) = tab.do("find", "needle")
    assert hit["found"] == {"number": 1, "part": "answer", "start": 5001, "end": 5007}
    (hit,) = tab.do("find", "code")
    assert hit["found"] == {"number": None, "part": "title", "start": 3, "end": 7}
    (hit,) = tab.do("find", "strasse")
    assert hit["found"] == {"number": 1, "part": "question", "start": 14, "end": 20}
