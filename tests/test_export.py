"""The parts of a date are its events, each once, whatever comes while they are fetched; and a folder holds them whole."""

import json

import duckdb
import pytest

from openrum import export
from openrum.export import Exporter
from openrum.export_folder import FolderTaken, StoreParts, export_to
from openrum.limits import DEFAULTS
from openrum.readback import ReadBack
from tests.drained import DAY_MS, MONITOR, NOW_MS, Drained, event_id, request

DAY = NOW_MS // DAY_MS


@pytest.fixture
def drained(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "PART_EVENTS", 4)
    monkeypatch.setattr(Exporter, "part_events", 4)
    rooms = Drained(tmp_path / "data")
    yield rooms
    rooms.close()


@pytest.fixture
def exporter(drained):
    drained.write(request(1, 2, 3, 4, 5), request(6, 7, 8, 9))
    drained.drain_all()
    return Exporter(drained.store, ReadBack(drained.reader.fetch, DEFAULTS))


def ids(paths):
    return [row[0] for row in duckdb.read_parquet([str(path) for path in paths]).fetchall()]


def test_parts_fit_together_while_more_events_come_and_count_them_as_of_the_beginning(drained, exporter):
    as_of = exporter.as_of()
    [date] = exporter.dates(MONITOR, 0, 2 * NOW_MS, as_of)
    found = []
    for part in range(3):
        with exporter.part(MONITOR, "shop", date.day, part, as_of) as path:
            found += ids([path])
        drained.write(request(20 + part, received_ms=NOW_MS - 60_000))  # earlier than all the others
        drained.drain_all()
    assert found == [event_id(number) for number in range(1, 10)]
    assert date.events == 9
    assert exporter.dates(MONITOR, 0, 2 * NOW_MS, as_of)[0].events == 9
    assert exporter.dates(MONITOR, 0, 2 * NOW_MS)[0].events == 12


def test_the_range_of_an_export_is_whole_dates(exporter):
    end = (DAY + 1) * DAY_MS
    assert [date.events for date in exporter.dates(MONITOR, end - 1, end)] == [9]
    assert exporter.dates(MONITOR, end, end + 1) == exporter.dates(MONITOR, 0, DAY * DAY_MS) == []


def test_an_event_whose_journal_is_gone_is_exported_without_its_raw_form(drained, exporter):
    drained.reader.trim(DAY + 1)
    with exporter.part(MONITOR, "shop", DAY, 0) as path:
        assert duckdb.sql(f"SELECT count(*), count(raw) FROM '{path}'").fetchall() == [(4, 0)]


def test_numbers_and_texts_are_in_the_raw_form_as_they_were_sent(drained):
    details = '{"n":1.0,"huge":123456789012345678901234567890,"text":"\\u0000 \\ud83d\\ude00 \\"quoted\\""}'
    drained.write(request(1, details=details))
    drained.drain_all()
    with Exporter(drained.store, ReadBack(drained.reader.fetch, DEFAULTS)).part(MONITOR, "shop", DAY, 0) as path:
        [(raw,)] = duckdb.sql(f"SELECT raw FROM '{path}'").fetchall()
    assert f'"event_details":{details}' in raw
    assert json.loads(raw)["application_name"] == "shop"


# ── The folder ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def parts(exporter):
    return StoreParts(exporter, MONITOR, "shop", 0, 2 * NOW_MS)


def write(folder, parts, **options):
    told = []
    return export_to(folder, parts, tell=lambda *done: told.append(done), **{"overwrite": False, **options}), told


def test_a_date_of_many_events_is_several_files(tmp_path, parts):
    done, told = write(tmp_path / "out", parts)
    files = sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert [path.name for path in files] == [f"events-0000{number}.parquet" for number in range(3)]
    assert ids(files) == [event_id(number) for number in range(1, 10)]
    assert (done.dates, done.files, done.events) == (1, 3, 9)
    assert done.bytes == sum(path.stat().st_size for path in files)
    assert told == [(0, 9), (4, 9), (8, 9), (9, 9)]


def test_an_export_that_breaks_off_leaves_what_was_there(tmp_path, parts, monkeypatch):
    class DiskFull(Exception):
        pass

    def broken(date, part, to):
        if part == 1:
            raise DiskFull
        StoreParts.write_part(parts, date, part, to)

    monkeypatch.setattr(parts, "write_part", broken)
    with pytest.raises(DiskFull):
        write(tmp_path / "out", parts)
    assert list((tmp_path / "out").iterdir()) == []
    monkeypatch.undo()
    write(tmp_path / "out", parts)
    before = sorted((path, path.stat().st_ino) for path in (tmp_path / "out").rglob("*"))
    monkeypatch.setattr(parts, "write_part", broken)
    with pytest.raises(DiskFull):
        write(tmp_path / "out", parts, overwrite=True)
    assert sorted((path, path.stat().st_ino) for path in (tmp_path / "out").rglob("*")) == before


def test_what_a_killed_export_left_is_cleared_away_and_a_date_that_is_there_is_refused(tmp_path, parts):
    date = tmp_path / "out" / f"date={parts.dates[0][0]}"
    date.mkdir(parents=True)
    (date / ".events-00009.parquet.new").write_text("half")
    write(tmp_path / "out", parts)
    assert len(list(date.iterdir())) == 3
    with pytest.raises(FolderTaken, match="--overwrite"):
        write(tmp_path / "out", parts)


def test_a_part_that_cannot_be_read_does_not_get_its_name(tmp_path, parts, monkeypatch):
    monkeypatch.setattr(parts, "write_part", lambda _date, _part, to: to.write_bytes(b"PAR1 cut"))
    with pytest.raises(duckdb.Error):
        write(tmp_path / "out", parts)
    assert list((tmp_path / "out").iterdir()) == []
