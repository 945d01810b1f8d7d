"""Places of a path that hold ever more values are learned, kept, and given to what is there and what comes."""

import json
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from openrum.app import Control
from openrum.bridges import MonitorRules
from openrum.control.owner_rules import OwnerRules
from openrum.control.shapes import CreateAppMonitorRequest, read_request
from openrum.enrich.rules import Rulebook, Wishes
from openrum.learning import Learner
from openrum.settings import Settings
from tests.drained import BOOK, MONITOR, NOW_MS, OTHER, RETENTION_MS, TODAY, Drained, event_id, request

WORDS = [
    "".join(letters)
    for letters in zip("bdfgklmnprst" * 5, "aeiou" * 12, "lmnrstvzxk" * 6, "aoeui" * 12, strict=True)
]  # fmt: skip
MENU = ["/", "/about", "/contact", "/pricing", "/docs", "/login", "/cart", "/search"]
HTTP = "com.amazon.rum.http_event"


@dataclass
class Known:
    """The rules of all monitors, as the control room would know them."""

    owner_rules: dict[str, OwnerRules] = field(default_factory=dict)
    loads: int = 0

    def load(self):
        self.loads += 1

    def keep(self, monitor, pages, urls):
        self.owner_rules[monitor] = OwnerRules(learned_pages=pages, learned_urls=urls)


class Site:
    """A monitor's rows, and a learner beside them."""

    def __init__(self, rooms):
        self.rooms = rooms
        self.known = Known()
        self.drain = rooms.drain()
        self.numbers = iter(range(1, 100_000))

    def visit(self, pages, *, days_ago=0, monitor=MONITOR, hits=1):
        events = []
        for page in pages:
            for _ in range(hits):
                view = {"metadata": json.dumps({"pageId": page}), "type": "com.amazon.rum.page_view_event"}
                call = {"type": HTTP, "details": json.dumps({"request": {"url": f"https://api.example/api{page}"}})}
                events += [{"id": event_id(next(self.numbers)), **each} for each in (view, call)]
        for start in range(0, len(events), 900):
            self.rooms.write_day(days_ago, *events[start : start + 900], monitor=monitor)
        for _ in self.drain.drain_waiting():
            pass

    def learn(self, now_ms=NOW_MS + 3_600_000):
        Learner(self.rooms.store, self.drain, self.known.keep, self.known, lambda: now_ms).learn()
        named = {
            monitor: Wishes(custom_events=True, learned_pages=rules.learned_pages, learned_urls=rules.learned_urls)
            for monitor, rules in self.known.owner_rules.items()
        }
        self.rooms.book = Rulebook(RETENTION_MS, BOOK.others, named)

    def groups(self, monitor=MONITOR, column="page_group"):
        sql = f'SELECT "{column}", count(*) FROM event_rows WHERE monitor = \'{monitor}\' AND "{column}" IS NOT NULL GROUP BY 1'
        return dict(self.rooms.ask(sql))


@pytest.fixture
def site(tmp_path):
    with closing(Drained(tmp_path)) as rooms:
        yield Site(rooms)


def test_the_words_are_sixty_and_different():
    assert len(set(WORDS)) == 60


def test_sixty_words_below_one_place_are_one_group_of_old_rows_of_new_ones_and_after_a_rebuild(site):
    site.visit([f"/mugs/{word}" for word in WORDS[:30]], days_ago=2)
    site.visit([f"/mugs/{word}" for word in WORDS] + MENU, days_ago=0)
    assert len(site.groups()) == 60 + len(MENU), "by their form they are words like any other"
    site.learn()
    assert site.known.owner_rules[MONITOR].learned_pages == ("/mugs/:slug",)
    assert site.known.owner_rules[MONITOR].learned_urls == ("/api/mugs/:slug",)
    assert site.known.loads == 1
    expected = {"/mugs/:slug": 90, **dict.fromkeys(MENU, 1)}
    assert site.groups() == expected
    assert site.groups(column="url")["/api/mugs/:slug"] == 90

    site.visit(["/mugs/never-seen", "/mugs"])
    assert site.groups() == {**expected, "/mugs/:slug": 91, "/mugs": 1}
    site.rooms.rebuild()
    assert site.groups() == {**expected, "/mugs/:slug": 91, "/mugs": 1}
    assert site.groups(column="url")["/api/mugs/:slug"] == 91
    assert site.rooms.findings() == []


def test_rows_of_days_past_get_their_groups_too_though_nobody_was_there_lately(site):
    site.visit([f"/mugs/old{word}" for word in WORDS[:20]], days_ago=5)
    site.visit([f"/mugs/{word}" for word in WORDS])
    site.learn()
    assert site.groups() == {"/mugs/:slug": 80}


def test_what_is_learned_once_is_not_learned_again(site):
    site.visit([f"/mugs/{word}" for word in WORDS])
    site.learn()
    site.visit([f"/mugs/new{word}" for word in WORDS])
    site.learn()
    assert site.known.loads == 1
    assert site.groups() == {"/mugs/:slug": 120}


def test_more_is_learned_beside_what_is_known(site):
    site.visit([f"/mugs/{word}" for word in WORDS])
    site.learn()
    site.visit([f"/bowls/{word}" for word in WORDS])
    site.learn()
    assert sorted(site.known.owner_rules[MONITOR].learned_pages) == ["/bowls/:slug", "/mugs/:slug"]
    assert site.groups() == {"/mugs/:slug": 60, "/bowls/:slug": 60}


def test_nothing_is_learned_of_a_site_with_a_menu(site):
    site.visit(MENU, hits=50)
    site.visit([f"/docs/{word}" for word in WORDS[:20]], hits=3)
    before = site.groups()
    site.learn()
    assert site.known.owner_rules == {}
    assert site.groups() == before


def test_each_monitor_learns_for_itself(site):
    site.visit([f"/mugs/{word}" for word in WORDS])
    site.visit([f"/mugs/{word}" for word in WORDS[:10]], monitor=OTHER)
    site.learn()
    assert set(site.known.owner_rules) == {MONITOR}
    assert len(site.groups(OTHER)) == 10


def test_the_last_day_alone_is_learned_from(site):
    site.visit([f"/mugs/{word}" for word in WORDS], days_ago=3)
    site.learn()
    assert site.known.owner_rules == {}


def test_the_owners_own_rule_comes_first(site):
    site.known.owner_rules[MONITOR] = OwnerRules(pages=("/mugs/*",))
    site.visit([f"/mugs/{word}" for word in WORDS])
    site.learn()
    assert site.groups() == {"/mugs/*": 60}


def test_who_knows_as_much_as_may_be_known_is_left_alone(site):
    full = tuple(f"/place{number}/:slug" for number in range(500))
    site.known.owner_rules[MONITOR] = OwnerRules(learned_pages=full, learned_urls=full)
    site.visit([f"/mugs/{word}" for word in WORDS])
    site.learn()
    assert site.known.loads == 0


def test_the_newest_day_is_changed_with_the_drain_stopped(site):
    site.visit([f"/mugs/{word}" for word in WORDS], days_ago=1)
    site.visit([f"/mugs/{word}" for word in WORDS])
    seen = []
    real = site.rooms.store.regroup

    def regroup(day, *arguments):
        seen.append((day, site.drain._under_way.locked()))
        real(day, *arguments)

    site.rooms.store.regroup = regroup
    site.learn()
    assert set(seen) == {(TODAY - 1, False), (TODAY, True)}


def test_what_was_learned_is_kept_in_the_control_room_and_the_drain_goes_by_it(tmp_path, site):
    control = Control(Settings(data_dir=tmp_path / "control"))
    with closing(control.database):
        members = read_request({"Name": "shop", "Domain": "shop.example"}, CreateAppMonitorRequest)
        monitor = control.create_monitor(members, public=False)
        control.snapshot.load()
        site.rooms.book = MonitorRules(control.snapshot, RETENTION_MS, lambda: NOW_MS)()
        site.visit([f"/mugs/{word}" for word in WORDS], monitor=monitor)
        keep, known = control.owner_rules.learn, control.snapshot
        Learner(site.rooms.store, site.drain, keep, known, lambda: NOW_MS).learn()
        assert control.owner_rules.get("shop").learned_pages == ("/mugs/:slug",)
        site.rooms.book = MonitorRules(control.snapshot, RETENTION_MS, lambda: NOW_MS)()
        site.visit(["/mugs/never-seen"], monitor=monitor)
        assert site.groups(monitor) == {"/mugs/:slug": 61}


def test_a_request_that_says_no_page_is_no_place(site):
    site.rooms.write(request(1))
    site.rooms.drain_all()
    site.learn()
    assert site.known.owner_rules == {}
