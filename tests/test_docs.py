"""Documentation as a test: what the code offers, the docs name."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from openrum.limits import Limits
from openrum.outcomes import Outcome, Reason
from openrum.settings import LIMIT_PREFIX, Settings, variable

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


def test_links_between_the_docs_lead_somewhere():
    for path in [*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CHANGELOG.md"]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
