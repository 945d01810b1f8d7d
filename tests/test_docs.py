"""Documentation as a test: what the code offers, the docs name."""

import re
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest

from openrum.control.operations import OPERATIONS
from openrum.errors import OpenRumError
from openrum.limits import DEFAULTS, Limits
from openrum.outcome_words import table
from openrum.outcomes import Outcome, Reason
from openrum.query import documentation
from openrum.query.catalogue import SPECIAL
from openrum.query.dimensions import DIMENSIONS
from openrum.query.measures import MEASURES
from openrum.query.scope import Operator
from openrum.settings import LIMIT_PREFIX, Settings, variable
from openrum.store import DuckDBStore, schema
from openrum.store.view_columns import documented, views_told

DOCS = Path(__file__).parent.parent / "docs"


def doc(name):
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_is_documented(name):
    assert f"`{variable(name)}`" in doc("operations.md")


@pytest.mark.parametrize("field", fields(Limits), ids=lambda field: field.name)
def test_every_limit_is_documented_with_its_default(field):
    line = next(line for line in doc("operations.md").splitlines() if f"`{LIMIT_PREFIX}{field.name.upper()}`" in line)
    assert f"| {field.default} " in line


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_documented(outcome):
    assert f"| {outcome} |" in doc("operations.md") or f"`{outcome}`" in doc("operations.md")


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.NONE])
def test_every_reason_is_documented_under_its_outcome(reason):
    assert f"| {reason.outcome} | `{reason}` |" in doc("operations.md")


def test_the_ledger_and_the_docs_say_the_same_of_every_ending():
    assert table() in doc("operations.md")


@pytest.mark.parametrize("view", schema.VIEWS)
def test_the_vocabulary_and_the_docs_say_the_same_of_every_column(view):
    chapter = doc("sql.md").split(f"## `{view}`")[1].split("\n## ")[0]
    for names, meaning in documented(view):
        said = ", ".join(f"`{name}`" for name in names)
        assert f"| {said} | {meaning} |" in chapter
    told = {each.name: {column.name for column in each.columns} for each in views_told()}
    assert {name for names, _ in documented(view) for name in names} <= told[view]


@pytest.mark.parametrize(
    ("page", "made"), [("measures.md", documentation.measures_page), ("dimensions.md", documentation.dimensions_page)]
)
def test_a_page_that_is_made_of_tables_says_what_they_say(page, made):
    assert doc(page) == made(), "run `make docs`"


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_documented_once_with_its_unit_and_whose_definition_it_is(name):
    [line] = [
        line
        for line in doc("measures.md").splitlines()
        if line.startswith("| `") and f"`{name}`" in line.split(" | ")[0]
    ]
    _, unit, meaning, defined_by = (cell.strip() for cell in line.strip("|").split(" | "))
    assert MEASURES[name].unit in (unit, "samples")
    assert MEASURES[name].meaning.startswith(meaning)
    assert defined_by in ("OpenRUM", "CloudWatch RUM", "web.dev")


@pytest.mark.parametrize("name", [*DIMENSIONS, "attribute:<name>"])
def test_every_dimension_is_documented(name):
    assert f"| `{name}` |" in doc("dimensions.md")


@pytest.mark.parametrize(
    "name", [*(f"POST /api/v1/{name}" for name in SPECIAL), *Operator.__args__, "compare", "totals"]
)
def test_every_question_operator_and_member_is_documented(name):
    assert f"| `{name}` |" in doc("measures.md")


@pytest.mark.parametrize("view", schema.VIEWS)
def test_every_column_of_every_view_is_documented(tmp_path, view):
    with closing(DuckDBStore(tmp_path / "store", DEFAULTS)) as store:
        columns = store.run_user_sql(f"SELECT * FROM {view}", timeout_s=10, rows_max=1).columns
    chapter = doc("sql.md").split(f"## `{view}`")[1].split("\n## ")[0]
    assert set(columns) <= set(re.findall(r"`(\w+)`", chapter))


@pytest.mark.parametrize("operation", [*(operation.name for operation in OPERATIONS), "PutRumEvents"])
def test_every_operation_that_is_there_is_documented_as_there(operation):
    assert f"| {operation} | yes |" in doc("compatibility.md")


@pytest.mark.parametrize(
    "route", re.findall(r'Route\("(/[^"]+)"', (DOCS.parent / "openrum/serve/console.py").read_text())
)
def test_every_route_is_documented(route):
    assert f"{route}`" in doc("compatibility.md")


def test_every_error_is_documented_with_its_status():
    text = doc("compatibility.md")
    for error in all_errors(OpenRumError):
        rows = [line for line in text.splitlines() if line.startswith("|") and error.code in line]
        assert any(f"| {error.status} |" in row for row in rows) or error.status == 402, error


def all_errors(root):
    for error in root.__subclasses__():
        yield error
        yield from all_errors(error)


def test_links_between_the_docs_lead_somewhere():
    for path in [*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CHANGELOG.md"]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


@pytest.mark.parametrize("path", [*DOCS.rglob("*.md"), DOCS.parent / "README.md"], ids=lambda path: path.name)
def test_every_link_leads_somewhere(path):
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        target, _, anchor = link.partition("#")
        if target.startswith("http"):
            continue
        found = path.parent / target if target else path
        assert found.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-") for heading in headings}, link
