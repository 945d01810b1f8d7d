"""A pattern matches what EventBridge says it matches, is refused with the place named, and is fast and never slow."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.event_patterns import BadPattern, compile_pattern
from tests.wire.suites import SUITES

SUITE = SUITES / "event-patterns"
CASES = sorted(SUITE.glob("*.json5")) if SUITE.is_dir() else []


def from_json5(text):
    """As much of JSON5 as the suite uses: comments on lines of their own or behind a value, and a comma too many."""
    text = re.sub(r"(?m)(^|\s)//.*$", "", text)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))


def test_the_suite_is_there():
    if not CASES:
        pytest.skip(f"{SUITE} is not there")
    assert len(CASES) > 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_suite_of_another_implementation_agrees(case):
    content = from_json5(case.read_text(encoding="utf-8"))
    pattern = json.dumps(content["EventPattern"])
    if case.stem.endswith("_EXC"):
        with pytest.raises(BadPattern):
            compile_pattern(pattern)
    else:
        assert compile_pattern(pattern)(content["Event"]) is not case.stem.endswith("_NEG")


EVENT = {
    "type": "a",
    "n": 5,
    "flag": True,
    "nothing": None,
    "list": [1, "x"],
    "deep": {"er": {"est": "y"}},
    "empty": [],
}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ({"n": [5.0]}, True),
        ({"n": ["5"]}, False),
        ({"flag": [1]}, False),
        ({"flag": [True]}, True),
        ({"nothing": [None]}, True),
        ({"gone": [None]}, False),
        ({"list": ["x"]}, True),
        ({"list": ["y"]}, False),
        ({"deep": {"er": {"est": ["y"]}}}, True),
        ({"deep": {"er": ["y"]}}, False),
        ({"deep": {"er": [{"exists": True}]}}, False),
        ({"empty": [{"exists": False}]}, True),
        ({"n": [{"numeric": [">", 4, "<", 6]}]}, True),
        ({"flag": [{"numeric": [">", 0]}]}, False),
        ({"type": [{"wildcard": "*"}]}, True),
        ({"type": [{"prefix": "a"}], "n": [6]}, False),
        ({"$or": [{"n": [6]}, {"type": ["a"]}]}, True),
        ({"deep": {"$or": [{"er": {"est": ["z"]}}, {"er": {"est": ["y"]}}]}}, True),
        ({"type": [{"anything-but": ["b", 5]}]}, True),
        ({"n": [{"anything-but": ["b", 5]}]}, False),
    ],
)
def test_what_matches(pattern, matches):
    assert compile_pattern(json.dumps(pattern))(EVENT) is matches


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "the pattern cannot be read"),
        ("[]", "the pattern: must be an object"),
        ("{}", "the pattern: must name at least one field"),
        ('{"a": {}}', "a: must name at least one field"),
        ('{"a": []}', "a: must list at least one value"),
        ('{"a": 1}', "a: must be an array"),
        ('{"a": {"b": [[1]]}}', r"a.b\[0\]: must be a value or an operator"),
        ('{"a": [{}]}', r"a\[0\]: must hold exactly one operator"),
        ('{"a": [1, {"like": "x"}]}', r"a\[1\].like: is no operator; there are anything-but, cidr"),
        ('{"a": [{"exists": 0}]}', r"a\[0\].exists: must be true or false"),
        ('{"a": [{"numeric": [">", "1"]}]}', r"a\[0\].numeric: compares with numbers"),
        ('{"a": [{"numeric": ["<", 1, ">", 2]}]}', r"a\[0\].numeric: two comparisons are"),
        ('{"a": [{"wildcard": "a**"}]}', r"a\[0\].wildcard: two asterisks"),
        ('{"a": [{"wildcard": "a\\\\b"}]}', r"a\[0\].wildcard: a backslash"),
        ('{"a": [{"cidr": "10.0.0.1"}]}', r"a\[0\].cidr: must be a block"),
        ('{"$or": [{"a": [1]}]}', r"\$or: must be an array of at least two objects"),
        ('{"a": [1], "a": [2]}', "the pattern cannot be read: the key 'a' stands twice"),
        ('{"a": ' * 40 + "1" + "}" * 40, "the pattern cannot be read: nested deeper"),
    ],
)
def test_a_wrong_pattern_is_refused_with_the_place_named(pattern, message):
    with pytest.raises(BadPattern, match=f"^{message}"):
        compile_pattern(pattern)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "$or", "exists", "numeric", "prefix", "wildcard", "anything-but"]), inner
        )
    ),
    max_leaves=12,
)


@given(json_values, st.dictionaries(st.sampled_from(["a", "b", "prefix"]), json_values))
def test_any_pattern_is_refused_or_answers_yes_or_no(pattern, event):
    try:
        matches = compile_pattern(json.dumps(pattern))
    except BadPattern:
        return
    assert matches(event) in (True, False)


@given(st.text("ab*", max_size=8).filter(lambda text: "**" not in text), st.text("ab", max_size=12))
def test_a_wildcard_means_what_the_regular_expression_means(wildcard, text):
    expected = re.fullmatch(wildcard.replace("*", ".*"), text) is not None
    assert compile_pattern(json.dumps({"x": [{"wildcard": wildcard}]}))({"x": text}) is expected


def test_no_wildcard_is_slow():
    matches = compile_pattern(json.dumps({"x": [{"wildcard": "*a" * 500 + "b"}]}))
    begin = time.process_time()
    assert not matches({"x": "a" * 50_000})
    assert time.process_time() - begin < 1
