"""Signing in at the console, on the real server: cookies, CSRF, roles, back-off, and what is written down of it."""

import http.client
import itertools
import json
import re
from base64 import b64encode

import pytest

from openrum.query.catalogue import SPECIAL
from openrum.serve.doors import DOORS, EVERYONE
from openrum.serve.guard import READERS
from tests.server import Server

PASSWORDS = {"ada": "ada's fine password", "eve": "eve's fine password"}
ROLES = {"ada": "admin", "eve": "viewer"}
DOORS_ASKED = [
    (door.method, door.path.removeprefix("/api/v1").replace("{name}", "eve").replace("{id}", "x"), door.who)
    for door in DOORS
]
_addresses = (f"198.18.{number // 250}.{1 + number % 250}" for number in itertools.count())


class Browser:
    """Cookies, the CSRF token, and an address of its own: as the console asks, behind a trusted proxy."""

    def __init__(self, server, *, tls=False, address=""):
        self.server = server
        self.address = address or next(_addresses)
        self.tls = tls
        self.cookies = {}
        self.csrf = ""
        self.headers = {}  # of the last answer
        self.set_cookies = []

    def ask(self, method, path, content=None, **headers):
        """(status, content). A header of None is not sent."""
        sent = {
            "x-forwarded-for": self.address,
            "x-forwarded-proto": "https" if self.tls else "http",
            "x-openrum-console": "1",
            "x-openrum-csrf": self.csrf,
            "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        sent = {name: value for name, value in sent.items() if value}
        body = content if content is None or isinstance(content, bytes) else json.dumps(content).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        connection.request(method, "/api/v1" + path, body, sent)
        answer = connection.getresponse()
        text = answer.read()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self.set_cookies = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        connection.close()
        for each in self.set_cookies:
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies.pop(name, None)
            if value.strip('"'):
                self.cookies[name] = value
        return answer.status, json.loads(text)

    def sign_in(self, name="ada", password=None):
        status, content = self.ask("POST", "/sign-in", {"name": name, "password": password or PASSWORDS[name.lower()]})
        if status == 200:
            self.csrf = content["csrf"]
        return status, content

    def me(self):
        return self.ask("GET", "/me")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    environment = {"OPENRUM_TRUSTED_PROXIES": "127.0.0.1", "OPENRUM_CONSOLE_SESSION_HOURS": "10"}
    with Server(tmp_path_factory.mktemp("sign-in") / "data", environment=environment) as running:
        running.first_words = running.last_words()
        running.key = "Basic " + b64encode(":".join(running.credentials()).encode()).decode()
        for name, role in ROLES.items():
            made = {"name": name, "role": role, "password": PASSWORDS[name]}
            assert Browser(running).ask("POST", "/users", made, authorization=running.key)[0] == 201
        yield running
        assert running.stop() == 0


@pytest.fixture
def browser(server):
    return Browser(server)


@pytest.fixture
def ada(server):
    browser = Browser(server)
    assert browser.sign_in("ada")[0] == 200
    return browser


@pytest.fixture
def eve(server):
    browser = Browser(server)
    assert browser.sign_in("eve")[0] == 200
    return browser


@pytest.fixture
def bob(server):
    """A user of one test alone, whose password may be changed."""
    name = "bob-" + next(_addresses).replace(".", "-")
    PASSWORDS[name] = "bob's fine password"
    made = {"name": name, "role": "viewer", "password": PASSWORDS[name]}
    assert Browser(server).ask("POST", "/users", made, authorization=server.key)[0] == 201
    return name


def trail(server, target):
    """The latest last."""
    rows = json.loads(server.command("audit", "--target", target, "--json").stdout)
    return [(row["actor"], row["operation"], row["outcome"]) for row in reversed(rows)]


def test_every_door_stands_behind_the_guard_but_those_by_which_one_comes_and_goes(browser):
    assert {path for method, path, who in DOORS_ASKED if who == EVERYONE} == {"/sign-in", "/sign-out"}
    questions = [(method, f"/{name}", READERS) for name in SPECIAL for method in ("GET", "POST")]
    for method, path, who in [*DOORS_ASKED, *questions, ("GET", "/sessions/x", READERS)]:
        assert who == EVERYONE or browser.ask(method, path, b"{}")[0] == 401, path


# ── In and out ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_start_prints_a_password_that_opens(server, browser):
    name, password = re.search(r"name +(\S+)\n +password +(\S+)\n", server.first_words).groups()
    assert server.first_words.count(password) == 1
    assert browser.sign_in(name, password) == (
        200,
        {"name": "admin", "role": "admin", "csrf": browser.csrf, "auth": True},
    )


def test_who_signs_in_is_known_from_then_on(browser):
    assert browser.me()[0] == 401
    status, content = browser.sign_in("Ada")
    assert (status, content) == (200, {"name": "ada", "role": "admin", "csrf": browser.csrf, "auth": True})
    assert browser.me() == (200, content)
    assert browser.headers["cache-control"] == "no-store"
    assert browser.ask("GET", "/ledger?monitor=nobody")[0] == 404


def test_the_cookie_is_for_this_host_and_its_own_pages_alone(server):
    plain, tls = Browser(server), Browser(server, tls=True)
    plain.sign_in()
    tls.sign_in()
    [session, device] = plain.set_cookies
    assert re.fullmatch(r"openrum-session=[\w-]{43}; HttpOnly; Max-Age=36000; Path=/; SameSite=strict", session)
    assert re.fullmatch(
        r"openrum-device=[\w-]{22}\.[0-9a-f]{64}; HttpOnly; Max-Age=\d+; Path=/; SameSite=strict", device
    )
    names = ["__Host-openrum", "__Host-openrum-device"]
    assert [each.partition("=")[0] for each in tls.set_cookies] == names
    for each in tls.set_cookies:
        assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(each.split("; "))
        assert "domain" not in each.lower()
    assert tls.me()[0] == 200


def test_a_cookie_of_the_open_line_is_not_taken_by_tls(server):
    """Whoever can write on the open line can plant a cookie; by TLS only one counts that was set by TLS."""
    plain = Browser(server)
    plain.sign_in()
    planted = Browser(server, tls=True)
    planted.cookies = plain.cookies
    assert planted.me()[0] == 401


@pytest.mark.slow
def test_only_a_trusted_proxy_says_that_there_is_tls(tmp_path):
    with Server(tmp_path / "data") as server:
        name, password = re.search(r"name +(\S+)\n +password +(\S+)\n", server.last_words()).groups()
        browser = Browser(server, tls=True)
        assert browser.sign_in(name, password)[0] == 200
        assert "openrum-session" in browser.cookies


def test_a_cookie_is_worth_nothing_after_signing_out(ada, server):
    kept = dict(ada.cookies)
    other = Browser(server)
    other.sign_in("ada")
    assert ada.ask("POST", "/sign-out") == (200, {"ended": 1})
    assert "openrum-session" not in ada.cookies
    ada.cookies = kept
    assert ada.me()[0] == 401
    assert other.me()[0] == 200


def test_signing_out_everywhere_ends_every_session_of_the_user(server, bob, eve):
    browsers = [Browser(server) for _ in range(3)]
    for browser in browsers:
        assert browser.sign_in(bob)[0] == 200
    assert browsers[0].ask("POST", "/sign-out", {"everywhere": True}) == (200, {"ended": 3})
    assert [browser.me()[0] for browser in (*browsers, eve)] == [401, 401, 401, 200]


def test_signing_out_is_well_where_nobody_is_signed_in(browser):
    assert browser.ask("POST", "/sign-out") == (200, {"ended": 0})
    browser.cookies = {"openrum-session": "a" * 43}
    assert browser.ask("POST", "/sign-out", {"everywhere": True}) == (200, {"ended": 0})


def test_signing_in_again_ends_the_session_of_before(ada):
    before = dict(ada.cookies)
    assert ada.sign_in("eve")[0] == 200
    assert ada.me()[1]["name"] == "eve"
    ada.cookies = before
    assert ada.me()[0] == 401


def test_a_cookie_that_was_set_beforehand_does_not_become_a_session(browser):
    browser.cookies = {"openrum-session": "A" * 43}
    browser.sign_in()
    assert browser.cookies["openrum-session"] != "A" * 43
    browser.cookies = {"openrum-session": "A" * 43}
    assert browser.me()[0] == 401


@pytest.mark.slow
def test_sessions_outlive_a_restart(tmp_path):
    with Server(tmp_path / "data") as server:
        name, password = re.search(r"name +(\S+)\n +password +(\S+)\n", server.last_words()).groups()
        browser = Browser(server)
        browser.sign_in(name, password)
    server.log.unlink()
    with server:
        assert browser.me() == (200, {"name": "admin", "role": "admin", "csrf": browser.csrf, "auth": True})
        assert browser.ask("GET", "/users")[0] == 200
        assert password not in server.last_words(), "the password is shown once"


# ── Who is not known ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(server):
    answers = [Browser(server).sign_in(name, "not the password") for name in ("ada", "nobody", "no name at all", "")]
    assert answers == [answers[0]] * 4
    assert answers[0][0] == 401


def test_no_box_of_the_browser_s_opens_over_the_console_and_programs_are_told_how(browser):
    assert browser.me()[0] == 401
    assert "www-authenticate" not in browser.headers
    assert browser.ask("GET", "/me", x_openrum_console=None)[0] == 401
    assert browser.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"name": "ada"}', b'{"name": "ada", "password": 5}', b" " * 5_000,
             b'{"name": "ada", "password": "x", "more": 1}', b'{"name": "\\ud800", "password": "x"}'],
)  # fmt: skip
def test_a_form_of_another_shape_is_refused(browser, body):
    status, content = browser.ask("POST", "/sign-in", body)
    assert (status, content["error"]["field"]) == (400, "body")


# ── Other sites ───────────────────────────────────────────────────────────────────────────────────────────────────

UNSAFE = [(method, path) for method, path, _ in DOORS_ASKED if method != "GET" and path != "/sign-in"]


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_by_cookie_nothing_is_done_without_the_token_of_the_session(ada, eve, method, path):
    for token in (None, "", "x", ada.csrf[:-1], ada.csrf + "x", ada.csrf.swapcase(), eve.csrf, "\xff"):
        status, content = ada.ask(method, path, b"{}", x_openrum_csrf=token)
        assert (status, content["error"]["type"]) == (403, "forbidden")
    assert ada.me()[0] == 200


@pytest.mark.parametrize(("method", "path"), [*UNSAFE, ("POST", "/sign-in")])
@pytest.mark.parametrize(
    "headers",
    [{"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {"sec_fetch_site": "nonsense"},
     {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://127.0.0.1:1"}, {"origin": "http://"},
     {"origin": "http://127.0.0.1", "sec_fetch_site": "cross-site"}],
)  # fmt: skip
def test_a_page_of_another_site_gets_nothing_done(ada, method, path, headers):
    content = {"name": "ada", "password": PASSWORDS["ada"]} if path == "/sign-in" else {}
    for more in ({}, {"authorization": ada.server.key, "cookie": None}, {"content_type": "text/plain"}):
        status, answer = ada.ask(method, path, content, **headers, **more)
        assert (status, "another site" in answer["error"]["message"]) == (403, True)
    assert ada.set_cookies == []


def test_the_console_s_own_pages_and_programs_are_let_through(ada):
    own = f"http://127.0.0.1:{ada.server.port}"
    for headers in (
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": own},
        {"origin": own.upper()},
    ):
        assert ada.ask("POST", "/sign-out", {"everywhere": 1}, **headers)[0] == 400
    for origin, host in (("https://rum.example", "rum.example:443"), ("http://rum.example:80", "RUM.example")):
        assert ada.ask("POST", "/sign-out", {"everywhere": 1}, origin=origin, host=host)[0] == 400


def test_an_access_key_needs_no_token_and_goes_behind_a_cookie(server, browser, eve):
    assert browser.ask("GET", "/me", authorization=server.key)[1] == {
        "name": server.credentials()[0], "role": "admin", "csrf": "", "auth": True,
    }  # fmt: skip
    assert browser.ask("POST", "/query", {}, authorization=server.key)[0] == 400
    assert eve.ask("GET", "/me", authorization=server.key)[1]["name"] == "eve"
    browser.cookies = {"openrum-session": "a" * 43}
    assert browser.ask("GET", "/me", authorization=server.key)[0] == 200, "a cookie that is over is none"


# ── Roles ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path"), [each for each in UNSAFE if "users" in each[1]] + [("POST", "/forget"), ("GET", "/users")]
)
def test_a_viewer_reads_and_may_do_nothing_of_an_admin_s(eve, method, path):
    status, content = eve.ask(method, path, {} if method != "GET" else None)
    assert (status, content["error"]["type"]) == (403, "forbidden")
    assert "admin" in content["error"]["message"]
    assert eve.ask("POST", "/sql", {"sql": "SELECT 1 AS n"})[0] == 200


@pytest.mark.slow
def test_what_a_user_was_not_let_do_stands_in_the_trail(eve, server):
    eve.ask("DELETE", "/users/ada")
    [row] = json.loads(server.command("audit", "--target", "/api/v1/users/ada", "--json").stdout)
    assert (row["actor"], row["operation"]) == ("eve, by console", "DELETE")
    assert (row["outcome"], row["source"]) == ("AccessDeniedException", eve.address)


def test_an_admin_makes_changes_and_removes_users(ada, server):
    status, made = ada.ask("POST", "/users", {"name": "Carl@Example.com"})
    assert (status, made["name"], made["role"]) == (201, "carl@example.com", "viewer")
    carl = Browser(server)
    assert carl.sign_in("carl@example.com", made["password"])[0] == 200
    assert carl.ask("GET", "/users")[0] == 403
    assert ada.ask("PATCH", "/users/carl@example.com", {"role": "admin"}) == (200, {})
    status, listed = carl.ask("GET", "/users")
    assert status == 200, "a role counts from the next request on"
    [found] = [each for each in listed["users"] if each["name"] == "carl@example.com"]
    assert found["created"] <= found["signed_in"]
    assert set(found) == {"name", "role", "created", "password_set", "signed_in"}
    assert ada.ask("PATCH", "/users/carl%40example.com", {"password": "a new one for carl"}) == (200, {})
    assert carl.me()[0] == 401
    assert carl.sign_in("carl@example.com", "a new one for carl")[0] == 200
    assert ada.ask("DELETE", "/users/carl@example.com") == (200, {})
    assert carl.me()[0] == 401
    assert ada.ask("DELETE", "/users/carl@example.com")[1]["error"]["type"] == "unknown_user"


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "field"),
    [
        ("POST", "/users", {"name": "a b", "password": "long enough for all"}, 400, "name"),
        ("POST", "/users", {"name": "dora", "role": "root"}, 400, "role"),
        ("POST", "/users", {"name": "dora", "password": "short"}, 400, "password"),
        ("POST", "/users", {"name": "ada"}, 409, None),
        ("PATCH", "/users/eve", {}, 400, "body"),
        ("PATCH", "/users/eve", {"role": "ingest"}, 400, "role"),
        ("PATCH", "/users/eve", {"role": "admin", "password": "short"}, 400, "password"),
        ("PATCH", "/users/nobody", {"role": "admin"}, 404, None),
        ("DELETE", "/users/%00", None, 404, None),
    ],
)
def test_a_change_that_cannot_be_is_refused_whole(ada, method, path, content, status, field):
    answered, answer = ada.ask(method, path, content)
    assert (answered, answer["error"]["field"]) == (status, field)
    users = {each["name"]: each["role"] for each in ada.ask("GET", "/users")[1]["users"]}
    assert (users["ada"], users["eve"], "dora" in users) == ("admin", "viewer", False)


@pytest.mark.slow
def test_the_last_admin_stays_whoever_asks(tmp_path):
    with Server(tmp_path / "data") as server:
        name, password = re.search(r"name +(\S+)\n +password +(\S+)\n", server.last_words()).groups()
        browser = Browser(server)
        browser.sign_in(name, password)
        assert browser.ask("DELETE", "/users/admin")[1]["error"]["type"] == "conflict"
        assert browser.ask("PATCH", "/users/admin", {"role": "viewer"})[0] == 409
        assert server.command("users", "remove", "admin", check=False).returncode == 1
        assert browser.me()[0] == 200


# ── Passwords ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_password_ends_all_other_sessions_and_renews_this_one(server, bob):
    browser, other = Browser(server), Browser(server)
    browser.sign_in(bob)
    other.sign_in(bob)
    before = dict(browser.cookies), browser.csrf
    status, content = browser.ask("POST", "/password", {"old": PASSWORDS[bob], "new": "bob's other password"})
    assert (status, content["name"], content["auth"]) == (200, bob, True)
    assert other.me()[0] == 401
    browser.csrf = content["csrf"]
    assert browser.me() == (200, content)
    browser.cookies, browser.csrf = before
    assert browser.me()[0] == 401
    assert Browser(server).sign_in(bob)[0] == 401
    assert Browser(server).sign_in(bob, "bob's other password")[0] == 200


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("not it at all", "bob's other password", "old"), ("bob's fine password", "short", "new"),
     ("bob's fine password", "aaaaaaaaaaaaaaaaaa", "new")],
)  # fmt: skip
def test_a_password_is_changed_by_who_knows_it_for_a_good_one(server, bob, old, new, field):
    browser = Browser(server)
    browser.sign_in(bob)
    status, content = browser.ask("POST", "/password", {"old": old, "new": new})
    assert (status, content["error"]["field"]) == (400, field)
    assert browser.me()[0] == 200
    assert Browser(server).sign_in(bob)[0] == 200


def test_an_access_key_has_no_password(server, browser):
    form = {"old": "x", "new": "a fine password"}
    assert browser.ask("POST", "/password", form, authorization=server.key)[0] == 403


# ── Guessing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_after_a_few_failures_there_is_a_wait_by_name_and_by_address(server, bob):
    guesser, elsewhere, owner = Browser(server), Browser(server), Browser(server)
    assert owner.sign_in(bob)[0] == 200
    assert [guesser.sign_in(bob, "a guess of many")[0] for _ in range(5)] == [401] * 5
    status, content = guesser.sign_in(bob, "a guess of many")
    assert (status, content["error"]["type"], guesser.headers["retry-after"]) == (429, "throttled", "1")
    assert guesser.sign_in("another", "a guess of many")[0] == 429, "by address"
    assert guesser.sign_in(bob)[0] == 429, "the right password, too: or the wait would tell"
    assert elsewhere.sign_in(bob)[0] == 429, "by name"
    assert elsewhere.sign_in("eve")[0] == 200
    assert owner.me()[0] == 200
    assert owner.sign_in(bob)[0] == 200, "a browser that came in before does not wait for others"


def test_a_name_that_nobody_has_waits_as_one_that_somebody_has(server):
    assert [Browser(server).sign_in("nobody at all", "a guess")[0] for _ in range(6)] == [401] * 5 + [429]


def test_a_network_of_ipv6_counts_as_one_address(server):
    guesses = [Browser(server, address=f"2001:db8:1:2::{n}").sign_in(f"name-{n}", "a guess")[0] for n in range(6)]
    assert guesses == [401] * 5 + [429]


def test_a_browser_that_came_in_before_waits_for_its_own_failures_and_not_for_another_name(server, bob):
    browser = Browser(server)
    browser.sign_in(bob)
    assert [browser.sign_in(bob, "a guess of many")[0] for _ in range(6)] == [401] * 5 + [429]
    other = Browser(server)
    other.sign_in("eve")
    assert [other.sign_in(bob, "a guess of many")[0] for _ in range(6)] == [401] * 5 + [429]
    forged = Browser(server)
    forged.cookies = {"openrum-device": f"x.{'0' * 64}"}
    assert forged.sign_in(bob)[0] == 429


def test_the_old_password_is_not_guessed_through_the_change_of_it(server, bob):
    browser = Browser(server)
    browser.sign_in(bob)
    form = {"old": "a guess of many", "new": "bob's other password"}
    assert [browser.ask("POST", "/password", form)[0] for _ in range(6)] == [400] * 5 + [429]


# ── What is written down ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_the_trail_has_who_came_who_failed_and_what_was_changed(server, bob):
    browser = Browser(server)
    browser.sign_in(bob, "not the password")
    browser.sign_in(bob)
    browser.ask("POST", "/password", {"old": "not it", "new": "bob's other password"})
    browser.ask("POST", "/password", {"old": PASSWORDS[bob], "new": "bob's other password"})
    browser.csrf = browser.me()[1]["csrf"]
    browser.ask("POST", "/sign-out")
    key, user = server.credentials()[0], f"{bob}, by console"
    assert trail(server, bob) == [
        (key, "create user", "done"),
        ("anyone", "sign in", "unauthenticated"),
        (user, "sign in", "done"),
        (user, "change password", "ValidationException"),
        (user, "change password", "done"),
        (user, "sign out", "done"),
    ]


def test_no_secret_is_in_a_file_or_in_the_log(server, bob):
    """Neither passwords nor tokens, nor what somebody typed into the wrong field."""
    browser = Browser(server)
    browser.sign_in("my-secret-word-in-the-wrong-field", "also-a-secret-word")
    browser.sign_in(bob)
    browser.ask("POST", "/password", {"old": PASSWORDS[bob], "new": "planted-new-secret"})
    planted = [
        "my-secret-word-in-the-wrong-field", "also-a-secret-word", "planted-new-secret", PASSWORDS[bob],
        *browser.cookies.values(), browser.csrf, server.credentials()[1],
    ]  # fmt: skip
    files = {path: path.read_bytes() for path in server.data_dir.rglob("*") if path.is_file()}
    files = {path: content for path, content in files.items() if path.name != "credentials"}
    log = server.log.read_text().replace(server.first_words, "")
    for secret in planted:
        assert not [path for path, content in files.items() if secret.encode() in content]
        assert secret not in log


# ── Without authentication ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_with_authentication_off_anyone_is_an_admin_and_nobody_signs_in(tmp_path):
    with Server(tmp_path / "data", ("--auth", "off")) as server:
        browser = Browser(server)
        anyone = {"name": "anyone", "role": "admin", "csrf": "", "auth": False}
        assert browser.me() == (200, anyone)
        assert browser.sign_in("whoever", "whatever it is") == (200, anyone)
        assert browser.set_cookies == []
        assert browser.ask("POST", "/sign-out") == (200, {"ended": 0})
        assert browser.ask("GET", "/users")[0] == 200
        assert browser.ask("POST", "/sql", {"sql": "SELECT 1"}, sec_fetch_site="cross-site")[0] == 403
