"""Every setting: name, default, help. Read here once, frozen, and handed on by `app` and `cli`; nobody else reads the
environment.

A setting `data_dir` is the option `--data-dir` and the variable `OPENRUM_DATA_DIR`; an option given on the command line
wins. Each bound of `limits.py` is a setting too: `OPENRUM_LIMIT_QUERY_ROWS=500`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from openrum.limits import Limits

PREFIX = "OPENRUM_"
LIMIT_PREFIX = "OPENRUM_LIMIT_"

_REGION = re.compile(r"[a-z]{2}(-[a-z0-9]+)+-\d+")
_ACCOUNT = re.compile(r"\d{12}")
_DAY_MS = 86_400_000


class SettingsError(ValueError):
    """A setting has a value that cannot be used. The message names it and says what would do."""


def setting(default: Any, help: str) -> Any:
    """A field of `Settings` with the sentence that documents it."""
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings in force."""

    host: str = setting("127.0.0.1", "address to listen on; 0.0.0.0 for all")
    port: int = setting(8080, "port to listen on; 0 lets the system choose")
    data_dir: Path = setting(  # noqa: RUF009 - a Path cannot change
        Path("openrum-data"), "where everything is kept: journal, store, control, credentials"
    )
    auth: bool = setting(True, "off accepts everything unsigned and as admin: for laptops and CI alone")
    demo: bool = setting(False, "the demo shop under /demo/, and a monitor with 14 days of synthetic visits")
    region: str = setting("us-east-1", "region in ARNs and in the client snippet")
    account_id: str = setting("000000000000", "account in ARNs")
    signing_region: str = setting("", "the only region taken in a signature's scope; empty takes any")
    database_url: str = setting(
        "", "postgresql+psycopg://… of the control database; empty is SQLite in the data directory"
    )
    store: str = setting("duckdb", "the engine behind the answers")
    retention_days: int = setting(90, "days that the journal and the rows are kept")
    deletion_grace_days: int = setting(
        7, "days in which a deleted monitor can be restored; then its events are deleted"
    )
    monitors_max: int = setting(1_000, "app monitors there may be at once")
    requests_per_second: float = setting(0.0, "PutRumEvents quota of each monitor, as a token bucket; 0 is none")
    public_url: str = setting("", "the address that browsers use, for snippets; empty is http://<host>:<port>")
    log_format: str = setting("auto", "json, pretty, or auto: pretty on a terminal")
    log_level: str = setting("info", "debug, info, warning or error")

    def __post_init__(self) -> None:
        rules = {
            "port": (0 <= self.port <= 65_535, "0 to 65535"),
            "region": (_REGION.fullmatch(self.region) is not None, "a region such as eu-central-1"),
            "account_id": (_ACCOUNT.fullmatch(self.account_id) is not None, "12 digits"),
            "signing_region": (
                not self.signing_region or _REGION.fullmatch(self.signing_region) is not None,
                "empty, or a region such as eu-central-1",
            ),
            "store": (self.store == "duckdb", "duckdb"),
            "database_url": (
                not self.database_url or self.database_url.startswith(("postgresql+psycopg://", "sqlite:///")),
                "empty, or a URL that begins with postgresql+psycopg://",
            ),
            "retention_days": (1 <= self.retention_days <= 3_650, "1 to 3650"),
            "deletion_grace_days": (0 <= self.deletion_grace_days <= 3_650, "0 to 3650"),
            "monitors_max": (self.monitors_max >= 1, "1 or more"),
            "requests_per_second": (0 <= self.requests_per_second < float("inf"), "0 or more"),
            "log_format": (self.log_format in ("auto", "json", "pretty"), "auto, json or pretty"),
            "log_level": (self.log_level in ("debug", "info", "warning", "error"), "debug, info, warning or error"),
        }
        for name, (holds, expected) in rules.items():
            if not holds:
                raise SettingsError(f"{name} is {getattr(self, name)!r}; it must be {expected}")

    @property
    def retention_ms(self) -> int:
        """Retention in milliseconds."""
        return self.retention_days * _DAY_MS

    @property
    def deletion_grace_ms(self) -> int:
        """The grace of deleted monitors in milliseconds."""
        return self.deletion_grace_days * _DAY_MS


def variable(name: str) -> str:
    """The environment variable of a setting: data_dir → OPENRUM_DATA_DIR."""
    return PREFIX + name.upper()


def read_settings(environment: Mapping[str, str], **options: Any) -> Settings:
    """Settings from defaults, then the environment, then the options that are not None. Raises SettingsError."""
    hints = get_type_hints(Settings)
    values: dict[str, Any] = {}
    for each in fields(Settings):
        text = environment.get(variable(each.name))
        if text is not None and text != "":
            values[each.name] = _parse(each.name, hints[each.name], text)
    values.update({name: value for name, value in options.items() if value is not None})
    return Settings(**values)


def read_limits(environment: Mapping[str, str]) -> Limits:
    """Limits from defaults and the environment. Raises SettingsError, also where they do not fit together."""
    known = {LIMIT_PREFIX + each.name.upper(): each.name for each in fields(Limits)}
    values: dict[str, int] = {}
    for variable_name, text in environment.items():
        if not variable_name.startswith(LIMIT_PREFIX) or text == "":
            continue
        if variable_name not in known:
            raise SettingsError(f"{variable_name} names no limit; docs/operations.md lists them")
        values[known[variable_name]] = _parse(variable_name, int, text)
    try:
        return replace(Limits(), **values)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _parse(name: str, kind: type, text: str) -> Any:
    if kind is bool:
        if text.lower() in ("on", "1", "true", "yes"):
            return True
        if text.lower() in ("off", "0", "false", "no"):
            return False
        raise SettingsError(f"{name} is {text!r}; it must be on or off")
    try:
        return kind(text)
    except ValueError:
        raise SettingsError(
            f"{name} is {text!r}; it must be {'a whole number' if kind is int else 'a number'}"
        ) from None
