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
    """A running server. `new_database` makes a fresh database and tells its URL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._engine = sa.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")

    def new_database(self, template: str = "template1") -> str:
        """A database of its own, as empty or as full as the template; its URL."""
        name = f"t{next(self._numbers)}"
        with self._engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://{_USER}@/{database}?host={self._folder}"

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def running_cluster(programs: Path) -> Iterator[Cluster]:
    """Start one, and stop it at the end. Durability is off: nothing of it outlives the tests."""
    folder = Path(tempfile.mkdtemp(prefix="openrum-pg-"))
    run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=PATIENCE_S)
    if os.geteuid() == 0:
        run = partial(run, user=_USER, group=_USER, extra_groups=[])
        account = pwd.getpwnam(_USER)
        os.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"
    try:
        # C collation: other machines may have no locale but that
        initdb = [programs / "initdb", "-D", data, "-U", _USER, "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
        run(initdb)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
        control = [programs / "pg_ctl", "-D", data, "-w", "-s"]
        run([*control, "-l", folder / "log", "-o", options, "start"])
        cluster = Cluster(folder)
        try:
            yield cluster
        finally:
            cluster.close()
            run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder)
