"""The console's users and their sign-ins, as rows: who may be one, what ends a session, and what is kept of secrets."""

import asyncio
import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openrum.control.audit import Audit
from openrum.control.console_sessions import ConsoleSessions, KnownSessions, digest_of
from openrum.control.database import Database, metadata
from openrum.control.deeds import Deed
from openrum.control.passwords import BadUser, Passwords, check_password, generated_password
from openrum.control.users import Users
from openrum.errors import Conflict, ResourceNotFound, Unavailable

CHEAP = Passwords(memory_kib=8)
GOOD = "a fine password"
OTHER = "another fine one"
START_MS = 1_767_323_045_000
HOUR_MS = 3_600_000
IDLE_MS, LONGEST_MS = 12 * HOUR_MS, 336 * HOUR_MS


class House:
    """A control database with users, and a clock that stands until it is moved."""

    def __init__(self, url):
        self.now_ms = START_MS
        self.database = Database(url)
        self.users = Users(self.database, CHEAP, lambda: self.now_ms)
        self.sessions = ConsoleSessions(self.database, lambda: self.now_ms, idle_ms=IDLE_MS, longest_ms=LONGEST_MS)
        self.known = KnownSessions(self.sessions, lambda: self.now_ms)

    def user(self, name="ada", role="admin"):
        self.users.create(name, role, GOOD)
        return self.users.find(name)

    def session(self, name="ada"):
        """Its token."""
        return self.sessions.open(self.users.find(name))[0]

    def lasts(self, token):
        return self.sessions.find(digest_of(token)) is not None

    def find(self, token):
        return asyncio.run(self.known.find(token))

    def everything(self):
        """All that the tables hold, as text."""
        with self.database.read() as connection:
            return "\n".join(
                str(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table))
            )


@contextlib.contextmanager
def opened(url):
    house = House(url)
    yield house
    house.database.close()


@pytest.fixture
def house(database_url):
    with opened(database_url) as house:
        yield house


@pytest.fixture(scope="module")
def street():
    """A house that `emptied` empties for every example of a property."""
    with opened("sqlite://") as house:
        yield house


def emptied(house):
    with house.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM console_users")
    house.now_ms = START_MS
    return house


# ── Passwords ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("password", "said"),
    [("", "at least 12"), ("short", "at least 12"), ("eleven char", "at least 12"), ("x" * 257, "at most 256"),
     ("aaaaaaaaaaaaaaaa", "easily guessed"), ("abababababab", "easily guessed"), ("Administrator-1", "not the name"),
     ("a lone half \ud83d of a pair", "UTF-8")],
)  # fmt: skip
def test_a_bad_password_is_refused_with_what_would_do(password, said):
    with pytest.raises(BadUser, match=said) as refused:
        check_password(password, "administrator-1", "new")
    assert refused.value.field == "new"


@given(st.text(min_size=12, max_size=256))
def test_a_password_that_is_taken_opens_and_no_other_does(password):
    try:
        check_password(password)
    except BadUser:
        return
    made = CHEAP.hash(password)
    assert CHEAP.agrees(made, password)
    assert not CHEAP.agrees(made, password + "x")
    assert made != CHEAP.hash(password), "the hash has no salt"


def test_an_accented_letter_is_the_same_however_it_is_typed():
    assert CHEAP.agrees(CHEAP.hash("caf\u00e9 au lait, deux"), "cafe\u0301 au lait, deux")


def test_hashes_are_argon2id_of_a_published_strength():
    found = argon2.extract_parameters(Passwords().hash(GOOD))
    assert (found.type, found.parallelism) == (argon2.Type.ID, 1)
    assert (found.memory_cost, found.time_cost) == (47_104, 1), "OWASP's Password Storage Cheat Sheet"


def test_a_name_that_nobody_has_costs_the_same_hash_as_a_wrong_password():
    passwords = Passwords()
    nobodys, real = (argon2.extract_parameters(each) for each in (passwords._nobodys, passwords.hash(GOOD)))
    assert nobodys == real
    assert len(passwords._nobodys) == len(passwords.hash(GOOD))
    assert not passwords.agrees(None, GOOD)


def test_generated_passwords_are_good_and_never_the_same():
    made = {generated_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        check_password(password, "admin")


# ── Users ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_user_is_found_in_upper_and_lower_case_and_the_password_nowhere(house):
    assert house.users.create("Ada@Example.com", "viewer", GOOD) == "ada@example.com"
    found = house.users.find("ADA@example.com")
    assert (found.name, found.role, CHEAP.agrees(found.password_hash, GOOD)) == ("ada@example.com", "viewer", True)
    assert found.password_hash not in repr(found)
    assert GOOD not in house.everything()


@pytest.mark.parametrize("name", ["", " ", "a b", "-ada", "ä", "a" * 65, "a/b", "a\0b", "\ud800", "ada\n", "\u212a"])
def test_a_name_is_of_plain_characters(house, name):
    with pytest.raises(BadUser, match="name: must be") as refused:
        house.users.create(name, "viewer", GOOD)
    assert refused.value.field == "name"
    assert house.users.find(name) is None
    with pytest.raises(ResourceNotFound):
        house.users.remove(name)


def test_a_role_is_one_of_two(house):
    with pytest.raises(BadUser, match="admin, viewer"):
        house.users.create("ada", "ingest", GOOD)
    house.user()
    with pytest.raises(BadUser, match="admin, viewer"):
        house.users.set_role("ada", "root")


def test_a_name_is_taken_once(house):
    house.user()
    with pytest.raises(Conflict, match="already"):
        house.users.create("ADA", "viewer", OTHER)
    assert CHEAP.agrees(house.users.find("ada").password_hash, GOOD)


@pytest.mark.parametrize("change", [lambda users: users.remove("eve"), lambda users: users.set_role("eve", "viewer"),
                                    lambda users: users.set_password("eve", GOOD)])  # fmt: skip
def test_a_user_that_is_not_there_is_said_to_be_unknown(house, change):
    house.user()
    with pytest.raises(ResourceNotFound, match="eve"):
        change(house.users)


def test_the_list_tells_when_somebody_signed_in_last(house):
    house.user("eve", "viewer")
    house.user("ada")
    house.now_ms += 5
    house.session("eve")
    assert [(each.name, each.role, each.created_ms, each.signed_in_ms) for each in house.users.list()] == [
        ("ada", "admin", START_MS, None),
        ("eve", "viewer", START_MS, START_MS + 5),
    ]


def test_the_last_admin_can_be_neither_removed_nor_made_a_viewer(house):
    house.user("ada")
    house.user("eve", "viewer")
    for change in (lambda: house.users.remove("ADA"), lambda: house.users.set_role("Ada", "viewer")):
        with pytest.raises(Conflict, match="last admin"):
            change()
    house.users.set_role("ada", "admin")
    house.users.set_role("eve", "admin")
    house.users.remove("ada")
    assert [(each.name, each.role) for each in house.users.list()] == [("eve", "admin")]


NAMES = st.sampled_from(["ada", "eve", "bob"])
ROLES = st.sampled_from(["admin", "viewer"])
CHANGES = st.one_of(
    st.tuples(st.just("create"), NAMES, ROLES),
    st.tuples(st.just("set_role"), NAMES, ROLES),
    st.tuples(st.just("remove"), NAMES),
)


@settings(max_examples=20)
@given(st.lists(CHANGES, max_size=20))
def test_once_there_was_an_admin_there_always_is_one(street, changes):
    house, there_was = emptied(street), False
    for what, *arguments in changes:
        with contextlib.suppress(Conflict, ResourceNotFound):
            getattr(house.users, what)(*arguments, *([GOOD] if what == "create" else []))
        admins = [each for each in house.users.list() if each.role == "admin"]
        there_was = there_was or bool(admins)
        assert bool(admins) == there_was


def test_of_two_admins_who_remove_each_other_at_once_one_stays(house):
    house.user("ada")
    house.user("eve")
    ready = threading.Barrier(2)

    def remove(name):
        ready.wait()
        try:
            house.users.remove(name)
        except Conflict:
            return 0
        return 1

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(remove, ["ada", "eve"])) == 1
    assert len(house.users.list()) == 1


# ── Sessions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_session_outlives_a_restart_and_the_table_holds_no_token(database_url):
    with opened(database_url) as house:
        house.user()
        tokens = [house.session() for _ in range(3)]
        assert len(set(tokens)) == 3
        assert not [token for token in tokens if token in house.everything()]
    with opened(database_url) as house:
        found = house.sessions.find(digest_of(tokens[0]))
        assert (found.user, found.role) == ("ada", "admin")
        assert repr(digest_of(tokens[0])) not in repr(found)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 13), min_size=1, max_size=60))
@example([11] * 31)
@example([11, 12])
def test_a_session_lasts_while_it_is_used_and_not_for_ever(street, hours):
    """Used after these hours each: it ends where nobody came for 12 hours, and after 14 days whatever happens."""
    house = emptied(street)
    house.user()
    token = house.session()
    for gap in hours:
        house.now_ms += gap * HOUR_MS
        there = gap < 12 and house.now_ms < START_MS + LONGEST_MS
        assert house.lasts(token) == there
        if not there:
            return


def test_a_use_is_noted_late_by_minutes_and_never_by_more(house):
    house.user()
    token = house.session()
    house.now_ms += IDLE_MS - 1
    assert house.lasts(token)
    house.now_ms += IDLE_MS - 300_000
    assert house.lasts(token)
    house.now_ms += 299_999
    assert house.lasts(token)
    house.now_ms += IDLE_MS
    assert not house.lasts(token)


def test_a_session_ends_alone_or_with_all_of_its_user(house):
    house.user()
    house.user("eve")
    first, second, third, eves = (house.session(name) for name in ("ada", "ada", "ada", "eve"))
    assert house.sessions.end(house.sessions.find(digest_of(first))) == 1
    assert [house.lasts(token) for token in (first, second, third, eves)] == [False, True, True, True]
    assert house.sessions.end(house.sessions.find(digest_of(second)), everywhere=True) == 2
    assert [house.lasts(token) for token in (second, third, eves)] == [False, False, True]


@pytest.mark.parametrize("change", ["password", "removed"])
def test_a_new_password_and_a_removal_end_all_sessions_of_the_user(house, change):
    house.user()
    house.user("eve")
    tokens, eves = [house.session(), house.session()], house.session("eve")
    if change == "password":
        house.users.set_password("Ada", OTHER)
        assert CHEAP.agrees(house.users.find("ada").password_hash, OTHER)
    else:
        house.users.remove("ada")
    assert not any(map(house.lasts, tokens))
    assert house.lasts(eves)


@pytest.mark.parametrize("change", ["password", "removed", "made anew"])
def test_who_was_changed_while_signing_in_is_not_signed_in(house, change):
    """Between the look at the hash and the session lies the hashing: what happens there must count."""
    house.user("eve")
    as_read = house.user()
    if change == "password":
        house.users.set_password("ada", GOOD)
    else:
        house.users.remove("ada")
    if change == "made anew":
        house.user()
    with pytest.raises(Conflict, match="just now"):
        house.sessions.open(as_read)
    with pytest.raises((Conflict, ResourceNotFound)):
        house.users.set_password("ada", OTHER, was=as_read)


def test_a_sign_in_replaces_the_session_of_before_in_the_same_browser(house):
    house.user()
    before = house.session()
    after, _ = house.sessions.open(house.users.find("ada"), replaces=before)
    assert (house.lasts(before), house.lasts(after)) == (False, True)


def test_what_is_over_is_cleared_away_and_nobody_has_sessions_without_end(house):
    house.user()
    house.user("eve")
    over = house.session("eve")
    house.now_ms += IDLE_MS
    tokens = []
    for _ in range(55):
        house.now_ms += 1
        tokens.append(house.session())
    assert [house.lasts(token) for token in tokens] == [False] * 5 + [True] * 50
    with house.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM console_sessions").scalar() == 50
    assert not house.lasts(over)


def test_a_sign_in_is_a_deed_and_a_use_is_none(house):
    audit = Audit(house.database)
    house.user()
    with audit.noting(Deed(1, "ada, by console", "sign in", "ada", "192.0.2.1", "")):
        token = house.session()
    revision = house.database.revision()
    house.now_ms += HOUR_MS
    assert house.lasts(token)
    assert [(row.operation, row.outcome) for row in audit.latest(9)] == [("sign in", "done")]
    assert house.database.revision() == revision, "other processes need not look again"


# ── In memory ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "ä" * 43, "a" * 44, "'; DROP TABLE console_users; --"])
def test_a_token_that_was_never_given_out_is_nobody_s(house, token):
    house.user()
    house.session()
    assert house.find(token) is None


def test_another_process_ends_a_session_and_changes_a_role_within_a_second(database_url):
    with opened(database_url) as house, opened(database_url) as other:
        house.user()
        house.user("eve")
        token = house.session("eve")
        assert house.find(token).role == "admin"
        other.users.set_role("eve", "viewer")
        house.now_ms += 1_000
        assert house.find(token).role == "viewer"
        other.users.remove("eve")
        house.now_ms += 1_000
        assert house.find(token) is None


def test_what_was_changed_here_counts_at_once(house):
    house.user()
    token = house.session()
    house.sessions.end(house.find(token))
    house.known.forget()
    assert house.find(token) is None


def test_a_look_that_began_before_a_sign_out_does_not_bring_the_session_back(house):
    class Slow(ConsoleSessions):
        """Whose row is on its way while the session is ended."""

        def find(self, token_sha256):
            found = super().find(token_sha256)
            if found is not None:
                house.sessions.end(found)
                house.known.forget()
            return found

    house.user()
    token = house.session()
    house.known._sessions = Slow(house.database, lambda: house.now_ms, idle_ms=IDLE_MS, longest_ms=LONGEST_MS)
    assert house.find(token) is not None, "it lasted when it was looked at"
    assert house.find(token) is None


def test_who_is_known_is_let_in_while_the_database_is_away_and_no_longer_than_it_lasts(house):
    class Away(ConsoleSessions):
        def find(self, token_sha256):
            raise Unavailable("the control database is away")

    house.user()
    token, stranger = house.session(), house.session()
    assert house.find(token).user == "ada"
    house.known._sessions = Away(house.database, lambda: house.now_ms, idle_ms=IDLE_MS, longest_ms=LONGEST_MS)
    house.now_ms += HOUR_MS
    assert house.find(token).user == "ada"
    with pytest.raises(Unavailable):
        house.find(stranger)
    house.now_ms += IDLE_MS
    with pytest.raises(Unavailable):
        house.find(token)
