"""The faults that are put into Python: what its syntax tree says, at the tree's exact places.

The libraries for this (mutmut, cosmic-ray) are runners first, and neither removes statements, returns or raises, which
is what limits and guards are made of.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from .mutant import Mutant, make_mutant

COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: (r"<", ("<=", ">=")),
    ast.LtE: (r"<=", ("<", ">")),
    ast.Gt: (r">", (">=", "<=")),
    ast.GtE: (r">=", (">", "<")),
    ast.Eq: (r"==", ("!=",)),
    ast.NotEq: (r"!=", ("==",)),
    ast.Is: (r"\bis\b", ("is not",)),
    ast.IsNot: (r"\bis\s+not\b", ("is",)),
    ast.In: (r"\bin\b", ("not in",)),
    ast.NotIn: (r"\bnot\s+in\b", ("in",)),
}
"""Where a limit lies, and which side of it is meant."""

ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "&"),
    ast.MatMult: ("@", "*"),
}

UNTOUCHED_NAMES = frozenset({"__all__", "__slots__", "__version__"})
_COMMENT = re.compile(rb"#[^\n]*")
_Placed = ast.stmt | ast.expr | ast.keyword
_REMOVED = (ast.Raise, ast.Delete, ast.AugAssign)


def python_mutants(file: str, source: bytes) -> list[Mutant]:
    """Return the mutants of a module, in the order of the file; raises SyntaxError."""
    return sorted(set(_Reader(file, source).module()))


class _Reader:
    def __init__(self, file: str, source: bytes) -> None:
        self._file, self._source = file, source
        self._lines = [0, *(match.end() for match in re.finditer(rb"\n", source))]

    def module(self) -> Iterator[Mutant]:
        yield from self._visit_all(ast.parse(self._source).body)

    def _visit_all(self, nodes: list[ast.stmt] | list[ast.expr]) -> Iterator[Mutant]:
        for node in nodes:
            yield from self._visit(node)

    def _visit(self, node: ast.AST) -> Iterator[Mutant]:
        """Mutate a node and what is below it, unless nothing it says is meant to be tested."""
        if _says_nothing(node):
            return
        method = getattr(self, f"_mutate_{type(node).__name__}", None)
        if method is not None:
            yield from method(node)
        if isinstance(node, ast.stmt) and (isinstance(node, _REMOVED) or _is_removable(node)):
            yield self._change(node, "pass", "statement")
        for child in _children(node):
            yield from self._visit(child)

    def _mutate_Compare(self, node: ast.Compare) -> Iterator[Mutant]:
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
            pattern, replacements = COMPARISONS[type(operator)]
            for replacement in replacements:
                yield self._between(left, right, pattern, replacement, "comparison")

    def _mutate_BinOp(self, node: ast.BinOp) -> Iterator[Mutant]:
        operator, replacement = ARITHMETIC[type(node.op)]
        yield self._between(node.left, node.right, re.escape(operator), replacement, "arithmetic")

    def _mutate_AugAssign(self, node: ast.AugAssign) -> Iterator[Mutant]:
        operator, replacement = ARITHMETIC[type(node.op)]
        yield self._between(node.target, node.value, re.escape(f"{operator}="), f"{replacement}=", "arithmetic")

    def _mutate_BoolOp(self, node: ast.BoolOp) -> Iterator[Mutant]:
        word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield self._between(left, right, rf"\b{word}\b", other, "boolean")

    def _mutate_UnaryOp(self, node: ast.UnaryOp) -> Iterator[Mutant]:
        word = {ast.Not: "not", ast.USub: "-"}.get(type(node.op))
        if word:
            start = self._start(node)
            yield self._replace(start, start + len(word), "", "unary")

    def _mutate_If(self, node: ast.If) -> Iterator[Mutant]:
        yield from self._negate(node.test)

    def _mutate_While(self, node: ast.While) -> Iterator[Mutant]:
        yield from self._negate(node.test)

    def _mutate_IfExp(self, node: ast.IfExp) -> Iterator[Mutant]:
        yield from self._negate(node.test)

    def _mutate_comprehension(self, node: ast.comprehension) -> Iterator[Mutant]:
        for test in node.ifs:
            yield from self._negate(test)

    def _negate(self, test: ast.expr) -> Iterator[Mutant]:
        """Conditions that other mutations turn round anyway are left to these."""
        if not isinstance(test, ast.Compare | ast.UnaryOp | ast.BoolOp | ast.Constant):
            yield self._change(test, f"(not ({self._text(test)}))", "condition")

    def _mutate_Constant(self, node: ast.Constant) -> Iterator[Mutant]:
        value = node.value
        if isinstance(value, bool):
            yield self._change(node, str(not value), "constant")
        elif isinstance(value, int | float):
            for changed in (value + 1, value - 1):
                if changed != value:
                    yield self._change(node, repr(changed) if changed >= 0 else f"({changed!r})", "constant")
        elif isinstance(value, str):
            yield self._change(node, '""' if value else '"mutant"', "constant")
        elif isinstance(value, bytes):
            yield self._change(node, 'b""' if value else 'b"mutant"', "constant")

    def _mutate_JoinedStr(self, node: ast.JoinedStr) -> Iterator[Mutant]:
        yield self._change(node, '""', "constant")

    def _mutate_Return(self, node: ast.Return) -> Iterator[Mutant]:
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield self._change(node, "return None", "statement")

    def _mutate_Break(self, node: ast.Break) -> Iterator[Mutant]:
        yield self._change(node, "continue", "loop")

    def _mutate_Continue(self, node: ast.Continue) -> Iterator[Mutant]:
        yield self._change(node, "break", "loop")

    def _mutate_Slice(self, node: ast.Slice) -> Iterator[Mutant]:
        for bound in (node.lower, node.upper):
            if bound is not None:
                yield self._change(bound, "", "slice")

    def _mutate_Call(self, node: ast.Call) -> Iterator[Mutant]:
        """What is handed over by name is dropped, with the comma before it, or else after it."""
        for keyword in node.keywords:
            if keyword.arg is not None:
                start, end = self._start(keyword), self._end(keyword)
                before = re.search(rb",\s*\Z", self._source[:start])
                after = re.match(rb"\s*,", self._source[end:])
                if before:
                    start = before.start()
                elif after:
                    end += after.end()
                yield self._replace(start, end, "", "argument")

    def _start(self, node: _Placed) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def _end(self, node: _Placed) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def _text(self, node: _Placed) -> str:
        return self._source[self._start(node) : self._end(node)].decode()

    def _change(self, node: _Placed, replacement: str, kind: str) -> Mutant:
        return self._replace(self._start(node), self._end(node), replacement, kind)

    def _replace(self, start: int, end: int, replacement: str, kind: str) -> Mutant:
        return make_mutant(self._file, self._source, start, end, replacement, kind)

    def _between(self, left: ast.expr, right: ast.expr, pattern: str, replacement: str, kind: str) -> Mutant:
        """Replace the operator between two operands, which parentheses and comments may surround."""
        start = self._end(left)
        gap = _COMMENT.sub(lambda match: b" " * len(match[0]), self._source[start : self._start(right)])
        found = re.search(pattern.encode(), gap)
        if found is None:
            raise ValueError(f"{self._file}:{left.lineno}: no {pattern} where the syntax tree has one")
        return self._replace(start + found.start(), start + found.end(), replacement, kind)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Return what is below a node, without annotations, decorators, docstrings and the pieces of f-strings.

    (Before Python 3.12 what is inside an f-string has no true place.)
    """
    if isinstance(node, ast.JoinedStr):
        return
    skipped = {"annotation", "returns", "decorator_list", "bases", "type_params", "type_comment"}
    if _is_plain_error(node):
        return
    for name, value in ast.iter_fields(node):
        if name in skipped:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def _says_nothing(node: ast.AST) -> bool:
    """Return whether a node is for readers and tools: docstrings, asserts, imports, types."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring, or `...`
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Name) and node.value.id in ("Literal", "Annotated")
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(target, ast.Name) and target.id in UNTOUCHED_NAMES for target in targets)
    return isinstance(node, ast.If) and bool({"TYPE_CHECKING", "__name__"} & _names(node.test))


def _is_removable(node: ast.AST) -> bool:
    """Return whether a statement can go without a name being missed: calls, and changes of what others see."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    return isinstance(node, ast.Assign) and all(
        isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets
    )


def _is_plain_error(node: ast.AST) -> bool:
    """Return whether Python's own error is raised: its words are for readers."""
    if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
        return False
    name = node.exc.func.id if isinstance(node.exc.func, ast.Name) else ""
    error = getattr(builtins, name, None)
    return isinstance(error, type) and issubclass(error, BaseException)


def _names(node: ast.AST) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
