"""House rules that no linter knows, held as tests. Each failure names the place and the rule."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "openrum"
SOURCES = sorted(path for folder in ("openrum", "benchmarks", "tests") for path in (ROOT / folder).rglob("*.py"))
MODULE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70


def names(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.fixture(params=SOURCES, ids=names(SOURCES))
def source(request):
    return request.param


def test_a_module_is_short_and_says_what_it_is_for(source):
    text = source.read_text(encoding="utf-8")
    assert text.count("\n") <= MODULE_LINES_MAX
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "the module has no docstring"


def test_a_function_fits_on_a_screen(source):
    tree = ast.parse(source.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno + 1 <= FUNCTION_LINES_MAX, f"{node.name}, line {node.lineno}"


def test_nothing_is_left_for_later(source):
    marks = re.compile(r"\b(TO" + "DO|FIX" + "ME|XX" + "X|NotImplemented" + r"Error)\b")
    assert not marks.search(source.read_text(encoding="utf-8"))


def test_a_test_waits_for_an_event_and_never_sleeps():
    sleep = re.compile(r"\b(time\.sleep\(|asyncio\.sleep\([1-9])")
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert path == Path(__file__) or not sleep.search(text), path


def test_only_app_cli_and_settings_read_clock_and_environment():
    readers = {"app.py", "cli.py", "cli_access.py", "settings.py"}
    first = PACKAGE / "__init__.py"  # sets what the engine reads as it is loaded
    banned = re.compile(r"\btime\.time(_ns)?\(|\bos\.environ\b|\bos\.getenv\(|datetime\.now\(|\butcnow\(")
    for path in PACKAGE.rglob("*.py"):
        if path.name not in readers and path != first:
            assert not banned.search(path.read_text(encoding="utf-8")), path


def test_no_module_is_called_after_nothing():
    assert not [path for path in SOURCES if re.fullmatch(r"(utils?|helpers?|misc|common)\.py", path.name)]


def test_every_module_is_imported_by_another():
    """A module that nobody imports is dead, but for the ways in."""
    ways_in = {
        "openrum.__main__",
        "openrum.cli",
        "openrum",
        "openrum.row_worker",
        "openrum.store.sql_taster",
        "openrum.query.documentation",
    }
    text = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:from|import) (openrum[\w.]*)", text, re.MULTILINE))
    for match in re.finditer(r"^\s*from (openrum[\w.]*) import \(?([^)]*?)\)?$", text, re.MULTILINE | re.DOTALL):
        imported |= {
            f"{match[1]}.{name.strip().partition(chr(32))[0]}" for name in match[2].replace("\n", ",").split(",")
        }
    for path in PACKAGE.rglob("*.py"):
        if "migrations" in path.parts:
            continue  # Alembic finds its steps by itself
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        used = module in imported or any(name.startswith(module + ".") for name in imported)
        assert used or module in ways_in, f"nobody imports {module}"


@pytest.mark.parametrize(("part", "table"), [("run", "dependencies"), ("dev", "dev")])
def test_the_locks_are_made_from_what_the_package_asks_for(part, table):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] if table == "dependencies" else project["optional-dependencies"][table]
    lines = (ROOT / f"locks/{part}.in").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith(("#", "-c"))] == wanted


def test_locks_hold_names_versions_and_hashes_alone():
    for path in [*ROOT.glob("locks/*.txt"), *ROOT.glob("**/package-lock.json")]:
        if "node_modules" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r'"resolved"|--(extra-)?index-url|--find-links|file://', text), path


def test_no_machine_path_is_committed(source):
    assert not re.search(r"[\"' (]/(work|root|home/\w+)/", source.read_text(encoding="utf-8"))
