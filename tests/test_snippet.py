"""The snippet: the pages that it includes or leaves out are those that the monitor names, as a browser writes their addresses."""

import re

import pytest

from openrum.snippet import Snippet


def included(*pages):
    """The regular expressions that the snippet has for these pages."""
    text = Snippet("id", "eu-central-1", "https://rum.example", True, 1.0, included_pages=pages).npm()
    (line,) = re.findall(r'"pagesToInclude": \[/(.*)/\]', text)
    return [re.compile(each.replace(r"\/", "/")) for each in line.split("/, /")]


@pytest.mark.parametrize(
    ("page", "address", "meant"),
    [
        ("https://shop.example/cart", "https://shop.example/cart", True),
        ("https://shop.example/cart", "https://shop.example/cart?step=2#pay", True),
        ("https://shop.example/cart", "https://shop.example/cart/2", False),
        ("https://shop.example/cart", "https://elsewhere.example/?from=https://shop.example/cart", False),
        ("https://shop.example/a.b", "https://shop.example/aXb", False),
        ("https://shop.example/cart/*", "https://shop.example/cart/2/pay", True),
        ("https://shop.example/*/pay", "https://shop.example/cart/pay?now", True),
        ("https://shop.example", "https://shop.example/", True),
        ("https://shop.example", "https://shop.example/cart", False),
        ("https://shop.example?x=(1)", "https://shop.example?x=(1)", True),
        ("https://shop.example/öl (neu)", "https://shop.example/%C3%B6l%20(neu)", True),
        ("https://shop.example/100%25", "https://shop.example/100%25", True),
    ],
)
def test_a_page_is_meant_whatever_its_query_and_nothing_beside_it(page, address, meant):
    (expression,) = included(page)
    assert bool(expression.search(address)) is meant


def test_pages_are_named_only_where_the_monitor_names_some():
    text = Snippet("id", "eu-central-1", "https://rum.example", True, 1.0).cdn()
    assert "pagesTo" not in text
    assert len(included("https://a.example/1", "https://a.example/2")) == 2


def test_no_page_ends_the_script_it_stands_in():
    snippet = Snippet(
        "id", "eu-central-1", "https://rum.example", True, 1.0, excluded_pages=("https://a.b/</script>\u2028",)
    )
    assert snippet.cdn().count("</script>") == 1
    assert snippet.cdn().isascii()
