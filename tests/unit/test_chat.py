"""Chats as text: published templates, where a folder keeps them, and templates that fail or mean harm."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tinyvlm.errors import InputError, ModelError
from tinyvlm.text.chat import ChatTemplate, read_chat_template, read_special_tokens

SMOLVLM = (
    "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}"
    "{% if message['content'][0]['type'] == 'image' %}{{':'}}{% else %}{{': '}}{% endif %}"
    "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}"
    "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}<end_of_utterance>\n"
    "{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)
SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}"
    "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SYSTEM = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content[0] if content and isinstance(content[0], str) else list(content)}


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def render(source: str, *messages: dict[str, Any], **options: Any) -> str:
    return ChatTemplate(source, {"bos_token": "<s>"}).render(messages, **options)


def test_smolvlm() -> None:
    question = user({"type": "image"}, text("What is it?"))
    expected = "<|im_start|>User:<image>What is it?<end_of_utterance>\nAssistant:"
    assert render(SMOLVLM, question) == expected
    answer = {"role": "assistant", "content": "A cat."}
    assert render(SMOLVLM, question, answer, user("Sure?")) == (
        f"{expected} A cat.<end_of_utterance>\nUser: Sure?<end_of_utterance>\nAssistant:"
    )
    assert render(SMOLVLM, question, answer, add_generation_prompt=False) == f"{expected} A cat.<end_of_utterance>\n"


def test_several_images() -> None:
    message = user({"type": "image"}, text("and "), {"type": "image"}, text("?"))
    assert "User:<image>and <image>?<end" in render(SMOLVLM, message)


def test_videos() -> None:
    """As with the template that transformers' SmolVLMProcessor takes for videos."""
    assert "User: <video>What?<end" in render(SMOLVLM, user({"type": "video"}, text("What?")))


def test_smollm2() -> None:
    assert render(SMOLLM2, user("Hi")) == f"{SYSTEM}<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert render(SMOLLM2, user(text("Hi"), text(" you")), add_generation_prompt=False) == (
        f"{SYSTEM}<|im_start|>user\nHi you<|im_end|>\n"
    )
    assert render(SMOLLM2, {"role": "system", "content": "Be brief."}, user("Hi")).startswith(
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n"
    )


def test_a_template_for_text_takes_no_images() -> None:
    with pytest.raises(InputError, match="text only") as caught:
        render(SMOLLM2, user({"type": "image"}, text("What?")))
    assert caught.value.code == "chat-text-only"


def test_a_template_that_prints_parts_as_they_are_is_given_strings() -> None:
    assert render("{% for m in messages %}{{ m.content }}{% endfor %}", user(text("Hi"))) == "Hi"


def test_a_template_for_both_is_given_parts() -> None:
    source = (
        "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}"
        "{% for p in m.content %}{{ p.text if p.type == 'text' else '[img]' }}{% endfor %}{% endif %}{% endfor %}"
    )
    assert render(source, user({"type": "image"}, text("Hi"))) == "[img]Hi"


def test_options_are_those_of_transformers() -> None:
    source = """{{ bos_token }}
{% for m in messages %}
    {% generation %}
    {{ {"b": m.content, "a": "<é>"} | tojson }}
    {% endgeneration %}
    {% break %}
{% endfor %}
{{ tools is none }}{{ strftime_now("%Y") | length }}"""
    assert render(source, user("x")) == '<s>\n    {"b": "x", "a": "<é>"}\nTrue4'


def test_a_template_may_refuse_a_chat() -> None:
    for said in ("one turn at a time", "one turn at a time."):
        source = f"{{% if messages | length > 1 %}}{{{{ raise_exception('{said}') }}}}{{% endif %}}"
        with pytest.raises(InputError, match=r": one turn at a time\.$") as caught:
            render(source, user("a"), user("b"))
        assert caught.value.code == "chat-refused"


@pytest.mark.parametrize(
    "message",
    [
        {"content": "Hi"},
        {"role": "user"},
        {"role": 1, "content": "Hi"},
        {"role": "user", "content": b"Hi"},
        {"role": "user", "content": [{"type": "text"}]},
        {"role": "user", "content": [{"type": "audio"}]},
        {"role": "user", "content": ["Hi"]},
    ],
)
def test_messages_that_are_none(message: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        render(SMOLVLM, message)
    assert caught.value.code == "chat-message-invalid"


def test_a_message_without_content() -> None:
    assert render(SMOLVLM, user()) == "<|im_start|>User: <end_of_utterance>\nAssistant:"


BAD = [
    "{% for %}",
    "{{ nothing.at.all }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ messages.append(1) }}",
    "{{ 1 / 0 }}",
    "{% include '/etc/passwd' %}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{{ " + "(" * 1000 + ")" * 1000 + " }}",
]
ENDLESS = [
    "{{ 'x' * 10 ** 9 }}",
    "{{ 10 ** 9 * [1] }}",
    "{{ 9 ** 99 ** 9 }}",
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}",
    "{#" + "x" * (1 << 20) + "#}",
]


@pytest.mark.parametrize("source", BAD + ENDLESS, ids=range(len(BAD + ENDLESS)))
def test_templates_that_fail_or_mean_harm(source: str) -> None:
    tracing = sys.gettrace()
    with pytest.raises(ModelError) as caught:
        render(source, user("Hi"))
    assert caught.value.code == ("chat-template-endless" if source in ENDLESS else "chat-template-invalid")
    assert len(str(caught.value)) < 500
    assert sys.gettrace() is tracing


def test_without_jinja(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "tinyvlm.text.chat_template", raising=False)
    with pytest.raises(ModelError, match="pip install jinja2"):
        ChatTemplate(SMOLVLM, {})


class Folder(dict[str, Any]):
    """A model folder of these files."""

    def has(self, name: str) -> bool:
        return name in self

    def read_text(self, name: str) -> str:
        return self[name] if isinstance(self[name], str) else json.dumps(self[name])


def test_where_templates_are_kept() -> None:
    folder = Folder({"tokenizer_config.json": {"chat_template": "c"}})
    metadata = {"tokenizer.chat_template": "d"}
    assert read_chat_template(folder, metadata) == "c"
    folder["chat_template.json"] = {"chat_template": "b"}
    assert read_chat_template(folder, metadata) == "b"
    folder["chat_template.jinja"] = "a"
    assert read_chat_template(folder) == "a"
    assert read_chat_template(Folder(), metadata) == "d"
    assert read_chat_template(Folder()) is None
    assert read_chat_template(Folder({"tokenizer_config.json": {"chat_template": None}})) is None


def test_named_templates() -> None:
    named = [{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}]
    assert read_chat_template(Folder({"tokenizer_config.json": {"chat_template": named}})) == "d"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"chat_template": 3}', "chat-template-not-text"),
        ('{"chat_template": [3]}', "chat-template-not-text"),
        ('{"chat', "json-invalid"),
        ("[" * 100_000, "json-invalid"),
    ],
)
def test_files_of_other_shape_are_refused(content: str, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        read_chat_template(Folder({"chat_template.json": content}))
    assert caught.value.code == code


def test_special_tokens() -> None:
    config = {"bos_token": "<s>", "eos_token": {"content": "</s>"}, "pad_token": None, "unk_token": 3, "other": "x"}
    assert read_special_tokens(Folder({"tokenizer_config.json": config})) == {"bos_token": "<s>", "eos_token": "</s>"}
    assert read_special_tokens(Folder()) == {}
