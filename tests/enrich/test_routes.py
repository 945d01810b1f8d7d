"""How pages and URLs are grouped: a published list as a person would group it, the owner's rules, and what is learned."""

import random
import re
import string
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openrum.enrich.route_forms import PLACEHOLDER
from openrum.enrich.routes import ROUTE_CHARS_MAX, BadRoute, Routes, Url, check_rule, learn
from tests.wire.suites import naughty_strings, needed

LIST = Path(__file__).parent / "routes-500.tsv"
ROUTES = Routes()
UUID = "7f3c1e1a-9b1d-4f0e-8a52-3d1f6f0f2c11"
WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "jetty"]
NAMES = [f"{first}{second}" for first in WORDS for second in WORDS]  # a hundred words without a digit


def published():
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and "\t" in line]


def test_of_the_published_list_at_least_95_in_100_are_grouped_as_a_person_would():
    cases = published()
    assert len(cases) == len({(door, given) for door, given, _ in cases}) == 500
    misses = []
    for door, text, wanted in cases:
        found = ROUTES.page(text) if door == "page" else ROUTES.url(text, None).route
        if found != wanted:
            misses.append(f"{text}: a person says {wanted}, not {found}")
    print(*misses, sep="\n")  # noqa: T201 - pytest shows it where the test fails, or with -rP
    assert len(misses) <= 0.05 * len(cases), "\n".join(misses)


@pytest.mark.parametrize(
    ("text", "route"),
    [
        (f"/orders/{UUID}", "/orders/:id"),
        ("/commit/4f9c2a1b", "/commit/:hash"),
        ("/calendar/2026/11/25", "/calendar/:date"),
        ("/lib/1.2.3/x.js", "/lib/:version/x.js"),
        ("/map/52.5200,13.4050", "/map/:number"),
        ("/confirm/a@example.com", "/confirm/:email"),
        ("/v2beta/de-DE/users", "/v2beta/de-DE/users"),
        ("/checkout-8d2f1c0b.chunk.js", "/checkout-:hash.chunk.js"),
    ],
)
def test_there_are_few_placeholders_and_words_stay_words(text, route):
    assert ROUTES.page(text) == ROUTES.url(f"https://example.com{text}?q=1", None).route == route


WITH_DIGITS = """covid-19 windows-11 iphone15pro mp3-player html5 base64 sha256 area51 k8s s3 office365 route66 form-1040
    a4-paper best-laptops-2026 facade deadbeef step-2 top-100 2fa 3d-printing es-419 ipv4-to-ipv6 x509 oauth2"""


@pytest.mark.parametrize("word", WITH_DIGITS.split())
def test_a_word_with_a_digit_is_still_a_word(word):
    assert ROUTES.page(f"/help/{word}") == f"/help/{word}"


def test_one_page_has_one_name():
    same = ["/café/menu", "/café/menu/", "//café///menu", "/caf%C3%A9/menu/index.html", "/café/x/../menu?a=1#b"]
    assert {ROUTES.page(text) for text in same} == {"/café/menu"}
    assert ROUTES.page("") == ROUTES.page("/") == ROUTES.page("#") == ROUTES.page("?x=1") == "/"
    assert ROUTES.page("/Cart") != ROUTES.page("/cart")


def test_a_hash_route_stays_and_any_other_fragment_goes():
    assert ROUTES.page("/app?a=1#/users/17?b=2") == "/app#/users/:id"
    assert ROUTES.page("#!/users/17") == "#!/users/:id"
    assert ROUTES.page("#users/17") == "#users/:id"
    assert ROUTES.page("/docs#install") == "/docs"
    assert ROUTES.page("#access_token=secret") == ROUTES.page("/#access_token=secret") == "/"


def test_what_is_no_place_on_the_web_keeps_its_scheme_alone():
    texts = [
        "data:image/PNG;base64,AAAA",
        "data:,x",
        f"blob:https://example.com/{UUID}",
        "about:blank",
        "x-y://secret/1",
    ]
    assert [ROUTES.url(text, "example.com") for text in texts] == [
        Url(None, route, None) for route in ("data:image/png", "data:", "blob:", "about:", "x-y:")
    ]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://User:pw@API.Example.com:443/a", "api.example.com"),
        ("http://example.com:443/a", "example.com:443"),
        ("//cdn.example.com./a", "cdn.example.com"),
        ("https://[2001:DB8::1]:8080/a", "[2001:db8::1]:8080"),
        ("wss://example.com:443/a", "example.com"),
        ("/a", None),
        ("a", None),
        ("https:///a", None),
        ("https://exa mple.com/a", None),
    ],
)
def test_a_host_is_in_lower_case_with_an_unusual_port(url, host):
    found = ROUTES.url(url, None)
    assert (found.host, found.route.lstrip("/")) == (host, "a")


@pytest.mark.parametrize(
    ("host", "domain", "same"),
    [
        ("example.com", "example.com", True),
        ("cdn.example.com:8443", "www.example.com", True),
        ("example.com", "shop.EXAMPLE.com", True),
        ("notexample.com", "example.com", False),
        ("example.com.evil.org", "example.com", False),
        ("a.co.uk", "b.co.uk", False),
        ("cdn.a.co.uk", "www.a.co.uk", True),
        ("a.github.io", "b.github.io", False),
        ("a.s3.eu-west-1.amazonaws.com", "b.s3.eu-west-1.amazonaws.com", False),
        ("localhost:3000", "localhost", True),
        ("10.1.2.3:80", "10.1.2.3", True),
        ("10.1.2.3", "11.1.2.3", False),
        ("[::1]:3000", "::1", True),
        ("[::1]", "[::2]", False),
    ],
)
def test_first_party_is_the_same_registrable_domain(host, domain, same):
    assert ROUTES.url(f"http://{host}/", domain).first_party is same


def test_whose_party_is_not_known_without_host_or_domain():
    assert ROUTES.url("/a", "example.com").first_party is None
    assert ROUTES.url("https://example.com/a", None).first_party is None
    assert ROUTES.url("https://example.com/a", "").first_party is None


def test_the_owners_rules_win_the_first_that_fits():
    routes = Routes(["/products/*/reviews", "/products/**", "/*/about", "/app#/u/*"], ["/products/:slug"])
    assert routes.page("/products/17/reviews/?page=2") == "/products/*/reviews"
    assert routes.page("/products/17/reviews/3") == routes.page("/products") == "/products/**"
    assert routes.page("/de/about") == "/*/about"
    assert routes.page("/app#/u/17") == "/app#/u/*"
    assert routes.page("/about") == "/about"
    assert routes.url("https://api.example.com/products/x", None).route == "/products/**"


def test_the_order_of_rules_is_the_owners():
    assert Routes(["/a/*", "/a/b"]).page("/a/b") == "/a/b"  # a rule's own text is its own
    assert Routes(["/a/*", "/a/b/**"]).page("/a/b/") == "/a/*"
    assert Routes(["/a/b/**", "/a/*"]).page("/a/b/") == "/a/b/**"


@pytest.mark.parametrize("rule", ["/", "/a", "/*", "/**", "/a/*/b", "/a/**", "#/users/*", "/app#/x/**", "/blog/:slug"])
def test_a_rule_that_can_be_followed_is_taken(rule):
    check_rule(rule)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("", "must begin"),
        ("products/*", "must begin"),
        ("/a?b=1", "query"),
        ("/a//b", "single slashes"),
        ("/a/", "none at the end"),
        ("/a/**/b", "stand last"),
        ("/a/b*", "whole segment"),
        ("/a/***", "whole segment"),
        ("/a ", "spaces"),
        ("/a\n", "cannot be seen"),
        ("/" + "a" * 600, "characters"),
        ("/a" * 40, "segments"),
    ],
)
def test_a_rule_that_cannot_be_followed_says_why(rule, says):
    with pytest.raises(BadRoute, match=says):
        check_rule(rule)
    with pytest.raises(BadRoute):
        Routes([rule])


def test_a_learned_template_takes_words_and_ids_and_no_menu():
    routes = Routes(learned=["/blog/:slug", "/shops/:name/:slug", "/shops/central/:slug"])
    assert routes.page("/blog/winter") == routes.page("/blog/red-mug-48213") == "/blog/:slug"
    assert routes.page("/blog/archive") == "/blog/archive"
    assert routes.page("/blog/2026") == "/blog/:date"
    assert routes.page("/shops/harbour/lamp") == "/shops/:name/:slug"
    assert routes.page("/shops/central/lamp") == "/shops/central/:slug"  # who says more goes first


def test_many_words_in_one_place_are_learned():
    assert learn({f"/shops/{name}": 1 for name in NAMES[:50]}) == ["/shops/:slug"]
    assert learn({f"/shops/{name}": 1 for name in NAMES[:49]}) == []
    assert learn({f"/members/{name}": 1 for name in NAMES[:50]}) == ["/members/:name"]


def test_deeper_structure_stays_where_several_share_it():
    counts = {f"/members/{name}{tail}": 1 for name in NAMES for tail in ("", "/settings", "/posts/:id")}
    counts |= {"/members/amberamber/only-mine": 4}
    assert learn(counts) == ["/members/:name", "/members/:name/posts/:id", "/members/:name/settings"]


def test_two_places_in_a_row_are_learned_together():
    counts = {f"/code/{owner}/{repo}/issues": 1 for owner in NAMES for repo in WORDS}
    [template] = learn(counts | {f"/code/{owner}/{name}/issues": 1 for owner in WORDS for name in NAMES})
    assert template == "/code/:slug/:slug/issues"


def test_a_menu_is_not_learned():
    assert learn({f"/{name}": 5_000 for name in NAMES[:60]}) == []
    assert learn({f"/{name}": 1 for name in NAMES[:60]}) == []
    assert learn({f"/en/{name}": 1 for name in NAMES[:60]}) == []
    assert learn({f"/api/v1/{name}": 5_000 for name in NAMES[:60]}) == []


def test_a_long_tail_at_the_head_of_a_site_is_learned_and_sections_beside_it_stay():
    tail = {f"/{one}{two}": 2 for one in NAMES[:20] for two in WORDS}
    sections = {f"/{name}{rest}": 3_000 for name in WORDS for rest in ("", "/:id")}
    assert learn(tail | sections) == ["/:slug"]


def test_titles_are_learned_however_often_they_are_read():
    assert learn({f"/knowledge/all-about-{name}": 9_000 for name in NAMES[:60]}) == ["/knowledge/:slug"]


def test_what_is_far_too_much_for_a_menu_is_learned_whatever_its_hits():
    assert learn({f"/shops/{one}{two}": 900 for one in NAMES for two in WORDS[:4]}) == ["/shops/:slug"]


def seen():
    """Counts of a whole site, from a seed."""
    chance = random.Random(7)
    places = ["/shops/{}", "/members/{}", "/members/{}/settings", "/code/{}/{}", "/{}", "#/rooms/{}", "/blog/tag/{}"]
    return {
        chance.choice(places).format(chance.choice(NAMES), chance.choice(NAMES)): chance.randint(1, 12)
        for _ in range(4_000)
    }


def test_learning_heeds_no_order():
    pairs, first = [*seen().items()], learn(seen())
    assert first
    for seed in range(3):
        random.Random(seed).shuffle(pairs)
        assert learn(dict(pairs)) == first


segments = st.sampled_from(["blog", "members", "code", "new", ":id", *WORDS])


@given(st.dictionaries(st.lists(segments, max_size=4).map(lambda path: "/" + "/".join(path)), st.integers(0, 40)))
def test_learning_again_from_what_was_learned_adds_nothing(counts):
    found = learn(counts, values_min=4)
    assert learn(counts, known=found, values_min=4) == []
    routes, regrouped = Routes(learned=found), {}
    for route, hits in counts.items():
        group = routes.page(route)
        regrouped[group] = regrouped.get(group, 0) + hits
    assert learn(regrouped, known=found, values_min=4) == []


def test_learning_again_from_a_whole_site_adds_nothing():
    found = learn(seen())
    routes, regrouped = Routes(learned=found), {}
    for route, hits in seen().items():
        regrouped[routes.page(route)] = regrouped.get(routes.page(route), 0) + hits
    assert learn(regrouped, known=found) == [] == learn(seen(), known=found)
    assert len(regrouped) < 0.5 * len(seen())


PIECES = """// #/ #!/ .. * ** %2F %41 %25 %C3%A9 %ff %3D %21 http:// data: blob: index.html :id :slug .js 17 2026 11 25 4f9c2a1b
    users blog wiki page v1 Ada a-b-c 1.2.3"""
pieces = st.sampled_from([*"/#?=;:%-_.@! \n\ud800éx", *PIECES.split()])
texts = st.one_of(st.text(), st.lists(pieces, max_size=12).map("".join), st.text("/#:.-%0aA1", max_size=40))
HIDDEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u2028-\\u202e]")
RULED = Routes(["/users/*", "/blog/**", "#/x/*", "/*/page"], ["/wiki/:slug", "/x/:name/users", "/users/:name"])


@given(texts)
@example("./data:image/png,A")
@example("%64ata:image/png,A")
@example("/" + "a-" * 600)
@example("/" + "word/" * 600)
@example("#/" + "é" * 5_000)
def test_the_route_of_a_route_is_itself_and_no_text_is_too_strange(text):
    for routes in (ROUTES, RULED):
        route = routes.page(text)
        assert routes.page(route) == route
        assert route
        assert len(route) <= ROUTE_CHARS_MAX
        assert "?" not in route
        assert not HIDDEN.search(route)
        route.encode()
        host, path, party = routes.url(text, "example.com")
        assert (host is None) == (party is None)
        assert len(path) <= ROUTE_CHARS_MAX
        assert "?" not in path


@given(st.lists(st.text(string.ascii_letters + string.digits + "-", min_size=1), min_size=1, max_size=5))
def test_a_rule_for_everything_wins_over_everything(path):
    assert Routes(["/**"], ["/:slug"]).page("/" + "/".join(path)) == "/**"


@needed
def test_naughty_strings_have_routes():
    for text in naughty_strings():
        for where in (text, f"/x/{text}", f"https://{text}/{text}", f"#/{text}"):
            route = ROUTES.page(where)
            assert ROUTES.page(route) == route
            assert "?" not in ROUTES.url(where, text).route


@pytest.mark.parametrize(
    "piece", ["a-", "1.", "aA1", "/", "%", "%41", ":", "2026/", "1,", "9-", "@", "=", "é/", ".js", "0"]
)
def test_a_huge_text_is_read_in_part_and_not_remembered(piece):
    routes = Routes(["/a/*"], ["/b/:slug"])
    huge = piece * (256 * 1_024)
    assert len(routes.page(huge)) <= ROUTE_CHARS_MAX
    assert len(routes.url(huge, huge).route) <= ROUTE_CHARS_MAX
    assert not routes._pages
    assert not routes._urls


def test_what_is_remembered_is_bounded():
    routes = Routes()
    for number in range(20_000):
        routes.page(f"/a/{number}")
        routes.url(f"/a/{number}", "example.com")
    assert 0 < len(routes._pages) <= 8_192
    assert 0 < len(routes._urls) <= 8_192


def test_nothing_but_placeholders_takes_the_place_of_an_id():
    assert PLACEHOLDER.sub("", ROUTES.page(f"/a/{UUID}/17/{UUID}.pdf")) == "/a///.pdf"
