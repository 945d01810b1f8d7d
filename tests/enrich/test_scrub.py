"""What is personal never reaches a row, what is ordinary comes back as it was, and hostile texts cost no more than others."""

import base64
import hashlib
import json
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.enrich.scrub import _FORMS, _PREFIXES, BadScrubRules, Scrubber, ScrubRules
from tests.wire import suites

DEFAULT, NAMES, KEEP = Scrubber(), Scrubber(ScrubRules(query="names")), Scrubber(ScrubRules(query="keep"))
ALL = (DEFAULT, NAMES, KEEP)
RECORDED = sorted((Path(__file__).parent / "recorded_errors").glob("*.json"))
FLOOD_CHARS = 256 * 1024

ORDINARY = [
    "https://shop.example/",
    "https://shop.example/products/48213/reviews",
    "https://cdn.shop.example/assets/index-4f9c2a1b.js",
    "https://cdn.shop.example/app.4f9c2a1b3d5e7f90a1b2c3d4e5f60718.css",
    "https://cdn.jsdelivr.net/npm/react@18.2.0/umd/react.production.min.js",
    "https://unpkg.com/@scope/package@1.2.3/dist/index.js",
    "https://shop.example/img/logo@2x.png",
    "https://shop.example/auth/main-4f9c2a1b3d5e7f90a1b2.js",
    "https://shop.example/reset/how-to-reset-your-password-2024",
    "https://shop.example/sessions/3f2b8c1e-5d4a-4b7c-9e8f-1a2b3c4d5e6f",
    "https://shop.example/blog/how-to-choose-the-right-teapot-for-you",
    "https://shop.example/%E5%95%86%E5%93%81/42",
    "blob:https://shop.example/3f2b8c1e-5d4a-4b7c-9e8f-1a2b3c4d5e6f",
    "data:image/png;base64,iVBORw0KGgo=",
    "webpack-internal:///./src/index.js",
    "http://localhost:8080/#/orders/17",
    "/sk-SK/sk-dlhy-nazov-stranky-o-cajnikoch-2024",
    "3f2b8c1e-5d4a-4b7c-9e8f-1a2b3c4d5e6f",
    "41111111-1111-4111-8111-111111111111",
    "1-67891233-abcdef012345678912345678",
    "1767323045678",
    "at 1767323045678 and 1767323045.678",
    "0.4111111111111111",
    "deadbeef4111111111111111deadbeef",
    "2026-11-25T10:11:12.131Z",
    "order 7000000000000001, phone +49 30 901820",
    "4111 1111 1111 1112",  # its check digit is wrong
    "10 20 30 40 50 60 70 80 90",
    "TypeError: Cannot read properties of undefined (reading 'map')",
    "SyntaxError: Unexpected token < in JSON at position 0",
    "SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "SyntaxError: Unexpected token: identifier",
    "Invalid token: expired",
    "Password: must be at least 8 characters",
    "bearer token missing",
    "session:expired",
    "session=null",
    "if (token === undefined) return",
    "key=Enter",
    "What is this? Really?",
    "see https://shop.example/help? Yes",
    "Invalid regular expression: /(?<=x)/: Unterminated group",
    "load@https://shop.example/app.js:10:5",
    "load@app.min.js:10:5",
    "Die Bestellung wurde nicht übermittelt, bitte versuchen Sie es später",
    "商品が見つかりません (エラー: 404)",
    "لم يتم العثور على الصفحة",
    "🛒 Basket, 3 items · €42.50",
    "[email] [card] [token] [removed]",
    "",
]

SCRUBBED = {
    "mail ann@shop.example failed: https://shop.example/send?to=ann&list=7: 403": (
        "mail [email] failed: https://shop.example/send: 403"
    ),
    "https://a.example/app.js?v=3:10:5": "https://a.example/app.js:10:5",
    "f (https://a.example/app.js?v=3:10:5)\nload@https://a.example/app.js?v=4:1:2": (
        "f (https://a.example/app.js:10:5)\nload@https://a.example/app.js:1:2"
    ),
    "see (https://a.example/x?y=1), then https://b.example/y?z=2.": "see (https://a.example/x), then https://b.example/y.",
    "GET '/api/x?name=ann' 404": "GET '/api/x' 404",
    "/search?shoes": "/search",
    "https://a.example/#/reset?token=abc": "https://a.example/#/reset",
    "git clone https://ann:pass@a.example/x": "git clone https://a.example/x",
    "postgres://ann:pass@db.example/shop": "postgres://db.example/shop",
    "o'brien@mail.example.co.uk.": "[email].",
    "mailto:%22ann%40example.com": "mailto:%22[email]",
    "4111-1111-1111-1111 123": "[card] 123",
    "12 3782 822463 10005": "12 [card]",
    "Authorization: Basic dXNlcjpwYXNz": "Authorization: Basic [token]",
    '{"password":"two words","a":1}': '{"password":"[token]","a":1}',
    r'"{\"token\":\"ab c\"}"': r'"{\"token\":\"[token]\"}"',
    "https://a.example/cb#access_token=abc&expires_in=3600": "https://a.example/cb#access_token=[token]&expires_in=3600",
    "Cookie: a=b; c=d\nAccept: */*": "Cookie: [token]\nAccept: */*",
    "https://a.example/verify/42/4f9c2a1b3d5e7f90a1b2c3d4e/x": "https://a.example/verify/42/[token]/x",
}


def _token(raw):
    """Random text of the URL-safe alphabet, with a digit in it: what hypothesis makes small must not look like a word."""
    return base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=") + "7"


def _luhn(digits):
    """The digits with the check digit that fits."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return digits + str(-sum(divmod(each, 10)[0] + each % 10 for each in doubled) % 10)


def _grouped(digits, between):
    sizes = (4, 6, 5) if len(digits) == 15 else (4, 4, 4, 4, 3)
    groups = [digits[sum(sizes[:place]) :][:size] for place, size in enumerate(sizes)]
    return between.join(group for group in groups if group)


raw = st.binary(max_size=40)
tokens = raw.map(_token)
upper = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=16)
words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
emails = st.builds(
    "{}{}{}@{}.{}".format, words, st.sampled_from([".", "+", "_", "-", ""]), words, words,
    st.sampled_from(["com", "example", "co.uk", "museum", "xn--p1ai"]),
)  # fmt: skip
issuers = st.sampled_from(
    [("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("62", 19), ("35", 16)]
)
cards = st.builds(
    lambda issuer, rest, between: _grouped(_luhn((issuer[0] + rest)[: issuer[1] - 1]), between),
    issuers, st.text("0123456789", min_size=19, max_size=19), st.sampled_from(["", " ", "-"]),
)  # fmt: skip
jwts = st.builds(
    lambda claim, signature: f"{_base64({'alg': 'HS256'})}.{_base64({'sub': claim})}.{_token(signature)}", words, raw
)
prefixed = st.builds(lambda known, raws: known[0] + "x" + raws.hex()[: known[1]], st.sampled_from(_PREFIXES), st.binary(
    min_size=40, max_size=40))  # fmt: skip
access_keys = st.builds("{}{}".format, st.sampled_from(["AKIA", "ASIA"]), upper)
pems = st.builds(
    lambda kind, body: f"-----BEGIN {kind}KEY-----\n{base64.b64encode(body).decode()}\n-----END {kind}KEY-----",
    st.sampled_from(["PRIVATE ", "RSA PRIVATE ", "EC PRIVATE "]), raw,
)  # fmt: skip
# What introduces a secret; `{}` stands for the secret.
INTRODUCED = [
    "Bearer {}", "bearer {}", "Authorization: Bearer {}", "Authorization: Basic {}", "password={}", "password: {}",
    "passwd={}", "token={}", "user_token = {}", "api_key: {}", "apiKey={}", "X-Api-Key: {}", "session={}", "sessionid={}",
    "client_secret={}", '"token":"{}"', '"password": "{}"', "'secret': '{}'", "access_token={}", "id_token={}",
    "X-Amz-Signature={}", "X-Amz-Security-Token={}", "X-Amz-Credential={}", "X-Goog-Signature={}", "Signature={}", "sig={}",
    "/reset/{}", "/password-reset/{}", "/verify/{}", "/invite/{}", "/magic/{}", "/magic-link/{}", "user[password]={}",
]  # fmt: skip
PLACES = [
    "{}", "{} x", "x {}", "({})", '"{}"', "x\n{}\ny", "[{}]", "failed for {}: 403", "https://a.example/u/{}/x",
    "https://a.example/u/{}", "https://a.example/?q={}", "https://a.example/?q={}&r=1", "https://a.example/#{}",
    "https://a.example/#/u/{}", "    at f (https://a.example/{}/app.js:10:5)", "f@https://a.example/{}/app.js:10:5",
    "at f (https://a.example/app.js?q={}:10:5)", "ü{}", "<{}>", "a={};", "é {}, 商品",
]  # fmt: skip
places = st.sampled_from(PLACES)


def _base64(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _results(text):
    """What every kind of rule makes of a text, as text and as URL."""
    return {result for scrubber in ALL for result in (scrubber.text(text), scrubber.url(text))}


def _assert_gone(planted, secret, place):
    for written, hidden in ((planted, secret), (quote(planted, safe=""), quote(secret, safe=""))):
        for result in _results(place.replace("{}", written)):
            assert hidden not in result
            assert secret not in result


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts_come_back_as_they_were(text):
    assert [scrubber.text(text) for scrubber in ALL] == [text] * 3


@pytest.mark.parametrize("url", [text for text in ORDINARY if " " not in text])
def test_ordinary_urls_come_back_as_they_were(url):
    assert [scrubber.url(url) for scrubber in ALL] == [url] * 3


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_messages_and_stacks_that_browsers_made_come_back_as_they_were(path):
    for error in json.loads(path.read_text(encoding="utf-8")).get("errors", {}).values():
        for text in (error.get("message", ""), error.get("stack", ""), error.get("filename", "")):
            assert DEFAULT.text(text) == text


@pytest.mark.parametrize(("text", "expected"), SCRUBBED.items())
def test_what_is_personal_is_replaced_and_the_rest_stays_readable(text, expected):
    assert DEFAULT.text(text) == expected


@settings(max_examples=120)
@given(emails, places)
def test_no_email_address_survives_anywhere(planted, place):
    _assert_gone(planted, planted, place)


@settings(max_examples=120)
@given(cards, places)
def test_no_card_number_survives_anywhere(planted, place):
    _assert_gone(planted, planted, place)


@settings(max_examples=250)
@given(st.one_of(jwts, prefixed, access_keys, pems), places)
def test_no_token_of_a_known_form_survives_anywhere(planted, place):
    _assert_gone(planted, planted, place)


@settings(max_examples=250)
@given(st.sampled_from(INTRODUCED), tokens, places)
def test_no_introduced_credential_survives_anywhere(introduced, secret, place):
    _assert_gone(introduced.replace("{}", secret), secret, place)


@given(st.sampled_from(ORDINARY), st.one_of(emails, cards, jwts), st.sampled_from(ORDINARY))
def test_what_stands_around_something_planted_makes_no_difference(before, planted, after):
    for result in _results(f"{before} {planted} {after}"):
        assert planted not in result


pieces = st.one_of(
    st.sampled_from([*ORDINARY, *SCRUBBED, *PLACES]), emails, cards, tokens, jwts, words,
    st.sampled_from(list("@%=?&#:/.-_ '\"\\[](){}<>;,")), st.sampled_from(["%40", "token=", "/reset/", "eyJ", "//", "4111"]),
    st.text(max_size=6),
)  # fmt: skip
mixtures = st.lists(pieces, max_size=8).map("".join)


@settings(max_examples=250)
@given(mixtures)
def test_scrubbing_twice_is_scrubbing_once(text):
    for scrubber in (*ALL, Scrubber(ScrubRules(texts=("a*1", "removed", "* b"), keep_parameters=("q",)))):
        for clean in (scrubber.text, scrubber.url):
            once = clean(text)
            assert clean(once) == once


@settings(max_examples=250)
@given(mixtures)
def test_the_quick_test_overlooks_nothing(text):
    for scrubber in ALL:
        assert scrubber._is_suspect(text) or scrubber._scrub(text) == text


@suites.needed
def test_naughty_strings_are_scrubbed_like_any():
    for text in suites.naughty_strings():
        for scrubber in ALL:
            assert scrubber.text(scrubber.text(text)) == scrubber.text(text)
            assert scrubber.url(scrubber.url(text)) == scrubber.url(text)


@pytest.mark.parametrize(
    "text", ["\ud800@\udfff.com", "\ud8004111111111111111", "\x00?a=\x00", "%", "%4", "?", "#?", "//@"]
)
def test_broken_texts_do_not_raise(text):
    for scrubber in ALL:
        scrubber.text(text)
        scrubber.url(text)


@pytest.mark.parametrize(
    "piece",
    [
        "@", "a@", "a@b.c ", "a@1.", "a'", "1", "4", "4111 ", "4111111111111111 ", "eyJ", "eyJa.", "%40", "%C3", "%3D", "%", "=", "token=",
        "token=a ", '"token":"', "Bearer ", "Bearer a1", "Cookie: a=", "-----BEGIN A", "-----BEGIN A-----", "://", "a://x? ",
        "?a=b ", "/?a=b&", "/", "/a", "/reset/", "/reset/aaaaaaaaaaaaaaaaaaaa", "sk-", "xoxb-", "AKIA", "[email]", "\\", "é",
    ],
)  # fmt: skip
def test_a_flood_of_anything_takes_linear_time(piece):
    flood = (piece * FLOOD_CHARS)[:FLOOD_CHARS]
    for scrubber in ALL:
        for clean in (scrubber.text, scrubber.url):
            start = time.process_time()
            clean(flood)
            assert time.process_time() - start < 0.5  # some 50 ms; were it quadratic, minutes


@pytest.mark.parametrize(
    ("rule", "piece"), [("a*b", "a"), ("a*b", "ab"), ("a*b*c", "ab"), ("*ab", "a"), ("a *b c*d", "a b c ")]
)
def test_an_owners_wildcards_take_linear_time(rule, piece):
    scrubber = Scrubber(ScrubRules(texts=(rule,)))
    start = time.process_time()
    scrubber.text((piece * FLOOD_CHARS)[:FLOOD_CHARS])
    assert time.process_time() - start < 0.5


def test_names_of_parameters_stay_where_the_owner_wants_them_and_their_values_go():
    assert NAMES.url("https://a.example/x?q=ann&p=&secret#/y?z=1") == (
        "https://a.example/x?q=[removed]&p=&[removed]#/y?z=[removed]"
    )
    assert NAMES.text("at https://a.example/x.js?v=3:10:5") == "at https://a.example/x.js?v=[removed]:10:5"


@pytest.mark.parametrize("query", ["remove", "names"])
def test_named_parameters_keep_their_value_unless_it_is_personal(query):
    scrubber = Scrubber(ScrubRules(query=query, keep_parameters=("utm_source", "by")))
    kept = scrubber.url("https://a.example/?a=1&utm_source=news&by=ann%40a.example")
    assert kept == ("https://a.example/?" + ("a=[removed]&" if query == "names" else "") + "utm_source=news&by=[email]")


def test_a_kept_query_loses_only_what_is_personal():
    assert KEEP.url("https://a.example/?q=tea&token=abc&to=ann@a.example") == (
        "https://a.example/?q=tea&token=[token]&to=[email]"
    )


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (ScrubRules(emails=False), "a@b.example [card] token=[token]"),
        (ScrubRules(card_numbers=False), "[email] 4111 1111 1111 1111 token=[token]"),
        (ScrubRules(tokens=False), "[email] [card] token=abc"),
    ],
)
def test_each_kind_can_be_left_alone(rules, expected):
    assert Scrubber(rules).text("a@b.example 4111 1111 1111 1111 token=abc") == expected


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("Project X", "about Project X.", "about [removed]."),
        ("customer *", "customer 12ab paid", "[removed] paid"),
        ("emp-*-x", "emp-44-x emp-4 -x", "[removed] emp-4 -x"),
        ("*.internal", "go to db7.internal now", "go to [removed] now"),
        ("removed", "[removed] removed", "[removed] [removed]"),
        ("a.c", "a.c abc", "[removed] abc"),
    ],
)
def test_texts_of_the_owner_are_removed(rule, text, expected):
    assert Scrubber(ScrubRules(texts=(rule,))).text(text) == expected


@pytest.mark.parametrize(
    "rules",
    [
        ScrubRules(texts=("",)),
        ScrubRules(texts=(" ",)),
        ScrubRules(texts=("*",)),
        ScrubRules(texts=("* *",)),
        ScrubRules(texts=("x" * 201,)),
        ScrubRules(texts=("x",) * 51),
        ScrubRules(keep_parameters=("",)),
        ScrubRules(keep_parameters=("x" * 201,)),
        ScrubRules(keep_parameters=("x",) * 51),
    ],
)
def test_rules_that_cannot_be_used_are_refused(rules):
    with pytest.raises(BadScrubRules):
        Scrubber(rules)


def test_what_is_remembered_is_bounded():
    scrubber = Scrubber()
    for number in range(5_000):
        scrubber.text(f"{number} " + "x" * 900)
        scrubber.url(f"/{number}")
    assert sum(map(len, scrubber._texts)) < 300_000
    assert len(scrubber._urls) <= 2_048
    scrubber.text("y" * 1_001)
    assert "y" * 1_001 not in scrubber._texts


def test_every_prefix_of_a_vendor_is_a_form():
    assert all(_FORMS.fullmatch(prefix + "a1" * 40) for prefix, _ in _PREFIXES)
