"""Runs chat templates with Jinja, as transformers does, but with limits: the template came with the model."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from types import FrameType
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..errors import InputError, ModelError

MAX_SOURCE = 1 << 20
"""Characters of a template."""
MAX_OUTPUT = 1 << 22
"""Characters of a rendered chat, and of any text or list that a template multiplies."""
MAX_STEPS = 2_000_000
"""Lines of Python that a rendering may run."""


class _RefusedError(TemplateError):
    """Raised by templates that do not take a chat, for one where turns do not alternate."""


class _EndlessError(SecurityError):
    """The template exceeds a limit."""


class _Generation(Extension):
    """`{% generation %}` marks answers for training; here its body is all there is to it."""

    tags = {"generation"}  # noqa: RUF012

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Environment(ImmutableSandboxedEnvironment):
    """Refuses to multiply anything into more than `MAX_OUTPUT` elements."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        for times, value in ((left, right), (right, left)):
            if isinstance(value, (str, list, tuple)) and isinstance(times, int) and times * len(value) > MAX_OUTPUT:
                raise _EndlessError
        if operator == "**" and not (abs(left) < 1 << 32 and abs(right) < 64):
            raise _EndlessError
        return super().call_binop(context, operator, left, right)


def compile_template(source: str) -> Callable[..., str]:
    """Return a function from a template's names to its text.

    Raises ModelError: "chat-template-invalid" where the template cannot be compiled, "chat-template-endless" for one
    that is too long. The function raises the first where the template fails, the second where it exceeds a limit, and
    InputError("chat-refused") where it refuses its chat.
    """
    if len(source) > MAX_SOURCE:
        raise ModelError("chat-template-endless")
    environment = _Environment(trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols])
    environment.filters["tojson"] = _to_json
    environment.globals.update(raise_exception=_refuse, strftime_now=_now)
    try:
        template = environment.from_string(source)
    except Exception as error:  # beside syntax errors, deep nesting makes Python's own compiler fail
        raise ModelError("chat-template-invalid", reason=_reason(error)) from error

    def render(**names: Any) -> str:
        try:
            with _StepLimit():
                return _join(template.generate(**names))
        except _RefusedError as error:
            raise InputError("chat-refused", reason=_reason(error)) from error
        except _EndlessError as error:
            raise ModelError("chat-template-endless") from error
        except Exception as error:  # a template can fail as any program can
            raise ModelError("chat-template-invalid", reason=_reason(error)) from error

    return render


class _StepLimit:
    """Ends Python code that runs on and on, which nested loops of a template can do without writing a thing."""

    def __enter__(self) -> None:
        self._left = MAX_STEPS
        self._previous = sys.gettrace()
        sys.settrace(self._trace)

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._previous)

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise _EndlessError
        return self._trace


def _join(pieces: Iterable[str]) -> str:
    text = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > MAX_OUTPUT:
            raise _EndlessError
        text.append(piece)
    return "".join(text)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Jinja's own filter escapes what HTML would read as tags."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _refuse(message: str) -> None:
    raise _RefusedError(message)


def _now(form: str) -> str:
    return datetime.now().strftime(form)


def _reason(error: Exception) -> str:
    """What the template's author says of it, mostly a whole sentence, as the end of one."""
    return str(error).rstrip(" .")
