"""Replays: a session is watched where something went wrong; what strangers recorded runs nowhere and asks for nothing."""

import itertools
import time

import pytest

from tests.console.conftest import PHONE, tab
from tests.console.sent import batch, event, send
from tests.console.test_accessible import serious_in_either_theme
from tests.crash.load import public_monitor

pytestmark = [pytest.mark.slow, pytest.mark.browser]

BEFORE_MS = 2_000
ERROR_S, SLOW_S, IDLE_S = 12, 20, 30  # seconds after the beginning of what `recorded` sends
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAAC"


# ── What is sent ──────────────────────────────────────────────────────────────────────────────────────────────────


def element(number, tag, attributes=None, *below, **more):
    return {"type": 2, "id": number, "tagName": tag, "attributes": attributes or {}, "childNodes": list(below), **more}


def text(number, content, **more):
    return {"type": 3, "id": number, "textContent": content, **more}


def whole(at, *body, head=()):
    """A page as rrweb begins with it."""
    html = element(3, "html", {}, element(4, "head", {}, *head), element(5, "body", {"id": "page"}, *body))
    document = {"type": 0, "id": 1, "childNodes": [{"type": 1, "id": 2, "name": "html"}, html]}
    return [
        {"type": 4, "timestamp": at, "data": {"href": "https://shop.example/", "width": 1000, "height": 600}},
        {"type": 2, "timestamp": at, "data": {"node": document, "initialOffset": {"top": 0, "left": 0}}},
    ]


def change(at, source, **data):
    return {"type": 3, "timestamp": at, "data": {"source": source, **data}}


def mutation(at, **data):
    return change(at, 0, **{"texts": [], "attributes": [], "removes": [], "adds": [], **data})


def played(at, records):
    return {**event("rrweb_event", {"events": records, "eventCount": len(records)}), "timestamp": at // 1000}


def told(at, kind, details):
    return {**event(kind, details), "timestamp": at // 1000}


names = itertools.count()


@pytest.fixture
def monitor(bare):
    """Name and id of a monitor of its own."""
    name = f"replay{next(names)}"
    return name, public_monitor(bare, name)


def record(server, monitor, events):
    """Send a session; its id and the time it begins, epoch ms."""
    body = batch(events)
    send(server, monitor[1], body)
    server.wait_until_drained()
    return body["UserDetails"]["sessionId"]


def begun():
    return (int(time.time()) - 600) * 1000


def a_session(begin, *, error=True, slow=True):
    """A page whose heading is changed every second, and stands still for long at its end."""
    records = whole(begin, element(6, "h1", {}, text(7, "0")), element(8, "input", {"value": ""}))
    records += [mutation(begin + n * 1_000, texts=[{"id": 7, "value": str(n)}]) for n in range(1, IDLE_S)]
    records += [mutation(begin + 4 * IDLE_S * 1_000, texts=[{"id": 7, "value": "the end"}])]
    events = [told(begin, "page_view_event", {"pageId": "/"}), played(begin + 4 * IDLE_S * 1_000, records)]
    if error:
        events.append(told(begin + ERROR_S * 1_000, "js_error_event", {"type": "TypeError", "message": "it broke"}))
    if slow:
        events.append(told(begin + SLOW_S * 1_000, "interaction_to_next_paint_event", {"value": 800.0}))
    return events


@pytest.fixture
def console(bare, chromium):
    with tab(chromium, bare.url) as console:
        yield console


# ── What is seen ──────────────────────────────────────────────────────────────────────────────────────────────────


def watch(console, place):
    console.open(place)
    return begun_to_watch(console)


def begun_to_watch(console):
    """The replayed document, once there is something in it."""
    bar(console).wait_for()
    console.page.wait_for_function(
        "() => document.querySelector('iframe')?.contentDocument?.querySelector('body')?.childNodes.length"
    )
    return console.page.frame_locator("iframe")


def bar(console):
    return console.panel("replay").get_by_role("slider")


def moment(console):
    return float(bar(console).input_value())


def seek(console, at):
    bar(console).evaluate(
        """(bar, at) => { bar.value = at; bar.dispatchEvent(new Event('input', {bubbles: true}));
                          bar.dispatchEvent(new Event('change', {bubbles: true})); }""",
        at,
    )


def inside(console, script):
    """What a script finds in the replayed document."""
    return console.page.evaluate(
        f"() => {{ const page = document.querySelector('iframe').contentDocument; return {script} }}"
    )


# ── In context ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("wrong", "after_s"), [({}, ERROR_S), ({"error": False}, SLOW_S)])
def test_a_replay_opens_right_before_what_went_wrong_and_not_at_its_beginning(bare, console, monitor, wrong, after_s):
    begin = begun()
    session = record(bare, monitor, a_session(begin, **wrong))
    frame = watch(console, f"{monitor[0]}/sessions/{session}?range=3h")
    assert moment(console) == pytest.approx(begin + after_s * 1_000 - BEFORE_MS, abs=150)
    assert frame.locator("h1").inner_text() == str(after_s - BEFORE_MS // 1_000)


def test_a_session_in_which_nothing_went_wrong_is_watched_from_its_beginning(bare, console, monitor):
    begin = begun()
    session = record(bare, monitor, a_session(begin, error=False, slow=False))
    assert watch(console, f"{monitor[0]}/sessions/{session}?range=3h").locator("h1").inner_text() == "0"


def test_the_way_from_an_error_to_its_moment_in_the_replay(bare, console, monitor):
    begin = begun()
    session = record(bare, monitor, a_session(begin))
    console.open(f"{monitor[0]}/errors?range=3h")
    console.panel("groups").get_by_text("it broke").first.click()
    console.page.get_by_role("link", name="Watch it").first.click()
    console.wait_for_path(f"{monitor[0]}/sessions/{session}")
    console.wait_for_state(moment=str(begin + ERROR_S * 1_000))
    begun_to_watch(console)
    assert moment(console) == pytest.approx(begin + ERROR_S * 1_000 - BEFORE_MS, abs=150)
    assert console.panel("replay").bounding_box()["y"] < console.page.viewport_size["height"] / 2, "it is in sight"


def test_an_event_of_the_timeline_leads_there_in_the_replay(bare, console, monitor):
    begin = begun()
    session = record(bare, monitor, a_session(begin))
    frame = watch(console, f"{monitor[0]}/sessions/{session}?range=3h")
    console.panel("timeline").locator("[data-row] button.line", has_text="INP").click()
    console.page.wait_for_function(
        "heading => document.querySelector('iframe').contentDocument.querySelector('h1').textContent === heading",
        arg=str(SLOW_S - BEFORE_MS // 1_000),
    )
    console.keys("Escape")
    assert frame.locator("h1").inner_text() == str(SLOW_S - BEFORE_MS // 1_000), "closing the event moves nothing"


# ── Playing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_plays_by_key_passes_what_nothing_happens_in_and_says_in_the_address_where_it_was_stopped(
    bare, console, monitor
):
    begin = begun()
    session = record(bare, monitor, a_session(begin))
    frame = watch(console, f"{monitor[0]}/sessions/{session}?range=3h")
    seek(console, begin + (IDLE_S - 2) * 1_000)
    assert frame.locator("h1").inner_text() == str(IDLE_S - 2)
    console.keys("p")
    frame.locator("h1", has_text="the end").wait_for()  # ninety seconds further
    console.page.get_by_role("button", name="Play", exact=True).wait_for()
    seek(console, begin + 5_000)
    console.keys(".")
    assert frame.locator("h1").inner_text() == "10"
    console.keys(",")
    assert frame.locator("h1").inner_text() == "5"
    console.wait_for_state(moment=str(begin + 5_000 + BEFORE_MS))
    console.page.reload()
    console.settled()
    begun_to_watch(console)
    assert moment(console) == pytest.approx(begin + 5_000, abs=150), "a link leads to the same moment"


def test_a_mark_leads_to_what_it_stands_for_and_speed_is_chosen(bare, console, monitor):
    begin = begun()
    session = record(bare, monitor, a_session(begin))
    frame = watch(console, f"{monitor[0]}/sessions/{session}?range=3h")
    console.panel("replay").get_by_label("INP").click()
    assert frame.locator("h1").inner_text() == str(SLOW_S - BEFORE_MS // 1_000)
    console.panel("replay").get_by_role("radio", name="8").click()
    console.panel("replay").get_by_role("button", name="Play", exact=True).click()
    frame.locator("h1", has_text="the end").wait_for()


# ── What a recording says is shown, and taken back ────────────────────────────────────────────────────────────────


def test_what_changes_on_a_page_changes_in_the_replay_and_is_undone_by_going_back(bare, console, monitor):
    begin = begun()
    style = element(20, "style", {}, text(21, "h1 { color: rgb(1, 2, 3) }", isStyle=True))
    linked = element(22, "link", {"rel": "stylesheet", "_cssText": "#list { padding-left: 40px }"})
    records = whole(
        begin,
        element(6, "h1", {"style": "width: 300px"}, text(7, "first")),
        element(8, "ul", {"id": "list"}, element(9, "li", {}, text(10, "a")), element(11, "li", {}, text(12, "c"))),
        element(13, "input", {"value": "***"}),
        element(14, "div", {"id": "tall"}),
        element(15, "div", {"id": "host"}, element(16, "p", {}, text(17, "in the shadow"), isShadow=True), isShadowHost=True),
        element(18, "canvas", {"rr_dataURL": PIXEL}),
        head=(style, linked),
    )  # fmt: skip
    later = begin + 10_000
    records += [
        mutation(
            later,
            removes=[{"parentId": 8, "id": 11}],
            adds=[
                {"parentId": 30, "nextId": None, "node": text(31, "b")},  # before what it stands in
                {"parentId": 8, "nextId": None, "previousId": 9, "node": element(30, "li", {"class": "new"})},
            ],
            texts=[{"id": 7, "value": "second"}, {"id": 21, "value": "h1 { color: rgb(4, 5, 6) }"}],
            attributes=[
                {"id": 6, "attributes": {"style": {"width": "400px"}, "title": "told"}},
                {"id": 14, "attributes": {"style": "height: 3000px"}},
            ],
        ),
        change(later, 3, id=1, x=0, y=250),
        change(later, 5, id=13, text="*****", isChecked=False),
        change(later, 8, id=20, adds=[{"rule": "ul { margin-top: 7px }", "index": 0}]),
        change(
            later, 15, id=1, styles=[{"styleId": 1, "rules": [{"rule": "li { color: rgb(7, 8, 9) }"}]}], styleIds=[1]
        ),
    ]
    session = record(bare, monitor, [told(begin, "page_view_event", {"pageId": "/"}), played(later, records)])
    watch(console, f"{monitor[0]}/sessions/{session}?range=3h")
    found = """(of => [page.querySelector('h1').textContent, of('h1').color, of('h1').width, of('ul').paddingLeft,
        of('ul').marginTop, [...page.querySelectorAll('li')].map(each => each.textContent).join(''), of('li').color,
        page.querySelector('input').value, page.scrollingElement.scrollTop, page.compatMode,
        page.querySelector('#host').shadowRoot.textContent, page.querySelector('img').src.slice(0, 14)])
        (name => getComputedStyle(page.querySelector(name)))"""
    first = ["first", "rgb(1, 2, 3)", "300px", "40px", "16px", "ac", "rgb(0, 0, 0)", "***", 0]
    second = ["second", "rgb(4, 5, 6)", "400px", "40px", "7px", "ab", "rgb(7, 8, 9)", "*****", 250]
    always = ["CSS1Compat", "in the shadow", "data:image/gif"]
    assert inside(console, found) == [*first, *always]
    seek(console, later)
    assert inside(console, found) == [*second, *always]
    seek(console, begin + 100)
    assert inside(console, found) == [*first, *always]


def test_a_recording_whose_beginning_is_missing_says_so(bare, console, monitor):
    begin = begun()
    records = [mutation(begin, texts=[{"id": 7, "value": "x"}])]
    session = record(bare, monitor, [told(begin, "page_view_event", {"pageId": "/"}), played(begin, records)])
    console.open(f"{monitor[0]}/sessions/{session}?range=3h")
    console.panel("replay").get_by_text("Its beginning is missing").wait_for()


# ── Strangers ─────────────────────────────────────────────────────────────────────────────────────────────────────

EVIL = "https://evil.example/x"
HOSTILE_HEAD = (
    element(40, "script", {"src": f"{EVIL}.js"}, text(41, "document.title = 'ran'")),
    element(42, "base", {"href": EVIL}),
    element(43, "meta", {"http-equiv": "refresh", "content": f"0;url={EVIL}"}),
    element(44, "link", {"rel": "stylesheet", "href": f"{EVIL}.css"}),
    element(45, "link", {"_cssText": f"@import '{EVIL}.css'; h1 {{ background: url({EVIL}.png); color: rgb(1, 2, 3) }}"}),
    element(46, "style", {}, text(47, f"@font-face {{ font-family: f; src: url({EVIL}.woff) }} h1 {{ font-family: f }}"
            f" p {{ --x: \\75rl({EVIL}); background: var(--x); list-style: \\75rl({EVIL}) }}", isStyle=True)),
)  # fmt: skip
HOSTILE_BODY = (
    element(50, "img", {"src": f"{EVIL}.png", "onerror": "top.document.title='ran'", "srcset": f"{EVIL}.png 2x"}),
    element(51, "iframe", {"src": EVIL, "srcdoc": "<script>top.document.title='ran'</script>"}),
    element(52, "object", {"data": EVIL}, element(53, "embed", {"src": EVIL})),
    element(54, "a", {"href": "javascript:top.document.title='ran'", "ping": EVIL}, text(55, "here")),
    element(56, "form", {"action": EVIL}, element(57, "button", {"formaction": EVIL, "autofocus": True})),
    element(58, "svg", {"onload": "top.document.title='ran'"},
            element(59, "image", {"href": f"{EVIL}.svg"}, isSVG=True), element(60, "use", {"xlink:href": f"{EVIL}.svg#a"}, isSVG=True),
            element(61, "script", {}, text(62, "top.document.title='ran'"), isSVG=True),
            element(63, "set", {"attributeName": "href", "to": EVIL}, isSVG=True),
            element(64, "rect", {"fill": f"url({EVIL}.svg#a)", "style": f"mask: url({EVIL}.svg#m)"}, isSVG=True), isSVG=True),
    element(65, "video", {"src": f"{EVIL}.mp4", "poster": f"{EVIL}.png"}, element(66, "source", {"src": f"{EVIL}.mp4"})),
    element(67, "p", {"style": f"background: url('{EVIL}.png'); color: rgb(4, 5, 6)"}, text(68, "words")),
    element(69, "a<b", {'x"y': "1", "on<": "2"}), element(70, "input", {"type": "image", "src": f"{EVIL}.png"}),
    element(71, "body", {"background": f"{EVIL}.png", "onload": "top.document.title='ran'"}), {"type": 2}, {"type": "x"}, None, 7,
    element(72, "h1", {}, text(73, "<script>document.title='ran'</script>")),
)  # fmt: skip


def test_what_strangers_record_runs_nowhere_breaks_no_policy_and_asks_for_nothing(bare, console, monitor):
    """The tab's own watch finds at its end whatever left the origin, failed, or broke the policy."""
    begin = begun()
    records = whole(begin, *HOSTILE_BODY, head=HOSTILE_HEAD)
    records += [
        mutation(begin + 100, adds=[{"parentId": 5, "nextId": 999, "node": each} for each in HOSTILE_BODY if each]),
        mutation(begin + 200, attributes=[{"id": 50, "attributes": {"src": f"{EVIL}2.png", "onload": "1", "style": {"background": f"url({EVIL})"}}}]),
        change(begin + 300, 8, id=45, adds=[{"rule": f"h1 {{ background: url({EVIL}.png) }}", "index": 0}, {"rule": "}{", "index": [9, 9]}]),
        change(begin + 400, 13, id=45, index=[0], set={"property": "background", "value": f"url({EVIL}.png)"}),
        change(begin + 500, 15, id=1, styles=[{"styleId": 5, "rules": [{"rule": f"p {{ background: url({EVIL}) }}"}]}], styleIds=[5, "x"]),
        change(begin + 600, 3, id="x", x="y"), change(begin + 700, 5, id=50, text={}), {"type": 3, "timestamp": begin + 800},
        mutation(begin + 900, texts="x", attributes=[7], removes=[None, {"id": 1}], adds=[{"parentId": 1, "node": element(1, "html")}]),
        {"type": 2, "timestamp": begin + 950, "data": {"node": {"type": 0, "id": 1}}},
        *whole(begin + 1_000, element(6, "h1", {}, text(7, "still here"))),
    ]  # fmt: skip
    events = [told(begin, "page_view_event", {"pageId": "/"}), played(begin + 1_000, records)]
    session = record(bare, monitor, events)
    watch(console, f"{monitor[0]}/sessions/{session}?range=3h")
    assert inside(console, "[getComputedStyle(page.querySelector('p')).color, page.querySelectorAll('script, iframe, object, base').length]") == ["rgb(4, 5, 6)", 0]  # fmt: skip
    for step in range(1, 11):
        seek(console, begin + step * 100)
        styled = "[...page.querySelectorAll('*')].map(each => getComputedStyle(each).backgroundImage).filter(each => each.includes('evil'))"
        assert inside(console, styled) == []
        assert inside(console, "[...page.querySelectorAll('*')].flatMap(each => [...each.attributes]).filter(({name, value}) => /^on/i.test(name) || /evil/.test(value)).length") == 0  # fmt: skip
    assert inside(console, "page.querySelector('h1').textContent") == "still here"
    assert console.page.title() != "ran"


def test_axe_finds_nothing_serious_in_a_replay(bare, console, monitor):
    console.page.emulate_media(reduced_motion="reduce")
    session = record(bare, monitor, a_session(begun()))
    watch(console, f"{monitor[0]}/sessions/{session}?range=3h")
    assert serious_in_either_theme(console.page) == []


def test_a_visit_to_the_live_shop_is_watched_without_its_words(demo, chromium):
    begin = int(time.time() * 1000)
    with tab(chromium, demo.url) as visitor:
        for path in ("/demo/", "/demo/categories/vases", "/demo/"):
            visitor.page.goto(demo.url + path)
            visitor.page.wait_for_load_state("networkidle")
        visitor.page.goto("about:blank")
    session = recorded_since(demo, begin)
    with tab(chromium, demo.url) as console:
        watch(console, f"demo/sessions/{session}?range=1h")
        assert set(inside(console, "page.querySelector('main').innerText")) <= {"*", " ", "\n", "\t", "\xa0"}
        assert inside(console, "page.querySelectorAll('main img').length") > 3
        assert inside(console, "getComputedStyle(page.querySelector('main img')).borderRadius") != "0px", (
            "it has its style"
        )


def recorded_since(server, begin):
    """The session of the first recording that came since."""
    sql = f"SELECT session FROM events WHERE type LIKE '%rrweb%' AND epoch_ms(received) >= {begin} ORDER BY received"
    deadline = time.monotonic() + 30
    while not (rows := server.api("POST", "/api/v1/sql", {"sql": sql})["rows"]):
        assert time.monotonic() < deadline, "no recording came"
        server.wait_until_drained()
    return rows[0][0]


def test_a_replay_fits_a_phone(bare, chromium, monitor):
    begin = begun()
    session = record(bare, monitor, a_session(begin))
    with tab(chromium, bare.url, viewport=PHONE, has_touch=True, is_mobile=True) as console:
        watch(console, f"{monitor[0]}/sessions/{session}?range=3h")
        console.fits()
