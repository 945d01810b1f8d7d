"""Recorded sessions of the demo are what rrweb would have recorded, masked, complete and small, and lead where they point."""

import json
import re
from random import Random

import pytest

from openrum.demo.catalogue import CATEGORIES, PRODUCTS
from openrum.demo.population import batches
from openrum.demo.recorded_pages import FIELDS, kind_of, recorded_page, ware_names
from openrum.demo.recording import RECORDS_MAX, Look, chunks
from openrum.demo.screens import NAVIGATION, SCREENS
from openrum.limits import DEFAULTS, KIB

END_MS = 1_795_348_800_000
START_MS = END_MS - 14 * 86_400_000
REPLAY, ERROR, VIEW = (f"com.amazon.rum.{name}_event" for name in ("rrweb", "js_error", "page_view"))
MOVES = (1, 6)
PATHS = ("/", *(f"/categories/{each.slug}" for each in CATEGORIES), *(f"/products/{each.slug}" for each in PRODUCTS),
         "/cart", "/checkout", "/thanks")  # fmt: skip
SHOW = """document_ => {
  const made = node => {
    if (node.type === 3) return document.createTextNode(node.textContent);
    const { _cssText, ...attributes } = node.attributes;
    const element = _cssText ? document.createElement('style')
      : node.isSVG ? document.createElementNS('http://www.w3.org/2000/svg', node.tagName) : document.createElement(node.tagName);
    if (_cssText) element.textContent = _cssText;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.dataset.node = node.id;
    element.append(...node.childNodes.map(made));
    return element;
  };
  document.documentElement.replaceWith(made(document_.childNodes[1]));
}"""
HIT = """([x, y, id]) => {
  scrollTo(0, y - 300);
  return document.elementFromPoint(x, y - scrollY)?.closest(`[data-node="${id}"]`) !== null;
}"""


@pytest.fixture(scope="module")
def sessions():
    """The events of each session, in their order, by its id."""
    found = {}
    for visit in batches(5, START_MS, END_MS, 300):
        found.setdefault(visit.body["UserDetails"]["sessionId"], []).extend(visit.body["RumEvents"])
    return found


@pytest.fixture(scope="module")
def recordings(sessions):
    """For each recorded session, its events and its chunks."""
    found = []
    for events in sessions.values():
        said = [json.loads(event["details"]) for event in events if event["type"] == REPLAY]
        if said:
            found.append((events, said))
    return found


def pages(said):
    """The records of each page of a session."""
    found = []
    for record in (record for chunk in said for record in chunk["events"]):
        if record["type"] == 4:
            found.append([])
        found[-1].append(record)
    return found


def nodes(node):
    yield node
    for child in node.get("childNodes", ()):
        yield from nodes(child)


def added(record):
    return [each["node"] for each in record["data"].get("adds", ())]


def named(record):
    """The ids that a record counts on."""
    data = record["data"]
    parts = [*data.get("positions", ()), *data.get("attributes", ())]
    return {data[key] for key in ("id",) if key in data} | {part["id"] for part in parts}


def look(page="/", next_page=None, seconds=30.0, **more):
    rest = {"ware": "moon-vase", "start_ms": START_MS, "error_ms": None, "wait_ms": 0} | more
    return Look(page=page, next_page=next_page, end_ms=START_MS + round(seconds * 1000), **rest)


def told(rng, seen, device="desktop"):
    return [record for chunk in chunks(rng, seen, device) for record in chunk.details["events"]]


def test_some_sessions_of_new_clients_are_recorded_and_all_in_which_something_broke(sessions, recordings):
    assert 15 <= len(recordings) <= 60
    for events in sessions.values():
        types = {event["type"] for event in events}
        old = "aws:clientVersion" in json.loads(events[0]["metadata"])
        assert not (old and REPLAY in types)
        assert old or ERROR not in types or REPLAY in types


def test_every_page_is_recorded_from_its_first_moment(recordings):
    for events, said in recordings:
        views = [json.loads(event["metadata"])["pageId"] for event in events if event["type"] == VIEW]
        recorded = pages(said)
        assert [records[0]["data"]["href"] for records in recorded] == [f"https://shop.example{page}" for page in views]
        for records in recorded:
            assert [record["type"] for record in records[:2]] == [4, 2]
            assert {record["type"] for record in records[2:]} <= {3}


def test_times_are_in_order_inside_the_page_and_before_their_flush(recordings):
    for events, _ in recordings:
        views = [event["timestamp"] * 1000 for event in events if event["type"] == VIEW]
        last_ms, number = 0, -1
        for event in events:
            number += event["type"] == VIEW
            if event["type"] != REPLAY:
                continue
            flushed_ms = event["timestamp"] * 1000
            for record in json.loads(event["details"])["events"]:
                moments = [each["timeOffset"] for each in record["data"].get("positions", ())]
                assert moments == sorted(moments)
                assert record["timestamp"] + min(moments, default=0) >= views[number]
                assert last_ms <= record["timestamp"] < flushed_ms + 1_000
                last_ms = record["timestamp"]
            if number + 1 < len(views):
                assert last_ms < views[number + 1] + 1_000


def test_every_node_that_is_named_is_there(recordings):
    for _, said in recordings:
        for records in pages(said):
            ids = [node["id"] for node in nodes(records[1]["data"]["node"])]
            assert ids == list(range(1, len(ids) + 1)), "in the document's order, as rrweb numbers"
            there = set(ids)
            for record in records[2:]:
                for each in record["data"].get("adds", ()):
                    assert each["parentId"] in there
                    assert each["node"]["id"] not in there
                    there.add(each["node"]["id"])
                assert named(record) <= there


def test_chunks_are_those_of_the_client_and_far_below_every_bound(recordings):
    for events, said in recordings:
        for chunk in said:
            assert list(chunk) == ["version", "events", "eventCount"]
            assert 1 <= len(chunk["events"]) == chunk["eventCount"] <= RECORDS_MAX
            assert chunk["events"][-1]["timestamp"] - chunk["events"][0]["timestamp"] <= 5_000
        sizes = [len(event["details"].encode()) for event in events if event["type"] == REPLAY]
        assert max(sizes) < 64 * KIB < DEFAULTS.replay_part_bytes


def test_no_word_is_in_a_recording(recordings):
    for _, said in recordings:
        for record in (record for records in pages(said) for record in records[1:]):
            there = [*(nodes(record["data"]["node"]) if record["type"] == 2 else ()), *added(record)]
            for text in [node["textContent"] for node in there if node["type"] == 3]:
                assert re.fullmatch(r"[*\s]+", text)
            assert set(record["data"].get("text", "")) <= {"*"}


def test_nothing_is_loaded_by_a_player(recordings):
    for _, said in recordings:
        for records in pages(said):
            for node in nodes(records[1]["data"]["node"]):
                attributes = node.get("attributes", {})
                assert "src" not in attributes
                assert "href" not in attributes or node["tagName"] == "a"
                assert "url(" not in attributes.get("_cssText", "")
                assert "@import" not in attributes.get("_cssText", "")


@pytest.mark.parametrize("device", SCREENS)
def test_the_same_seed_makes_the_same_recording_and_another_makes_another(device):
    seen = look("/checkout", "/thanks")
    assert chunks(Random(1), seen, device) == chunks(Random(1), seen, device) != chunks(Random(2), seen, device)


@pytest.mark.parametrize("seconds", [2.1, 3, 6, 20, 200])
@pytest.mark.parametrize("path", PATHS)
def test_however_long_a_page_is_looked_at_it_is_recorded_to_its_end_alone(path, seconds):
    for device in SCREENS:
        seen = look(path, "/cart", seconds, error_ms=START_MS + 2_000, wait_ms=900)
        times = [record["timestamp"] for record in told(Random(3), seen, device)]
        assert times == sorted(times)
        assert START_MS <= times[0] <= times[-1] < seen.end_ms
        flushes = [chunk.at_ms for chunk in chunks(Random(3), seen, device)]
        assert flushes == sorted(flushes)
        assert flushes[-1] <= seen.end_ms


def test_hands_move_a_mouse_or_touch():
    sources = {
        device: {record["data"].get("source") for record in told(Random(4), look(), device)} for device in SCREENS
    }
    assert 1 in sources["desktop"]
    assert 6 not in sources["desktop"]
    assert 6 in sources["mobile"]
    assert 1 not in sources["mobile"]


def test_an_error_is_seen_and_out_of_impatience_the_button_is_pressed_again():
    at_ms = START_MS + 2_000
    records = told(Random(6), look("/checkout", error_ms=at_ms))
    notes = [(record["timestamp"], added(record)[0]) for record in records if added(record)]
    assert [node["attributes"]["class"] for _, node in notes] == ["note error"]
    assert 0 <= notes[0][0] - at_ms < 2_000
    button = recorded_page("/checkout", "moon-vase").ids["order"]
    clicks = [each for each in records if each["data"].get("source") == 2 and each["data"]["type"] == 2]
    assert sum(each["data"]["id"] == button for each in clicks) >= 4


def test_what_is_bought_and_typed_is_seen_and_the_way_on_is_clicked():
    bought = told(Random(7), look("/products/oat-bowl"))
    assert [added(each)[0]["attributes"]["class"] for each in bought if added(each)] == ["note"]
    assert [each["data"]["attributes"] for each in bought if each["data"].get("attributes")]
    typed = told(Random(7), look("/checkout", "/thanks", 60))
    ids = recorded_page("/checkout", "moon-vase").ids
    assert {each["data"]["id"] for each in typed if each["data"].get("source") == 5} == {ids[name] for name in FIELDS}
    assert typed[-1]["data"]["id"] == ids["order"]
    assert typed[-1]["data"]["type"] == 2


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("device", SCREENS)
def test_what_visitors_point_at_is_where_they_point(chromium, device):
    screen = SCREENS[device]
    page = chromium.new_page(viewport={"width": screen.width, "height": screen.height})
    for path in ("/", "/categories/mugs", "/products/moon-vase", "/cart", "/checkout"):
        page.goto("data:text/html,<!doctype html><title>-</title>")
        recorded = recorded_page(path, "moon-vase")
        page.evaluate(SHOW, recorded.document)
        spots = {"products": ["buy"], "cart": ["checkout"], "checkout": [*FIELDS, "order"]}.get(kind_of(path), [])
        for name in (*NAVIGATION, *ware_names(path), *spots):
            assert page.evaluate(HIT, [*screen.place(path, name), recorded.ids[name]]), (path, name)
        height = page.evaluate("document.documentElement.scrollHeight")
        assert abs(height - screen.height - screen.scrolls(path)) <= 24
    page.close()
