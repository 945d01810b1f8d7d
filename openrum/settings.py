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

from openrum.client_address import is_field_name, read_networks
from openrum.limits import Limits

PREFIX = "OPENRUM_"
LIMIT_PREFIX = "OPENRUM_LIMIT_"

_REGION = re.compile(r"[a-z]{2}(-[a-z0-9]+)+-\d+")
_ACCOUNT = re.compile(r"\d{12}")
_DAY_MS = 86_400_000
_MAX_DISK_MIN = 100_000_000
_BYTES = re.compile(r"([0-9]+)\s*([kKMGT]?)B")
_UNITS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


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
    journal_retention_days: int = setting(
        0, "days that the journal is kept, if fewer: raw events and rebuilds go with it; 0 is all"
    )
    replay_retention_days: int = setting(0, "days that session replays are kept, if fewer; 0 is all")
    max_disk: int = setting(
        0,
        "bytes of journal and store, as 500000000, 500MB or 20GB, 100MB at least: near it a warning, "
        "beyond it the oldest day goes; 0 is no bound",
    )
    row_workers: int = setting(1, "processes that enrich events where many come; 0 leaves it to the server's own")
    deletion_grace_days: int = setting(
        7, "days in which a deleted monitor can be restored; then its events are deleted"
    )
    monitors_max: int = setting(1_000, "app monitors there may be at once")
    requests_per_second: float = setting(0.0, "PutRumEvents quota of each monitor, as a token bucket; 0 is none")
    console_idle_minutes: int = setting(720, "minutes after which a console sign-in that nobody uses ends")
    console_session_hours: int = setting(336, "hours after which a console sign-in ends, however much it is used")
    public_url: str = setting("", "the address that browsers use, for snippets; empty is http://<host>:<port>")
    geo_database: str = setting(
        "", "path of a MaxMind-format database (.mmdb) of countries or cities; empty is the small table of countries"
    )
    trusted_proxies: str = setting("", "addresses and networks of your own proxies, with commas between; empty is none")
    country_header: str = setting("", "header in which a trusted proxy names the client's country; empty is none")
    subdivision_header: str = setting("", "header in which a trusted proxy names the subdivision; empty is none")
    canary_s: int = setting(60, "seconds from one canary event through the door to the next; 0 sends none")
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
            "journal_retention_days": (0 <= self.journal_retention_days <= self.retention_days, "0 to retention_days"),
            "replay_retention_days": (0 <= self.replay_retention_days <= self.retention_days, "0 to retention_days"),
            "max_disk": (self.max_disk == 0 or self.max_disk >= _MAX_DISK_MIN, "0, or 100MB or more"),
            "row_workers": (0 <= self.row_workers <= 64, "0 to 64"),
            "deletion_grace_days": (0 <= self.deletion_grace_days <= 3_650, "0 to 3650"),
            "monitors_max": (self.monitors_max >= 1, "1 or more"),
            "requests_per_second": (0 <= self.requests_per_second < float("inf"), "0 or more"),
            "console_idle_minutes": (1 <= self.console_idle_minutes <= 525_600, "1 to 525600"),
            "console_session_hours": (1 <= self.console_session_hours <= 8_760, "1 to 8760"),
            "canary_s": (self.canary_s >= 0, "0 or more"),
            "log_format": (self.log_format in ("auto", "json", "pretty"), "auto, json or pretty"),
            "log_level": (self.log_level in ("debug", "info", "warning", "error"), "debug, info, warning or error"),
        }
        for name, (holds, expected) in rules.items():
            if not holds:
                raise SettingsError(f"{name} is {getattr(self, name)!r}; it must be {expected}")
        self._check_proxies()

    def _check_proxies(self) -> None:
        try:
            networks = read_networks(self.trusted_proxies)
        except ValueError as error:
            raise SettingsError(f"trusted_proxies: {error}") from None
        for name in ("country_header", "subdivision_header"):
            header = getattr(self, name)
            if header and not is_field_name(header):
                raise SettingsError(f"{name} is {header!r}; it must be the name of a header, such as CF-IPCountry")
            if header and not networks:
                raise SettingsError(f"{name} is set, but trusted_proxies is empty: nobody's {header} would be believed")
        if self.subdivision_header and not self.country_header:
            raise SettingsError("subdivision_header is set, but country_header is not: a subdivision needs its country")

    @property
    def retention_ms(self) -> int:
        """Retention in milliseconds."""
        return self.retention_days * _DAY_MS

    @property
    def console_idle_ms(self) -> int:
        """How long a console sign-in lasts unused, in milliseconds."""
        return self.console_idle_minutes * 60_000

    @property
    def console_session_ms(self) -> int:
        """How long a console sign-in lasts at most, in milliseconds."""
        return self.console_session_hours * 3_600_000

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
    if kind is int and (size := _BYTES.fullmatch(text)):
        return int(size[1]) * _UNITS[size[2]]
    try:
        return kind(text)
    except ValueError:
        raise SettingsError(
            f"{name} is {text!r}; it must be {'a whole number' if kind is int else 'a number'}"
        ) from None
