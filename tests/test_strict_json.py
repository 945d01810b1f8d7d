"""strict_json.py: what the door and the drain rely on alike."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from openrum import strict_json

hostile_text = st.text(st.sampled_from('\\"[]{}a\n\té'), max_size=8)
values = st.recursive(
    st.none() | st.integers() | hostile_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile_text, inner, max_size=3),
    max_leaves=20,
)


def nesting(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, dict | list) + max(map(nesting, inner), default=0)


@given(values, st.booleans())
@example(['\\"[', {"\\": [[]]}], True)
def test_depth_counts_brackets_outside_strings_alone(value, ascii_only):
    assert strict_json.depth(json.dumps(value, ensure_ascii=ascii_only).encode()) == nesting(value)


def test_depth_bears_text_that_is_no_json():
    assert strict_json.depth(b"[" * 100_000) == 100_000
    assert strict_json.depth(b'"[[[') == 0
    assert strict_json.depth(b"]]][") == 0
