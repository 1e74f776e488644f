"""The page answers rightly, in Chromium, with the engine that ships."""

from __future__ import annotations

import base64
import json
import random
from io import BytesIO
from pathlib import Path
from typing import Any

import easy_vqa
import pytest
from playwright.sync_api import Page

from fixtures.shapes import shape_image
from tinyvlm import VLM

ASK = """async ([data, mime, question, options]) => {
  await window.tinyvlm.ready;
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  return window.tinyvlm.ask(new Blob([bytes], { type: mime }), question, options ?? {});
}"""
# A blob kept on the page, so that later questions are about the same object.
KEEP = """([data]) => {
  window.kept = new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type: "image/png" });
}"""


TWELVE = {"type": "array", "items": {"type": "boolean"}, "minItems": 12, "maxItems": 12}
# The stop waits behind the question, and is read when the lead looks at its messages between two tokens; asks again.
STOPPED = """async ([data, schema]) => {
  const { EngineConnection } = await import("./engine/client/engine_connection.js");
  const [onProgress, onMilestone, onNotice, onDeath] = Array(4).fill(() => {});
  const connection = new EngineConnection({ onProgress, onMilestone, onNotice, onDeath });
  const { ready, whole } = connection.load({ site: new URL("site.json", location).href });
  await ready;
  await whole;
  const image = new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type: "image/png" });
  const options = { schema, max_new_tokens: 96 };
  const ask = (fields, onToken) => {
    return connection.request("ask", { question: "What is it?", options: {}, ...fields }, { onToken });
  };
  await ask({ image }).reply;
  const { text: answer } = await ask({ options }).reply;
  let text = "";
  const { id, reply } = ask({ options }, (piece) => (text += piece));
  connection.stop(id);
  const code = await reply.then(() => "answered", (error) => error.code);
  const { text: next } = await ask({ question: "What color is the shape?" }).reply;
  connection.close(new Error("done"));
  return { code, text, answer, next };
}"""
# What this browser's dot product makes of an operand above 127: wasm that does it once.
DOT_PRODUCT = """() => {
  const code = [
    ...[0x20, 0, 0xfd, 0x0f], // i8x16.splat of the first argument
    ...[0x20, 1, 0xfd, 0x0f],
    ...[0x41, 0, 0xfd, 0x11], // i32x4.splat of 0
    ...[0xfd, 0x93, 0x02], // i32x4.relaxed_dot_i8x16_i7x16_add_s
    ...[0xfd, 0x1b, 0], // i32x4.extract_lane 0
  ];
  const body = [0, ...code, 0x0b];
  const sections = [
    ...[1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f],
    ...[3, 2, 1, 0],
    ...[7, 7, 1, 3, 0x64, 0x6f, 0x74, 0, 0], // exports "dot"
    ...[10, body.length + 2, 1, body.length, ...body],
  ];
  const module = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections]));
  return new WebAssembly.Instance(module).exports.dot(127, 255);
}"""


def png(image: Any) -> str:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def open_page(page: Page, url: str) -> Page:
    page.goto(url)
    page.evaluate("() => window.tinyvlm.ready.then(() => true)")
    return page


def easy_vqa_questions(count: int) -> list[tuple[Path, str, str]]:
    """Random colour and shape questions of the package's test split."""
    root = Path(easy_vqa.__file__).parent / "data" / "test"
    questions = json.loads((root / "questions.json").read_text())
    wanted = [q for q in questions if q[1] not in ("yes", "no")]
    return [(root / "images" / f"{i}.png", q, a) for q, a, i in random.Random(0).sample(wanted, count)]


def test_easy_vqa_questions_are_answered_rightly(page: Page, site_url: str) -> None:
    """And numpy agrees on the answers. How many of all are right, scripts/evaluate.py tells."""
    open_page(page, site_url)
    reference = VLM.from_pretrained(backend="numpy")
    for path, question, expected in easy_vqa_questions(25):
        answer = page.evaluate(ASK, [base64.b64encode(path.read_bytes()).decode(), "image/png", question])
        assert (answer, reference.ask(path, question)) == (expected, expected), (path.name, question)


@pytest.mark.parametrize("simd", ["relaxed", "simd128"])
@pytest.mark.parametrize(("bits", "several"), [("", (2, 4)), ("7", (4,))])
def test_one_thread_and_several_agree_token_for_token(
    page: Page, site_url: str, simd: str, bits: str, several: tuple[int, ...]
) -> None:
    """In both builds, with the activations that the engine allows and with those that every engine does."""
    image, answers = png(shape_image("triangle", "blue", 200)), {}
    for threads in (1, *several):
        open_page(page, f"{site_url}?threads={threads}&simd={simd}&bits={bits}")
        stats = page.evaluate("() => window.tinyvlm.stats()")
        assert (stats["threads"], stats["simd"]) == (threads, simd)
        assert not bits or stats["activation_bits"] == int(bits)
        questions = ("Describe the image.", "What color is the shape?", "What shape is in the image?")
        answers[threads] = [page.evaluate(ASK, [image, "image/png", q]) for q in questions]
    assert all(answers[threads] == answers[1] for threads in several)
    assert answers[1][1:] == ["blue", "triangle"]


def test_a_host_without_headers_gets_one_thread_and_says_why(page: Page, plain_site_url: str) -> None:
    open_page(page, plain_site_url)
    stats = page.evaluate("() => window.tinyvlm.stats()")
    assert stats["crossOriginIsolated"] is False
    assert stats["threads"] == 1
    assert stats["threads_reason"] == "not-isolated"
    assert page.evaluate(ASK, [png(shape_image()), "image/png", "What color is the shape?"]) == "red"
    assert "1 thread (the server does not send the headers" in page.locator("#status").inner_text()


def test_a_second_question_reuses_the_image(page: Page, site_url: str) -> None:
    """The image is encoded once; scripts/bench.py measures what that saves."""
    open_page(page, site_url)
    page.evaluate(KEEP, [png(shape_image("circle", "green", 1500))])
    ask = """async (question) => {
      const started = performance.now();
      let first = 0;
      const phases = [];
      const answer = await window.tinyvlm.ask(window.kept, question, {
        onToken: () => { first ||= performance.now() - started; },
        onPhase: (phase) => phases.push(phase),
      });
      return { answer, first, phases, last: window.tinyvlm.lastAnswer };
    }"""
    one = page.evaluate(ask, "What color is the shape?")
    two = page.evaluate(ask, "What shape is in the image?")
    assert (one["answer"], two["answer"]) == ("green", "circle")
    assert "encoding" in one["phases"]
    assert two["phases"] == ["answering"]
    assert two["last"]["reused_image"] is True
    assert two["last"]["encode_ms"] == 0


def test_the_answer_streams_and_can_be_stopped(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    page.evaluate(KEEP, [png(shape_image())])
    result = page.evaluate("""async () => {
      const pieces = [];
      const whole = await window.tinyvlm.ask(window.kept, "Describe the image.", { onToken: (t) => pieces.push(t) });
      const controller = new AbortController();
      const stopped = await window.tinyvlm
        .ask(window.kept, "Describe the image.", { signal: controller.signal, onToken: () => controller.abort() })
        .catch((error) => error.name);
      const after = await window.tinyvlm.ask(window.kept, "What color is the shape?");
      return { pieces, whole, stopped, after };
    }""")
    assert len(result["pieces"]) > 2
    assert "".join(result["pieces"]) == result["whole"]
    assert result["stopped"] == "AbortError"
    assert result["after"] == "red"


def test_stats_hold_the_promised_figures(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    page.evaluate(ASK, [png(shape_image()), "image/png", "Describe the image."])
    stats = page.evaluate("() => window.tinyvlm.stats()")
    assert stats["crossOriginIsolated"] is True
    assert stats["model"] == "tinyvlm-13m"
    assert stats["simd"] == "relaxed"
    for name in ("threads", "load_ms", "encode_ms", "prefill_ms", "decode_tokens_per_s"):
        assert stats[name] > 0, name
    assert 10e6 < stats["kernel_memory_bytes"] < 100e6
    assert stats["python_heap_bytes"] > 1e6


def test_the_page_needs_neither_numpy_nor_any_other_origin(page: Page, site_url: str) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    open_page(page, site_url)
    page.evaluate(ASK, [png(shape_image()), "image/png", "What color is the shape?"])
    outside = [url for url in requested if not url.startswith((site_url, "blob:", "data:"))]
    assert outside == []
    assert not [url for url in requested if "numpy" in url or "pillow" in url]


def test_another_page_can_import_the_module(page: Page, site_url: str) -> None:
    """Two models on one page live side by side; a disposed one answers no more."""
    open_page(page, site_url)
    answer = page.evaluate(
        """async ([data]) => {
      const { TinyVLM } = await import("./tinyvlm.js");
      const vlm = new TinyVLM({ threads: 1 });
      await vlm.ready;
      const blob = new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type: "image/png" });
      const answer = await vlm.ask(blob, "What shape is in the image?");
      const asked = vlm.stats().catch(({ code }) => code);
      queueMicrotask(() => vlm.dispose());
      const meanwhile = await asked;
      const after = await vlm.ask(blob, "Again?").catch(({ code }) => code);
      return [answer, meanwhile, after];
    }""",
        [png(shape_image("rectangle", "yellow"))],
    )
    assert answer == ["rectangle", "disposed", "disposed"]


def test_an_engine_that_cannot_share_memory_runs_on_one_thread(page: Page, site_url: str) -> None:
    """As WebKitGTK 2.50, which refuses to clone shared memory: neither helpers nor the stop flag, but answers."""
    refuse = """
      const refusing = (post) => function (message, ...rest) {
        if (message?.memory) throw new DOMException("refused", "DataCloneError");
        return post.call(this, message, ...rest);
      };
      self.postMessage = refusing(self.postMessage);
      Worker.prototype.postMessage = refusing(Worker.prototype.postMessage);
      const { terminate } = Worker.prototype;
      Worker.prototype.terminate = function () {
        self.ended = true;
        return terminate.call(this);
      };
    """
    source = (Path(__file__).parents[2] / "web" / "engine" / "lead" / "worker.js").read_text()
    headers = {"Content-Type": "text/javascript", "Cross-Origin-Embedder-Policy": "require-corp"}
    page.route("**/engine/lead/worker.js", lambda route: route.fulfill(body=source + refuse, headers=headers))
    open_page(page, site_url)
    stats = page.evaluate("() => window.tinyvlm.stats()")
    assert (stats["crossOriginIsolated"], stats["threads"]) == (True, 1)
    assert stats["threads_reason"] == "not-started"
    (engine,) = (worker for worker in page.workers if worker.url.endswith("/engine/lead/worker.js"))
    assert engine.evaluate("self.ended")  # the helper, which would wait for ever
    assert page.evaluate(ASK, [png(shape_image()), "image/png", "What color is the shape?"]) == "red"


def test_a_stop_needs_no_shared_memory(page: Page, plain_site_url: str) -> None:
    """A message alone ends an answer between two tokens."""
    page.goto(f"{plain_site_url}index.html?model=none")
    assert page.evaluate("() => crossOriginIsolated") is False
    stopped = page.evaluate(STOPPED, [png(shape_image()), TWELVE])
    assert len(json.loads(stopped["answer"])) == 12
    assert 0 < len(stopped["text"]) < len(stopped["answer"])
    assert stopped["answer"].startswith(stopped["text"])
    assert (stopped["code"], stopped["next"]) == ("cancelled", "red")


def test_activations_have_the_bits_that_this_browser_multiplies_rightly(page: Page, site_url: str) -> None:
    """Unsigned, signed, or neither: then seven. Plain SIMD always takes eight."""
    open_page(page, site_url)
    right = [4 * 127 * 255, 4 * 127 * -1]
    bits = 8 if page.evaluate(DOT_PRODUCT) in right else 7
    stats = page.evaluate("() => window.tinyvlm.stats()")
    assert (stats["simd"], stats["activation_bits"]) == ("relaxed", bits)
    open_page(page, f"{site_url}?simd=simd128")
    stats = page.evaluate("() => window.tinyvlm.stats()")
    assert (stats["simd"], stats["activation_bits"]) == ("simd128", 8)


def test_an_option_that_there_is_not_is_refused_as_in_python(page: Page, site_url: str) -> None:
    """None is dropped, the client's own are none of the engine's, and what is left undefined is not given."""
    open_page(page, site_url)
    page.evaluate(KEEP, [png(shape_image())])
    outcomes = page.evaluate("""async () => {
      const own = { onToken: () => {}, onPhase: () => {}, signal: new AbortController().signal, profile: "fast" };
      const misnamed = [{ max_tokens: 1 }, { maxNewTokens: 1 }];
      const unknown = [{ heat: 1 }, { heat: () => 1 }];
      const outcomes = [];
      for (const options of [...misnamed, ...unknown, { ...own, heat: undefined }]) {
        const answer = window.tinyvlm.ask(window.kept, "What color is the shape?", options);
        outcomes.push(await answer.catch(({ code, details }) => [code, details]));
      }
      return outcomes;
    }""")
    names = ("max_tokens", "maxNewTokens")
    misnamed = [["sampling-misnamed", {"option": name, "meant": "max_new_tokens"}] for name in names]
    unknown = [["sampling-unknown", {"option": "heat"}]] * 2
    assert outcomes == [*misnamed, *unknown, "red"]


def test_a_model_too_large_for_this_browser_is_told_so_and_not_downloaded_on(page: Page, site_url: str) -> None:
    """As where a phone reserves little memory; another model may then be chosen."""
    source = (Path(__file__).parents[2] / "web" / "engine" / "lead" / "kernels.js").read_text()
    small = source.replace("[32768, 16384, 8192]", "[600]")
    assert small != source
    headers = {"Content-Type": "text/javascript", "Cross-Origin-Embedder-Policy": "require-corp"}
    page.route("**/engine/lead/kernels.js", lambda route: route.fulfill(body=small, headers=headers))
    page.goto(site_url)
    code, details = page.evaluate("() => window.tinyvlm.ready.catch(({ code, details }) => [code, details])")
    assert (code, details["model"], details["limit"]) == ("model-too-large", "tinyvlm-13m", 5)
    assert page.locator("#progress [role=alert]").inner_text().startswith("tinyvlm-13m needs ")
    assert [worker.url for worker in page.workers if "/download/" in worker.url] == []
