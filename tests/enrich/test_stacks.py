"""What is read of stacks, in each engine's spelling, and how little a hostile one costs."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.enrich.stacks import Frame, parse_stack, script_of

CART = "https://shop.example/js/cart.4f9c2a.js"
EXTENSION = "chrome-extension://abcdefghijklmnop/content.js"
# One line of a stack, and its function, file, line, column and whether it is the site's own.
V8 = {
    f"at total ({CART}:12:7)": ("total", CART, 12, 7, True),
    f"at Cart.total ({CART}:12:7)": ("total", CART, 12, 7, True),
    f"at Object.total [as price] ({CART}:12:7)": ("total", CART, 12, 7, True),
    f"at new Cart ({CART}:12:7)": ("Cart", CART, 12, 7, True),
    f"at get total [as total] ({CART}:12:7)": ("total", CART, 12, 7, True),
    f"at async Cart.load ({CART}:12:7)": ("load", CART, 12, 7, True),
    f"at async {CART}:12:7": (None, CART, 12, 7, True),
    f"at #check ({CART}:12:7)": ("#check", CART, 12, 7, True),
    f"at {CART}:12:7": (None, CART, 12, 7, True),
    f"at HTMLButtonElement.<anonymous> ({CART}:12:7)": (None, CART, 12, 7, True),
    f"at Object.<anonymous> ({CART}:12:7)": (None, CART, 12, 7, True),
    f"at <anonymous> ({CART}:12:7)": (None, CART, 12, 7, True),
    f"at 4711 ({CART}:12:7)": (None, CART, 12, 7, True),
    f"at ./src/cart.js ({CART}:12:7)": (None, CART, 12, 7, True),
    "at Array.map (<anonymous>)": ("map", None, None, None, False),
    "at JSON.parse (native)": ("parse", None, None, None, False),
    "at async Promise.all (index 0)": ("all", None, None, None, False),
    f"at check (eval at rule ({CART}:118:37), <anonymous>:1:44)": ("check", CART, 118, 37, True),
    f"at eval (eval at a (eval at b ({CART}:8:9), <anonymous>:1:1), <anonymous>:1:44)": (None, CART, 8, 9, True),
    "at f (file:///C:/Program Files (x86)/app/main.js:1:2)": (
        "f", "file:///C:/Program Files (x86)/app/main.js", 1, 2, True
    ),
    "at add (wasm://wasm/0012abcd:wasm-function[12]:0x1a3)": ("add", "wasm://wasm/0012abcd", None, None, True),
    "at total (webpack-internal:///./src/cart.js:12:7)": (
        "total", "webpack-internal:///./src/cart.js", 12, 7, True
    ),
    "at map (webpack-internal:///./node_modules/list/index.js:1:2)": (
        "map", "webpack-internal:///./node_modules/list/index.js", 1, 2, False
    ),
    f"at inject ({EXTENSION}:1:2)": ("inject", EXTENSION, 1, 2, False),
    "at dispatch (https://code.jquery.com/jquery-3.7.1.min.js:2:3)": (
        "dispatch", "https://code.jquery.com/jquery-3.7.1.min.js", 2, 3, False
    ),
}  # fmt: skip
AT_SIGN = {
    f"total@{CART}:12:7": ("total", CART, 12, 7, True),
    f"@{CART}:12:7": (None, CART, 12, 7, True),
    f"{CART}:12:7": (None, CART, 12, 7, True),
    f"get total@{CART}:12:7": ("total", CART, 12, 7, True),
    f"Cart.prototype.total@{CART}:12:7": ("total", CART, 12, 7, True),
    f"setUp/cart.total@{CART}:12:7": ("total", CART, 12, 7, True),
    f"setUp/<@{CART}:12:7": (None, CART, 12, 7, True),
    f"setUp/names<@{CART}:12:7": (None, CART, 12, 7, True),
    f"async*load@{CART}:12:7": ("load", CART, 12, 7, True),
    f"async load@{CART}:12:7": ("load", CART, 12, 7, True),
    f"promise callback*load@{CART}:12:7": ("load", CART, 12, 7, True),
    f"setTimeout handler*start@{CART}:12:7": ("start", CART, 12, 7, True),
    f"EventListener.handleEvent*wire@{CART}:12:7": ("wire", CART, 12, 7, True),
    f"global code@{CART}:12:7": (None, CART, 12, 7, True),
    f"check@{CART} line 118 > eval:1:31": ("check", CART, 118, None, True),
    "check@": ("check", None, None, None, True),
    "eval code@": (None, None, None, None, True),
    "map@[native code]": ("map", None, None, None, False),
    "map@self-hosted:178:63": ("map", None, None, None, False),
    "<?>.wasm-function[12]@[wasm code]": ("wasm-function[12]", None, None, None, False),
    f"add@{CART}:wasm-function[12]:0x1a3": ("add", CART, None, None, True),
    "./node_modules/@scope/list/index.js@https://shop.example/js/main.js:1:2": (
        None, "https://shop.example/js/main.js", 1, 2, True
    ),
    "f@https://shop.example/npm/@scope/list@1.2/x.js:3:4": (
        "f", "https://shop.example/npm/@scope/list@1.2/x.js", 3, 4, True
    ),
    "f@moz-extension://0c0ffee0-1111-4222-8333-444455556666/a.js:3:4": (
        "f", "moz-extension://0c0ffee0-1111-4222-8333-444455556666/a.js", 3, 4, False
    ),
    "f@webkit-masked-url://hidden/:3:4": ("f", "webkit-masked-url://hidden/", 3, 4, False),
}  # fmt: skip
HOSTILE = [
    *(
        "a@",
        "at ",
        "    at \n",
        "a@\n",
        "    at f (a:1:1)\n",
        "(",
        "[",
        " (eval at ",
        ":1",
        "x@https://a:1:1",
        "\n",
        " ",
    ),
    *(" line 1 > eval", "@[native code]", "\ud800", "http://", "a:1:1:1@", "/", "<", "1"),
]


@pytest.mark.parametrize(("line", "frame"), V8.items(), ids=V8)
def test_a_frame_of_v8_is_read(line, frame):
    assert parse_stack(f"TypeError: no\n    {line}") == [Frame(*frame)]


@pytest.mark.parametrize(("line", "frame"), AT_SIGN.items(), ids=AT_SIGN)
def test_a_frame_of_spidermonkey_and_javascriptcore_is_read(line, frame):
    assert parse_stack(line + "\n") == [Frame(*frame)]


def test_frames_are_in_the_order_of_the_stack_innermost_first():
    stack = f"Error: no\n    at first ({CART}:1:2)\n    at Array.map (<anonymous>)\n    at second ({CART}:3:4)"
    assert [frame.function for frame in parse_stack(stack)] == ["first", "map", "second"]


def test_the_message_is_no_frame_even_where_it_looks_like_one():
    assert parse_stack("Error: mail to ann@shop.example:25:1 failed\nat the door") == []
    assert [frame.line for frame in parse_stack(f"Error: a@b:1:1\nc@d:2:2\n    at f ({CART}:3:3)")] == [3]


def test_a_frame_that_the_client_cut_is_dropped():
    assert [frame.line for frame in parse_stack(f"Error\n    at f ({CART}:1:2)\n    at g ({CART}:3...")] == [1]
    assert [frame.line for frame in parse_stack(f"f@{CART}:1:2\ng@{CART}:3...")] == [1]


def test_at_most_fifty_frames_are_read():
    assert len(parse_stack(f"f@{CART}:1:2\n" * 128)) == 50


@pytest.mark.parametrize(
    "file",
    [
        "https://shop.example/node_modules/list/index.js",
        "https://shop.example/static/js/chunk-vendors.8d2f11aa.js",
        "https://shop.example/assets/vendor-DqYq_3fP.js",
        "https://shop.example/vendor/list.js",
        "https://shop.example/js/jquery.min.js",
        "https://shop.example/js/react-dom.production.min.js",
        "https://shop.example/_next/static/chunks/polyfills-c67a75d1b6f99dc8.js",
        "https://rum.shop.example/client/3.x/cwr.js",
        "https://cdn.jsdelivr.net/npm/list@1/index.js",
        "https://www.googletagmanager.com/gtm.js?id=GTM-1",
        "webpack://shop/webpack/bootstrap",
        "safari-web-extension://1234/a.js",
        "moz-extension://1234/a.js",
        "resource://gre/modules/a.js",
    ],
)
def test_scripts_of_libraries_and_extensions_are_not_the_sites_own(file):
    assert not script_of(file).in_app


@pytest.mark.parametrize(
    "file",
    [
        "https://shop.example/js/react-checkout.js",
        "https://shop.example/js/about-us.js",
        "https://shop.example/lib/cart.js",
        "https://shop.example/products/12",
        "https://cdn.shop.example/app.js",
        "webpack:///./src/cart.js",
        "blob:https://shop.example/0c0ffee0-1111-4222-8333-444455556666",
    ],
)
def test_other_scripts_are_the_sites_own(file):
    assert script_of(file).in_app


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("https://shop.example/js/checkout.4f9c2a.js", "/js/checkout.js"),
        ("http://localhost:8080/js/checkout.js?v=12#x", "/js/checkout.js"),
        ("https://shop.example/assets/main-AB12cd34.js", "/assets/main.js"),
        ("https://shop.example/assets/index-DqYq_3fP.js", "/assets/index.js"),
        ("https://shop.example/assets/index-CHWZhLxO.js", "/assets/index.js"),
        ("https://shop.example/chunk-vendors.8d2f11.js", "/chunk-vendors.js"),
        ("https://shop.example/chunk-7JX3QKLP.js", "/chunk.js"),
        ("https://shop.example/12.4f9c2a1b.chunk.js", "/*.chunk.js"),
        ("https://shop.example/js/bundle.min.js", "/js/bundle.js"),
        ("https://shop.example/v1.2.3/js/user-Settings.js", "/*/js/user-Settings.js"),
        ("https://shop.example/js/my-checkout.js", "/js/my-checkout.js"),
        ("https://shop.example/js/facade.js", "/js/facade.js"),
        ("https://shop.example/_next/static/V1StGXR8Z5jdHi6BmyTab/pages/cart-1a2b3c4d5e6f.js", "/_next/static/*/pages/cart.js"),
        ("webpack-internal:///./src/cart.js", "/src/cart.js"),
        ("webpack://shop/./src/cart.js?1a2b", "/src/cart.js"),
        ("webpack:///src/cart.js", "/src/cart.js"),
        ("blob:https://shop.example/0c0ffee0-1111-4222-8333-444455556666", ""),
        ("https://shop.example/products/4711", "/products/*"),
    ],
)  # fmt: skip
def test_the_path_of_a_script_is_the_same_in_every_release(file, path):
    assert script_of(file).path == path


@given(
    st.lists(
        st.one_of(
            st.text(max_size=40), st.sampled_from([*V8, *AT_SIGN, "    at ", "@", " (", "eval at ", ":1:1", "..."])
        ),
        max_size=20,
    ),
    st.sampled_from(["", "\n", "\n    "]),
)
def test_no_text_makes_it_raise(parts, glue):
    frames = parse_stack(glue.join(parts))
    assert len(frames) <= 50
    assert all(isinstance(frame, Frame) for frame in frames)


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_a_hostile_stack_costs_little(text):
    long = (text * (262_144 // len(text) + 1))[:262_144]
    stacks = [
        long,
        f"    at f ({long}:1:1)",
        f"    at {long} (https://a.example/b.js:1:1)",
        f"x@https://a.example/{long}:1:1",
    ]
    started = time.perf_counter()
    for stack in stacks:
        parse_stack(stack)
    assert time.perf_counter() - started < 0.2  # 50 ms each
