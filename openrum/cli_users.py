"""`openrum users …`: the console's users, by whoever has the data directory. Works beside a running server.

A password is asked for on a terminal, read from standard input with `--password-stdin`, and else made and printed once. It is
never an option: options stand in the list of processes and in the shell's history.
"""

import sys
from typing import Annotated

import typer

from openrum import app as application
from openrum.cli_access import AsJson, DataDir, noted, settings_of
from openrum.cli_output import fail, print_json, print_table, say
from openrum.control.dates import iso
from openrum.control.passwords import CHARS_MAX, CHARS_MIN, check_password, generated_password
from openrum.control.users import USER_ROLES, checked_name

users = typer.Typer(help="Users of the console: make, list, give a new password, remove.", no_args_is_help=True)

FromStdin = Annotated[bool, typer.Option("--password-stdin", help="take the password from standard input")]


@users.command("add")
def add_user(
    name: str,
    role: Annotated[str, typer.Option(help=" or ".join(USER_ROLES))] = "viewer",
    from_stdin: FromStdin = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a user. Without a terminal and without --password-stdin, a password is made and shown this once."""
    name = checked_name(name)
    password, made = _password(name, from_stdin=from_stdin)
    control = application.Control(settings_of(data_dir))
    with noted(control, "users add", name):
        control.users.create(name, role, password)
    if as_json:
        print_json({"name": name, "role": role, **({"password": password} if made else {})})
    else:
        say(f"{name} may sign in, with the role {role}")
        _say_password(password, made=made)


@users.command("passwd")
def set_password(name: str, from_stdin: FromStdin = False, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Give a user a new password. All of the user's sign-ins end within seconds."""
    password, made = _password(name, from_stdin=from_stdin)
    control = application.Control(settings_of(data_dir))
    with noted(control, "users passwd", name):
        control.users.set_password(name, password)
    if as_json:
        print_json({"name": name.lower(), **({"password": password} if made else {})})
    else:
        say(f"{name.lower()} has a new password")
        _say_password(password, made=made)


@users.command("list")
def list_users(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the users."""
    found = application.Control(settings_of(data_dir)).users.list()
    columns = ["name", "role", "created", "password_set", "signed_in"]
    rows = [
        [
            each.name,
            each.role,
            *(iso(at) + "Z" if at else "" for at in (each.created_ms, each.password_ms, each.signed_in_ms)),
        ]
        for each in found
    ]
    if as_json:
        print_json([{name: value or None for name, value in zip(columns, row, strict=True)} for row in rows])
    else:
        print_table(["Name", "Role", "Created", "Password set", "Signed in"], rows)


@users.command("remove")
def remove_user(name: str, data_dir: DataDir = None) -> None:
    """Remove a user. All of the user's sign-ins end within seconds. The last admin stays."""
    control = application.Control(settings_of(data_dir))
    with noted(control, "users remove", name):
        control.users.remove(name)
    say(f"{name.lower()} is removed")


def _password(name: str, *, from_stdin: bool) -> tuple[str, bool]:
    """The password, checked, and whether it was made here."""
    if from_stdin:
        password = sys.stdin.readline(4 * CHARS_MAX).rstrip("\r\n")
    elif sys.stdin.isatty():
        asked = f"Password (at least {CHARS_MIN} characters; empty to have one made)"
        password = typer.prompt(asked, default="", show_default=False, hide_input=True)
        if not password:
            return generated_password(), True
        check_password(password, name)  # before it is typed again
        if password != typer.prompt("The same again", default="", show_default=False, hide_input=True):
            fail("the two passwords differ; nothing was changed")
    else:
        return generated_password(), True
    check_password(password, name)
    return password, False


def _say_password(password: str, *, made: bool) -> None:
    if made:
        say(f"The password, shown this once:\n  {password}")
