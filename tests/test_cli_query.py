"""`openrum query` and `openrum sql` as a person uses them, with a server beside them and with none."""

import csv
import http.client
import io
import json
import os
import pty
import re
import subprocess
import sys
import time
import uuid
from contextlib import closing
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from openrum.cli_query import drawn, read_compare, read_filter, read_order
from openrum.query.question import BadQuestion
from tests.crash.load import public_monitor
from tests.server import Server

HOSTILE = "\x1b]0;owned\x07=cmd\u202e\n"

# ── Options ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "dimension", "op", "values"),
    [
        ("country=DE", "country", "is", ["DE"]),
        ("country=DE,AT", "country", "is", ["DE", "AT"]),
        ("browser!=Chrome,Edge", "browser", "is_not", ["Chrome", "Edge"]),
        ("page~/cart/*", "page", "matches", ["/cart/*"]),
        ("http_status>499", "http_status", "gt", ["499"]),
        ("http_status<400", "http_status", "lt", ["400"]),
        ("attribute:a:b=x=y", "attribute:a:b", "is", ["x=y"]),
        ("page=/a\\,b,/c", "page", "is", ["/a,b", "/c"]),
        ("page=~!<>", "page", "is", ["~!<>"]),
        ("page=a\nb", "page", "is", ["a\nb"]),
        ("release=", "release", "is_null", []),
        ("release!=", "release", "is_not_null", []),
    ],
)
def test_a_filter_is_read_as_it_is_written(text, dimension, op, values):
    assert read_filter(text) == {"dimension": dimension, "op": op, "values": values}


@pytest.mark.parametrize("text", ["country", "=DE", "", "page~", "page>", "!=x"])
def test_what_is_no_filter_is_told_how_one_looks(text):
    with pytest.raises(BadQuestion, match="country=DE,AT"):
        read_filter(text)


def test_measures_descend_and_labels_ascend_unless_said():
    assert read_order("lcp_p75") == {"by": "lcp_p75", "desc": True}
    assert read_order("page") == {"by": "page", "desc": False}
    assert read_order("lcp_p75:asc") == {"by": "lcp_p75", "desc": False}
    assert read_order("attribute:plan:desc") == {"by": "attribute:plan", "desc": True}
    assert read_order("attribute:plan") == {"by": "attribute:plan", "desc": False}


def test_a_comparison_is_a_word_a_release_or_a_range():
    assert read_compare(None) is None
    assert read_compare("previous") == "previous"
    assert read_compare("release=1.0") == {"release": "1.0"}
    assert read_compare("-14d..-7d") == {"from": "-14d", "to": "-7d"}


# ── Charts ────────────────────────────────────────────────────────────────────────────────────────────────────────

UTC = ZoneInfo("UTC")


def told(columns, *rows):
    return {"columns": columns, "rows": [list(row) for row in rows], "hints": [], "totals": None, "truncated": False}


def test_categories_are_bars_and_each_measure_has_its_own():
    answer = told(["country", "page_views", "lcp_p75"], ["DE", 100, 2_000.5], ["AT", 50, None], [None, 1, 500.0])
    lines = drawn(answer, UTC, 40)
    assert [line.split("█")[0].rstrip() for line in lines] == [
        "page_views (events)", "DE     100", "AT      50", "(none)   1 ▎", "", "lcp_p75 (ms)", "DE     2,000", "AT", "(none) 500.0",
    ]  # fmt: skip


def test_one_time_is_a_line_and_times_of_groups_are_sparklines():
    hours = [3_600_000 * hour for hour in range(5)]
    lines = drawn(told(["time", "events"], *([hour, 10] for hour in hours)), ZoneInfo("Europe/Berlin"), 60)
    assert (lines[0], len(lines)) == ("events (events)", 12)
    assert lines[-1].startswith("1970-01-01T01:00:00+01:00")
    assert lines[-1].endswith("1970-01-01T05:00:00+01:00")
    rows = [[hour, name, 10 * (name == "b")] for hour in hours for name in ("a", "b")]
    assert drawn(told(["time", "page", "events"], *rows), UTC, 40)[1:] == ["a ▁▁▁▁▁" + " " * 32 + "0", "b █████" + " " * 31 + "10"]  # fmt: skip


def test_a_chart_of_nothing_says_so():
    assert drawn(told(["page", "events"]), UTC, 40) == ["events (events)", "nothing is there"]


def test_a_chart_fits_and_no_label_steers_the_terminal():
    answer = told(["page", "events", "events_previous"], [HOSTILE * 20, 3, 4], ["/a", 1, None])
    for width in (20, 33, 80):
        for line in drawn(answer, UTC, width):
            assert cell_len(line) <= width
            assert line.isprintable()


# ── On a data directory ───────────────────────────────────────────────────────────────────────────────────────────


def send(server, monitor, *events):
    body = {
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"id": monitor},
        "UserDetails": {"userId": str(uuid.uuid4()), "sessionId": str(uuid.uuid4())},
        "RumEvents": [
            {
                "id": str(uuid.uuid4()),
                "timestamp": int(time.time()) - ago_s,
                "type": f"com.amazon.rum.{kind}",
                "metadata": json.dumps({"version": "1.0.0", "domain": "localhost", "pageId": page}),
                "details": json.dumps({"version": "1.0.0", **details}),
            }
            for kind, page, ago_s, details in events
        ],
    }
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        headers = {"content-type": "application/json"}
        connection.request("POST", f"/appmonitors/{monitor}", json.dumps(body), headers)
        assert connection.getresponse().status == 200


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A stopped directory with page views of three pages and a Largest Contentful Paint of each."""
    with Server(tmp_path_factory.mktemp("query") / "data") as server:
        server.monitor = public_monitor(server, "shop")
        for page, views in (("/", 4), ("/cart", 2), (HOSTILE, 1)):
            for _ in range(views):
                lcp = ("largest_contentful_paint_event", page, 60, {"value": 100.5})
                send(server, server.monitor, ("page_view_event", page, 60, {"pageId": page}), lcp)
        server.wait_until_drained()
    return server


@pytest.fixture(params=["running", "stopped"])
def either_way(request, shop):
    """The same directory, with a server on it and without."""
    if request.param == "stopped":
        yield shop
        return
    with shop:
        yield shop


PAGES = ("query", "shop", "--measures", "page_views,lcp_p75", "--by", "page")


@pytest.mark.slow
def test_a_question_is_answered_as_table_json_csv_and_chart(either_way):
    answer = json.loads(either_way.command(*PAGES, "--json").stdout)
    assert answer["columns"] == ["page", "page_views", "lcp_p75"]
    assert answer["rows"] == [["/", 4, 100.5], ["/cart", 2, 100.5], [HOSTILE, 1, 100.5]]
    assert {"sql", "from", "to", "samples", "hints", "truncated"} <= set(answer)
    table = either_way.command(*PAGES, "--totals").stdout.splitlines()
    assert [line.split() for line in table[:3]] == [
        ["page", "page_views", "lcp_p75"], ["/", "4", "100.5", "?"], ["/cart", "2", "100.5", "?"],
    ]  # fmt: skip
    assert table[4].split()[:2] == ["all", "7"]
    assert "? stands on few samples: a percentile needs 40 or more" in table
    told = either_way.command(*PAGES, "--csv").stdout
    rows = list(csv.reader(io.StringIO(told)))
    assert rows[:2] == [["page", "page_views", "lcp_p75"], ["/", "4", "100.5"]]
    chart = either_way.command(*PAGES, "--chart").stdout
    assert chart.startswith("page_views (events)\n/ ")
    assert "█" in chart
    assert max(map(cell_len, chart.splitlines())) <= 80
    over_time = either_way.command("query", "shop", "-m", "page_views", "-b", "time:1h", "--chart").stdout
    assert re.search(r"^ *0 │", over_time, re.MULTILINE), over_time
    for shown in ("\n".join(table), chart):
        assert "\x1b" not in shown
        assert "\\x1b]0;owned\\x07=cmd\\u202e\\n" in shown
    sql = either_way.command(*PAGES, "--sql").stdout
    assert sql.startswith("SELECT")
    assert sql.count("\n") > 3


@pytest.mark.slow
def test_filters_order_limit_comparison_and_time_are_passed_on(either_way):
    def rows(*more):
        return json.loads(either_way.command("query", "shop", "-m", "page_views", *more, "--json").stdout)["rows"]

    assert rows("--where", "page=/,/cart") == [[6]]
    assert rows("--where", "page!=/", "-w", "page~/*") == [[2]]
    assert rows("--where", "release!=") == [[0]]
    assert rows("--by", "page", "--order", "page_views:asc", "--limit", "1") == [[HOSTILE, 1]]
    assert rows("--by", "page", "--order", "page:desc", "--limit", "1") == [["/cart", 2]]
    assert rows("--compare", "previous") == [[7, 0]]
    assert rows("--compare", "-3h..-2h", "--from", "-1h") == [[7, 0]]
    assert rows("--from", "-2h", "--to", "-1h") == [[0]]
    buckets = rows("--by", "time:1h", "--from", "-3h", "--timezone", "Asia/Kolkata")
    assert sum(count for _, count in buckets) == 7
    assert {start % 3_600_000 for start, _ in buckets} == {1_800_000}
    hours = either_way.command(
        "query", "shop", "-m", "page_views", "-b", "time:1h", "--timezone", "Asia/Kolkata"
    ).stdout
    assert "+05:30" in hours
    either_way.command("query", either_way.monitor.upper(), "-m", "page_views")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("query", "shop", "-m", "page_vews"), "did you mean page_views"),
        (("query", "shop", "-m", "page_views", "--by", "contry"), "did you mean country"),
        (("query", "shop", "-m", "page_views", "--where", "contry=DE"), "did you mean country"),
        (("query", "shop", "-m", "page_views", "--where", "country"), "country=DE,AT"),
        (("query", "shop", "-m", "page_views", "--from", "yesterday"), "from: must be"),
        (("query", "shop", "-m", "page_views", "--limit", "0"), "limit: must be 1 to"),
        (("query", "shop", "-m", "page_views", "--compare", "before"), "last_week"),
        (("query", "shop", "-m", "page_views", "--timezone", "Mars"), "timezone: must be"),
        (("query", "nobody", "-m", "page_views"), "there is no monitor 'nobody'"),
        (("query", "shop", "-m", "page_views", "--json", "--chart"), "one of --json"),
        (("sql", "SELECT * FROM event"), "did you mean events?"),
        (("sql", "SELECT * FROM read_text('/etc/passwd')"), "is not taken here"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_what_is_near(either_way, arguments, told):
    refused = either_way.command(*arguments, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1, refused.stderr
    assert refused.stderr.startswith("openrum: ")
    assert told in refused.stderr


@pytest.mark.slow
def test_sql_is_shown_alike_with_a_server_and_without(either_way):
    sql = (
        "SELECT page, count(*) AS n, [page] AS pages, {'a': 1.5} AS s, NULL AS nothing, true AS yes, 1.5::DECIMAL(3, 2) AS d,"
        " TIMESTAMP '2026-01-02 03:04:05' AS at FROM page_views GROUP BY page ORDER BY n DESC, page"
    )
    first = json.loads(either_way.command("sql", sql, "--json").stdout)[0]
    assert first == {
        "page": "/", "n": 4, "pages": ["/"], "s": {"a": 1.5}, "nothing": None, "yes": True, "d": 1.5,
        "at": "2026-01-02T03:04:05",
    }  # fmt: skip
    rows = list(csv.reader(io.StringIO(either_way.command("sql", sql, "--csv").stdout)))
    assert rows[1] == ["/", "4", '["/"]', '{"a": 1.5}', "", "true", "1.5", "2026-01-02T03:04:05"]
    assert "\x1b" not in either_way.command("sql", sql).stdout
    cut = either_way.command("sql", "SELECT * FROM range(10001)").stdout
    assert "… cut at 10000 rows" in cut


@pytest.mark.slow
def test_csv_neither_runs_in_a_spreadsheet_nor_steers_a_terminal(shop):
    formulas = "SELECT * FROM (VALUES ('=1+1'), ('+1'), ('-1'), ('@x'), ('fine'), (chr(27) || '[31m')) AS t(text)"
    piped = list(csv.reader(io.StringIO(shop.command("sql", formulas, "--csv").stdout)))
    assert piped[1:] == [["'=1+1"], ["'+1"], ["'-1"], ["'@x"], ["fine"], ["\x1b[31m"]]
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "openrum", "sql", formulas, "--csv", "--data-dir", str(shop.data_dir)],
        stdout=theirs, check=True, timeout=60,
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 10_000)
    os.close(ours)
    assert b"\x1b[31m" not in shown
    assert rb"\x1b[31m" in shown


@pytest.mark.slow
def test_a_chart_is_as_wide_as_the_terminal(shop):
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 50, 0, 0))
    subprocess.run(
        [sys.executable, "-m", "openrum", *PAGES, "--chart", "--data-dir", str(shop.data_dir)],
        stdout=theirs, check=True, timeout=60, env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(theirs)
    lines = os.read(ours, 10_000).decode().splitlines()
    os.close(ours)
    assert max(map(cell_len, lines)) == 50
