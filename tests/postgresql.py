"""A real PostgreSQL for tests: a cluster of its own in a temporary folder, on a socket there, gone at the end."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa

PATIENCE_S = 60
_USER = "postgres"  # the server refuses to be run by root


def server_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, as Debian's package or the PATH has it; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Cluster:
    """A server of its own. `new_database` makes a fresh database and tells its URL; `stop` and `start` take it away."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._numbers = itertools.count(1)
        self._run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=PATIENCE_S)
        if os.geteuid() == 0:
            self._run = partial(self._run, user=_USER, group=_USER, extra_groups=[])
            account = pwd.getpwnam(_USER)
            os.chown(folder, account.pw_uid, account.pw_gid)
        # C collation: other machines may have no locale but that
        how = ["-U", _USER, "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
        self._run([programs / "initdb", "-D", folder / "data", *how])
        self._engine = sa.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)

    def start(self) -> None:
        """Durability is off: nothing of it outlives the tests."""
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder} -c fsync=off -c full_page_writes=off"
        self._run([*self._control(), "-l", self._folder / "log", "-o", options, "start"])

    def stop(self) -> None:
        """At once, as if the machine were gone."""
        self._run([*self._control(), "-m", "immediate", "stop"])

    def new_database(self, template: str = "template1") -> str:
        """A database of its own, as empty or as full as the template; its URL."""
        name = f"t{next(self._numbers)}"
        with self._engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._url(name)

    def _control(self) -> list[str | Path]:
        return [self._programs / "pg_ctl", "-D", self._folder / "data", "-w", "-s"]

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://{_USER}@/{database}?host={self._folder}"


@contextmanager
def running_cluster(programs: Path) -> Iterator[Cluster]:
    """Make one, start it, and stop it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="openrum-pg-"))
    try:
        cluster = Cluster(programs, folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder)
