"""A receipt is what its key signed, and nothing that was changed since is."""

import json

import pytest

from openrum.receipts import Receipts, is_genuine

RECEIPT = Receipts(b"s" * 32).sign({"subject": "user", "rows": 3, "asked": "2026-11-25T20:00:00Z"})
NESTED = json.loads('{"a": ' * 900 + "1" + "}" * 900)


def test_a_receipt_is_genuine_after_a_way_through_json():
    assert is_genuine(json.loads(json.dumps(RECEIPT, indent=4, sort_keys=True)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("rows", 4), ("rows", 3.5), ("subject", "session"), ("more", 1), ("more", "\ud800"), ("more", NESTED),
     ("public_key", "AAAA"), ("public_key", None), ("public_key", Receipts(b"t" * 32).public_key),
     ("signature", 7), ("signature", "é"), ("signature", RECEIPT["public_key"])],
)  # fmt: skip
def test_a_change_anywhere_is_found(name, value):
    assert not is_genuine({**RECEIPT, name: value})


@pytest.mark.parametrize("name", RECEIPT)
def test_a_member_that_is_missing_is_found(name):
    assert not is_genuine({key: value for key, value in RECEIPT.items() if key != name})
