"""`openrum users` as a person uses it: on a terminal, in a script, and beside a running server."""

import json
import os
import pty
import re
import select
import subprocess

import pytest

from tests.server import PATIENCE_S, Server

pytestmark = pytest.mark.slow

GOOD = "a fine password"


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A data directory that no server ran on."""
    made = Server(tmp_path_factory.mktemp("users") / "data")
    made.command("users", "add", "root", "--role", "admin")
    return made


def with_stdin(directory, text, *arguments):
    return directory.command(*arguments, text_in=text, check=False)


def on_a_terminal(directory, typed, *arguments):
    """Type a line at each question; what the terminal showed, and the exit code."""
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        directory._command(arguments),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,  # else a password is asked for on the terminal of whoever runs this test
    )
    os.close(terminal)
    shown, answers = "", iter(typed)
    try:
        while select.select([screen], [], [], PATIENCE_S)[0]:
            try:
                shown += os.read(screen, 4_096).decode()
            except OSError:  # the other end is closed
                break
            if shown.endswith(": "):
                os.write(screen, next(answers).encode() + b"\n")
        return shown, process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait()
        os.close(screen)


def users(directory):
    return {each["name"]: each for each in json.loads(directory.command("users", "list", "--json").stdout)}


def signs_in(server, name, password):
    body = json.dumps({"name": name, "password": password}).encode()
    return server.request("POST", "/api/v1/sign-in", body)[0] == 200


def test_a_script_is_given_a_password_that_is_shown_once(directory):
    made = json.loads(with_stdin(directory, "", "users", "add", "Ada", "--role", "admin", "--json").stdout)
    assert (made["name"], made["role"], len(made["password"]) >= 20) == ("ada", "admin", True)
    listed = directory.command("users", "list")
    assert "ada" in listed.stdout
    assert made["password"] not in listed.stdout
    anew = with_stdin(directory, "", "users", "passwd", "ada")
    assert re.search(r"shown this once:\n  \S{20,}\n", anew.stdout)
    assert made["password"] not in anew.stdout


def test_a_password_is_read_from_standard_input_and_not_shown(directory):
    made = with_stdin(directory, f"{GOOD}\nnot this line\n", "users", "add", "eve", "--password-stdin")
    assert made.stdout == "eve may sign in, with the role viewer\n"
    assert users(directory)["eve"]["role"] == "viewer"
    assert GOOD not in json.dumps(users(directory))


def test_on_a_terminal_it_is_asked_for_twice_and_not_shown(directory):
    shown, code = on_a_terminal(directory, [GOOD, GOOD], "users", "add", "tess")
    assert (code, GOOD in shown) == (0, False)
    assert "tess may sign in" in shown
    shown, code = on_a_terminal(directory, [GOOD, GOOD + "x"], "users", "passwd", "tess")
    assert (code, "differ" in shown) == (1, True)
    shown, code = on_a_terminal(directory, ["short"], "users", "passwd", "tess")
    assert (code, "at least 12" in shown) == (1, True)
    shown, code = on_a_terminal(directory, [""], "users", "passwd", "tess")
    assert (code, "shown this once" in shown) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("users", "add", "a b"), "letters, digits"),
        (("users", "add", "root"), "already"),
        (("users", "add", "bob", "--role", "root"), "admin, viewer"),
        (("users", "add", "bob", "--password-stdin"), "at least 12"),
        (("users", "passwd", "nobody"), "no user 'nobody'"),
        (("users", "remove", "nobody"), "no user 'nobody'"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(directory, arguments, said):
    refused = with_stdin(directory, "short\n", *arguments)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert said in refused.stderr


def test_the_last_admin_stays(tmp_path):
    directory = Server(tmp_path / "data")
    directory.command("users", "add", "ada", "--role", "admin")
    refused = with_stdin(directory, "", "users", "remove", "ada")
    assert (refused.returncode, "last admin" in refused.stderr) == (1, True)


def test_what_commands_change_stands_in_the_trail_without_the_password(directory):
    with_stdin(directory, GOOD, "users", "add", "gone", "--password-stdin")
    directory.command("users", "remove", "gone")
    rows = directory.command("audit", "--target", "gone", "--json").stdout
    assert [row["operation"] for row in json.loads(rows)] == ["openrum users remove", "openrum users add"]
    assert GOOD not in rows


def test_a_first_start_leaves_users_alone_that_a_command_made(directory):
    with directory:
        assert "access key id" in directory.last_words()
        assert "password  " not in directory.last_words()
        assert "admin" not in users(directory)


def test_beside_a_running_server_a_removed_user_is_out_within_seconds(directory):
    with directory:
        with_stdin(directory, GOOD, "users", "add", "finn", "--password-stdin")
        assert signs_in(directory, "finn", GOOD)
        with_stdin(directory, "another fine one", "users", "passwd", "finn", "--password-stdin")
        assert not signs_in(directory, "finn", GOOD)
        assert signs_in(directory, "finn", "another fine one")
        directory.command("users", "remove", "finn")
        assert not signs_in(directory, "finn", "another fine one")


def test_a_data_directory_from_before_there_were_users_gets_them_by_command(tmp_path):
    with Server(tmp_path / "data") as server:
        pass
    server.command("users", "add", "ada", "--role", "admin")
    server.command("users", "remove", "admin")
    server.log.unlink()
    with server:
        assert "password  " not in server.last_words()
        assert list(users(server)) == ["ada"]
