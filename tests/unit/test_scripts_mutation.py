"""scripts/mutate.py: which faults are made of a source, which are tried, and what is told of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from line_coverage.recorded import Recorded
from mutation.c_mutants import c_mutants
from mutation.chosen_tests import GivenSelection, RecordedSelection
from mutation.files import changed_lines, list_files, list_mutants, sample
from mutation.javascript_mutants import javascript_mutants
from mutation.mutant import Mutant, apply, make_mutant
from mutation.python_mutants import python_mutants
from mutation.results import Results, table
from mutation.runner import run_all
from mutation.trial import KILLED, NO_BUILD, SURVIVED, TIMEOUT, UNTESTED, Outcome
from mutation.work_tree import WorkTree
from support.environment import ScriptError

MODULE = b'''"""Not mutated."""
import os

__all__ = ["limit"]


def limit(n: int = 3) -> int:
    """Nor is this."""
    if n < 10 and not os.name:  # n < 99
        raise ValueError("too small")
    return n
'''


def changes(mutants: Sequence[Mutant], source: bytes) -> set[str]:
    """Return each mutant's first changed line, as it then reads."""
    lines = source.decode().splitlines()
    found = set()
    for mutant in mutants:
        changed = apply(mutant, source).decode().splitlines()
        found.add(next(after.strip() for before, after in zip(lines, changed, strict=False) if before != after))
    return found


def test_python_is_mutated_where_it_says_something() -> None:
    assert changes(python_mutants("m.py", MODULE), MODULE) == {
        "def limit(n: int = 4) -> int:",
        "def limit(n: int = 2) -> int:",
        "if n <= 10 and not os.name:  # n < 99",
        "if n >= 10 and not os.name:  # n < 99",
        "if n < 11 and not os.name:  # n < 99",
        "if n < 9 and not os.name:  # n < 99",
        "if n < 10 or not os.name:  # n < 99",
        "if n < 10 and  os.name:  # n < 99",
        "pass",
        "return None",
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = (a) + (b)", {"x = (a) - (b)"}),
        ("x = a is not b", {"x = a is b"}),
        ("x = a not in b", {"x = a in b"}),
        ("x += y", {"x -= y", "pass"}),
        ("x.y = z", {"pass"}),
        ("f(a, seed=b)", {"f(a)", "pass"}),
        ("f(seed=b)", {"f()", "pass"}),
        ("f(seed=b, t=c)", {"f( t=c)", "f(seed=b)", "pass"}),
        ("x = a[b:c]", {"x = a[:c]", "x = a[b:]"}),
        ("x = 'ü' + y", {'x = "" + y', "x = 'ü' - y"}),
        ("x = True", {"x = False"}),
        ("x = a if f(b) else c", {"x = a if (not (f(b))) else c"}),
        ("x = -y", {"x = y"}),
        ("for x in y: break", {"for x in y: continue"}),
        ("x: int = y", set()),
        ("x = Literal['fast']", set()),
        ("assert x, 'never'", set()),
        ("if TYPE_CHECKING: x = 1", set()),
        ("raise KeyError('words')", {"pass"}),
        ("raise InputError('code')", {"pass", 'raise InputError("")'}),
        ("f(f'{x} of {y}')", {"pass", 'f("")'}),
    ],
)
def test_python_faults(line: str, expected: set[str]) -> None:
    source = f"{line}\n".encode()
    assert changes(python_mutants("m.py", source), source) == expected


def test_c_is_mutated_beside_comments_strings_and_pointers() -> None:
    source = b"""/* a < b, 7 */
#define LIMIT 9
static int f(float *p, int n) {
    if (n) return n - 2;
    p[0] = 1.5f; // 3 + 4
    g(p, "a + 1");
    while (n && *p) break;
    return 0;
}
"""
    assert changes(c_mutants("f.c", source), source) == {
        "if (!(n)) return n - 2;",
        "if (n) return n + 2;",
        "if (n) return n - 3;",
        "if (n) return n - 1;",
        "if (n) return 0;",
        ";",
        "p[1] = 1.5f; // 3 + 4",
        "p[(-1)] = 1.5f; // 3 + 4",
        "p[0] = 2.5f; // 3 + 4",
        "; // 3 + 4",
        "while (n || *p) break;",
        "while (n && *p) ;",
        "return 1;",
        "return (-1);",
    }


@pytest.mark.slow
def test_javascript_is_mutated_by_stryker_and_where_stryker_does_nothing(tmp_path: Path) -> None:
    source = 'export function f(n) {\n  say("🙂", n > 5);\n  return n;\n}\n'.encode()
    (tmp_path / "f.js").write_bytes(source)
    found = changes(javascript_mutants(tmp_path, ["f.js"]), source)
    assert found >= {
        "export function f(n) {}",
        'say("", n > 5);',
        'say("🙂", n >= 5);',
        'say("🙂", n <= 5);',
        'say("🙂", false);',
        'say("🙂", n > 6);',
        'say("🙂", n > 4);',
        ";",
        "return;",
    }


def test_a_mutant_is_put_into_the_file_that_was_read_only() -> None:
    mutant = make_mutant("m.py", "é = 1\n".encode(), 5, 6, "2", "constant")
    assert (str(mutant), mutant.line, mutant.column) == ("m.py:1:5: 1 -> 2", 1, 5)
    assert apply(mutant, "é = 1\n".encode()) == "é = 2\n".encode()
    with pytest.raises(ValueError, match=r"m\.py has changed"):
        apply(mutant, "é = 3\n".encode())


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a module, a test that holds half of it, and a commit."""
    root = tmp_path / "checkout"
    (root / "tests").mkdir(parents=True)
    (root / "py").mkdir()
    (root / "py" / "adult.py").write_text("def is_adult(age):\n    return age >= 18\n")
    (root / "tests" / "test_adult.py").write_text(
        "from adult import is_adult\n\n\ndef test_adult():\n    assert is_adult(30)\n    assert not is_adult(17)\n"
    )
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "-c", "user.name=n", "-c", "user.email=e@x", "commit", "-qm", "Begin")
    return root


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


def try_all(checkout: Path, tmp_path: Path, tests: Sequence[str], again: bool = False) -> dict[str, str]:
    mutants = list_mutants(["py/adult.py"], checkout)
    results = Results(tmp_path / "results.json")
    copy: Callable[[Path], WorkTree] = lambda folder: WorkTree(folder, checkout)  # noqa: E731
    run_all(mutants, results, GivenSelection(tests, 30), Path(sys.executable), 1, again, tmp_path, copy)
    return {f"{mutant.original} -> {mutant.replacement}": outcome(results, mutant) for mutant in mutants}


def outcome(results: Results, mutant: Mutant) -> str:
    kept = results.get(mutant)
    assert kept is not None
    return kept.result


@pytest.mark.slow
def test_the_mutant_that_no_test_notices_is_told(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = try_all(checkout, tmp_path, ["tests/test_adult.py"])
    assert found == {
        "return age >= 18 -> return None": KILLED,
        ">= -> >": SURVIVED,  # nobody is asked about who is just 18
        ">= -> <": KILLED,
        "18 -> 19": SURVIVED,
        "18 -> 17": KILLED,
    }
    assert "killed by tests/test_adult.py::test_adult" in capsys.readouterr().err
    assert (checkout / "py" / "adult.py").read_text().endswith("age >= 18\n")

    # What is known is not tried again; what lived is, where that is asked for, with the tests of now.
    test = checkout / "tests" / "test_adult.py"
    test.write_text(test.read_text() + "    assert is_adult(18)\n")
    assert try_all(checkout, tmp_path, ["tests/test_adult.py"]) == found
    assert set(try_all(checkout, tmp_path, ["tests/test_adult.py"], again=True).values()) == {KILLED}


@pytest.mark.slow
def test_what_fails_without_a_fault_kills_nothing(checkout: Path, tmp_path: Path) -> None:
    (checkout / "tests" / "test_adult.py").write_text(
        "import pytest\n\n\n@pytest.mark.parametrize('x', ['a b'])\ndef test_wrong(x):\n    assert False\n"
    )
    with pytest.raises(ScriptError, match=r"test_wrong\[a b\] fails without a fault, too"):
        try_all(checkout, tmp_path, ["tests/test_adult.py"])


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["tests/test_adult.py::test_of_yesterday", "tests/test_child.py"])
def test_a_test_that_is_gone_kills_nothing(checkout: Path, tmp_path: Path, gone: str) -> None:
    with pytest.raises(ScriptError, match=f"no test .*{gone} any more"):
        try_all(checkout, tmp_path, [gone])


def test_a_copy_is_as_it_was_after_a_fault_and_what_was_built_of_it(checkout: Path, tmp_path: Path) -> None:
    built = checkout / "py" / "tinyvlm" / "wasm" / "simd128.wasm"
    built.parent.mkdir(parents=True)
    built.write_bytes(b"sound")
    tree = WorkTree(tmp_path / "copy", checkout)
    (mutant, *_) = list_mutants(["py/adult.py"], checkout)
    adult, kernels = (tree.folder / name for name in ("py/adult.py", "py/tinyvlm/wasm/simd128.wasm"))
    with tree.holding(mutant):
        assert adult.read_bytes() == apply(mutant, (checkout / "py" / "adult.py").read_bytes())
        kernels.write_bytes(b"faulty")
    assert adult.read_bytes() == (checkout / "py" / "adult.py").read_bytes()
    assert kernels.read_bytes() == b"sound"


def test_a_mutant_that_no_test_runs_lives(checkout: Path, tmp_path: Path) -> None:
    assert set(try_all(checkout, tmp_path, []).values()) == {UNTESTED}


def test_changed_lines_are_those_added_or_edited(checkout: Path) -> None:
    assert changed_lines("main", checkout) == {}
    (checkout / "py" / "adult.py").write_text("def is_adult(age):\n    return age >= 21\n\n\nMORE = 1\n")
    assert changed_lines("main", checkout) == {"py/adult.py": {2, 3, 4, 5}}
    with pytest.raises(ScriptError, match="elsewhere"):
        changed_lines("elsewhere", checkout)


def test_files_are_those_that_can_be_mutated(checkout: Path) -> None:
    (checkout / "py" / "notes.txt").write_text("x")
    assert list_files(["py"], checkout) == ["py/adult.py"]
    with pytest.raises(ScriptError, match=r"no py/none\.py"):
        list_files(["py/none.py"], checkout)


def test_a_sample_gives_areas_their_share_and_is_the_same_again(tmp_path: Path) -> None:
    for area, lines in (("web/ui", 10), ("wasm-kernels", 30)):
        (tmp_path / area).mkdir(parents=True)
        (tmp_path / area / "a.c").write_text("x = y + 1;\n" * lines)
    mutants = list_mutants(list_files(["web", "wasm-kernels"], tmp_path), tmp_path)
    chosen = sample(mutants, 20, 1, tmp_path)
    assert [sum(mutant.file.startswith(area) for mutant in chosen) for area in ("web/ui", "wasm-kernels")] == [5, 15]
    assert chosen == sample(mutants, 20, 1, tmp_path) != sample(mutants, 20, 2, tmp_path)
    assert sample(mutants, 10**6, 1, tmp_path) == mutants


def test_the_score_leaves_out_what_does_not_build(tmp_path: Path) -> None:
    source = b"x = 1 + 2 - 3\n"
    mutants = python_mutants("py/tinyvlm/m.py", source)[:5]
    results = Results(tmp_path / "results.json")
    for mutant, result in zip(mutants, (KILLED, TIMEOUT, SURVIVED, UNTESTED, NO_BUILD), strict=True):
        results.put(mutant, Outcome(result))
    said = table(mutants, Results(tmp_path / "results.json")).splitlines()
    assert said[1].split() == ["py/tinyvlm", "5", "2", "1", "1", "1", "50.0", "%"]
    assert [line for line in said if line.startswith("lives: ")] == [f"lives: {mutant}" for mutant in mutants[2:4]]


def test_tests_are_chosen_by_lines_the_quickest_first() -> None:
    recorded = Recorded(seconds={"a.py::slow": 9.0, "a.py::quick": 1.0, "b.py::other": 2.0})
    recorded.add("py/m.py", 1, {""})
    recorded.add("py/m.py", 2, {"a.py::slow", "a.py::quick", "a.py::that_failed"})
    recorded.add("py/m.py", 3, {"b.py"})
    assert recorded.tests_of("py/m.py", range(2, 3)) == ["a.py::quick", "a.py::slow"]
    assert recorded.tests_of("py/m.py", range(3, 4)) == ["b.py::other"]
    # What only an import runs, all tests of the file are asked about.
    assert recorded.tests_of("py/m.py", range(1, 2)) == ["a.py::quick", "b.py::other", "a.py::slow"]
    assert recorded.tests_of("py/unknown.py", range(1, 2)) == []

    source = b"x = 1\ny = 2\n"
    second_line = make_mutant("py/m.py", source, 10, 11, "3", "constant")
    assert RecordedSelection(recorded, 100)(second_line) == ["a.py::quick", "a.py::slow"]
    assert RecordedSelection(recorded, 5)(second_line) == ["a.py::quick"]
    selection = RecordedSelection(recorded, 100)
    selection.leave_out("a.py::quick")
    assert selection(second_line) == ["a.py::slow"]


def test_of_a_table_those_tests_are_asked_that_name_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from tinyvlm.table import ROWS\n")
    (tmp_path / "b.py").write_text("from tinyvlm.tables import ROWS\n")
    recorded = Recorded(seconds={"a.py::slow": 2.0, "a.py::quick": 1.0, "b.py::other": 1.0})
    recorded.add("py/tinyvlm/table.py", 1, {""})
    mutant = make_mutant("py/tinyvlm/table.py", b"ROWS = 1\n", 7, 8, "2", "constant")
    assert RecordedSelection(recorded, 100, tmp_path)(mutant) == ["a.py::quick", "a.py::slow"]
