"""The population is what real clients would have sent: valid by the API model, of every shape, the same for a seed."""

import json
from collections import Counter
from datetime import UTC, datetime
from itertools import groupby

import botocore.session
import pytest
from botocore.validate import ParamValidator

from openrum.demo.population import batches
from openrum.demo.world import CLIENTS
from openrum.limits import DEFAULTS
from openrum.outcomes import Outcome
from openrum.receive.structure import outline_of
from tests.drained import MONITOR

END_MS = 1_795_348_800_000
START_MS = END_MS - 14 * 86_400_000
# What the reference lists, but for what 3.x no longer sends and what has no place in a shop.
TYPES = {
    "com.amazon.rum." + name
    for name in (
        "session_start_event", "page_view_event", "performance_navigation_event", "performance_resource_event",
        "largest_contentful_paint_event", "first_input_delay_event", "interaction_to_next_paint_event",
        "cumulative_layout_shift_event", "first_contentful_paint_event", "time_to_first_byte_event", "js_error_event",
        "http_event", "dom_event", "xray_trace_event", "rrweb_event",
    )
} | {"shop.checkout"}  # fmt: skip


@pytest.fixture(scope="module")
def visits():
    return list(batches(5, START_MS, END_MS, 300))


def test_every_batch_is_valid_by_the_model_that_every_sdk_is_made_from(visits):
    shape = botocore.session.get_session().get_service_model("rum").operation_model("PutRumEvents").input_shape
    validator = ParamValidator()
    for visit in visits:
        events = [
            {**event, "timestamp": datetime.fromtimestamp(event["timestamp"], UTC)} for event in visit.body["RumEvents"]
        ]
        details = {"id": MONITOR, **visit.body["AppMonitorDetails"]}
        body = {key: value for key, value in visit.body.items() if key != "SessionMetadata"}
        report = validator.validate({**body, "Id": MONITOR, "AppMonitorDetails": details, "RumEvents": events}, shape)
        assert not report.has_errors(), report.generate_report()


def test_the_door_takes_every_batch_and_the_drain_stores_every_event(visits):
    from openrum.enrich.pipeline import enrich
    from openrum.enrich.row import to_row
    from openrum.enrich.rules import Rules
    from openrum.events import Flag, Position, Received

    rules = Rules(limits=DEFAULTS, retention_ms=90 * 86_400_000, custom_events=True)
    for visit in visits:
        body = json.dumps(visit.body).encode()
        count = outline_of(body, DEFAULTS).events
        assert count <= 100, "the client's batchLimit"
        received = Received(MONITOR, visit.sent_ms, count, visit.country, None, visit.user_agent, body)
        for event in enrich(received, Position(1, 1, 0), rules):
            row = to_row(event, rules)
            assert (row.outcome, row.flags & ~Flag.ATTRIBUTES_REMOVED) == (Outcome.STORED, 0)


def test_every_type_of_event_is_there(visits):
    assert {event["type"] for visit in visits for event in visit.body["RumEvents"]} == TYPES


def test_ids_are_unique_and_events_stand_in_their_order(visits):
    ids = Counter(event["id"] for visit in visits for event in visit.body["RumEvents"])
    assert max(ids.values()) == 1
    for visit in visits:
        times = [event["timestamp"] for event in visit.body["RumEvents"]]
        assert times == sorted(times)


def test_a_session_starts_on_the_page_it_looks_at_first(visits):
    pages = {}
    for visit in visits:
        for event in visit.body["RumEvents"]:
            if event["type"] in ("com.amazon.rum.session_start_event", "com.amazon.rum.page_view_event"):
                page = json.loads(event["metadata"])["pageId"]
                pages.setdefault(visit.body["UserDetails"]["sessionId"], []).append(page)
    assert len(pages) > 200
    assert all(start == first for start, first, *_ in pages.values())


def test_old_clients_repeat_in_every_event_what_new_ones_say_once(visits):
    shapes = Counter()
    for visit in visits:
        metadata = json.loads(visit.body["RumEvents"][0]["metadata"])
        session = json.loads(visit.body.get("SessionMetadata", "{}"))
        assert ("aws:clientVersion" in metadata) != ("aws:clientVersion" in session)
        shapes[session.get("aws:clientVersion") or metadata["aws:clientVersion"]] += 1
    assert set(shapes) == {client for _, client in CLIENTS}


def test_the_same_seed_makes_the_same_visits_and_another_makes_others(visits):
    assert list(batches(5, START_MS, END_MS, 300)) == visits
    assert next(batches(6, START_MS, END_MS, 300)) != visits[0]


def test_the_newest_sessions_may_come_first_and_are_the_same(visits):
    def by_session(found):
        return {key: [*each] for key, each in groupby(found, key=lambda visit: visit.body["UserDetails"]["sessionId"])}

    told, other_way = by_session(visits), by_session(batches(5, START_MS, END_MS, 300, newest_first=True))
    assert [*other_way] == [*reversed(told)]
    assert other_way == told


def test_visits_keep_the_hours_of_people_and_the_range_asked_for(visits):
    begun = [visit.body["RumEvents"][0]["timestamp"] * 1000 for visit in visits]
    assert min(begun) >= START_MS
    hours = Counter(moment // 3_600_000 % 24 for moment in begun)
    assert sum(hours[hour] for hour in range(17, 22)) > 3 * sum(hours[hour] for hour in range(5))
