"""The control room with its door on a real socket, and stock clients for it."""

import asyncio
import shutil
import threading
import time

import boto3
import botocore
import pytest
import sqlalchemy as sa
import uvicorn
from botocore.config import Config

from openrum.aws.bodies import InflightBytes
from openrum.control.audit import Audit
from openrum.control.database import Database
from openrum.control.door import ControlDoor
from openrum.control.keys import Keys
from openrum.control.metric_service import MetricService
from openrum.control.metrics import Metrics
from openrum.control.monitors import Monitors
from openrum.control.secrets import Sealer
from openrum.control.service import Service
from openrum.control.snapshot import CachedKeys, Snapshot
from openrum.control.tokens import Tokens
from openrum.limits import DEFAULTS

NOW_MS = 1_767_323_045_000


class Events:
    """GetAppMonitorData's other half: 25 events, page by page, and what was asked."""

    def __init__(self):
        self.asked = []

    def read(self, monitor_id, monitor_name, after_ms, before_ms, filters, max_results, cursor):
        self.asked.append((monitor_name, after_ms, before_ms, filters, max_results))
        start = cursor[0] if cursor else 0
        end = min(start + max_results, 25)
        return [f'{{"n":{number}}}' for number in range(start, end)], (end,) if end < 25 else None


class World:
    """A data directory's control room."""

    def __init__(self, folder, now_ms, url="", **account):
        sealer = Sealer.open(folder)
        self.database = Database(url or f"sqlite:///{folder / 'control.sqlite'}")
        self.keys = Keys(self.database, sealer, now_ms)
        self.monitors = Monitors(self.database, now_ms, region="us-east-1", account_id="000000000000", **account)
        self.snapshot = Snapshot(self.database, self.monitors, self.keys, now_ms)
        self.audit = Audit(self.database)
        self.events = Events()
        tokens = Tokens(sealer)
        metrics = MetricService(Metrics(self.database), tokens)
        self.service = Service(self.monitors, metrics, tokens, self.events, now_ms)
        self.now_ms = self.door_now_ms = now_ms  # a test may set the door's clock apart
        self.url = ""

    def door(self, *, auth=True):
        return ControlDoor(
            service=self.service,
            keys=CachedKeys(self.snapshot),
            limits=DEFAULTS,
            now_ms=lambda: self.door_now_ms(),  # noqa: PLW0108 - looked up at each call
            auth=auth,
            region=None,
            inflight=InflightBytes(DEFAULTS.inflight_bytes),
            audit=self.audit,
            on_change=self.snapshot.load,
        )

    def client(self, role="admin", *, signed=True):
        """boto3 without its own validation, so that ours is what is met."""
        key = self.keys.create(role, role)
        options = {"signature_version": botocore.UNSIGNED} if not signed else {}
        return boto3.client(
            "rum",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=key.id,
            aws_secret_access_key=key.secret,
            config=Config(parameter_validation=False, retries={"total_max_attempts": 1}, **options),
        )


@pytest.fixture(scope="session")
def migrated(postgresql):
    """The name of a PostgreSQL database that has its tables: others are copied from it."""
    url = postgresql.new_database()
    Database(url).close()
    return sa.make_url(url).database


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """An SQLite file that has its tables, likewise."""
    path = tmp_path_factory.mktemp("migrated") / "control.sqlite"
    Database(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """Both databases, for what must hold on both."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path)
        return f"sqlite:///{path}"
    return request.getfixturevalue("postgresql").new_database(request.getfixturevalue("migrated"))


class Hosted:
    """A door on a real socket; `door` may be changed under it."""

    def __init__(self):
        self.door = None
        self.url = ""

    async def __call__(self, scope, receive, send):
        await self.door(scope, receive, send)


@pytest.fixture(scope="module")
def hosted():
    hosted = Hosted()
    server = uvicorn.Server(uvicorn.Config(hosted, port=0, lifespan="off", log_config=None))
    started = threading.Event()

    async def serve():
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.005)
        hosted.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        started.set()
        await task

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    started.wait()
    yield hosted
    server.should_exit = True
    thread.join()


@pytest.fixture
def world(tmp_path, database_url, hosted):
    world = World(tmp_path, lambda: time.time_ns() // 1_000_000, database_url)
    world.snapshot.load()
    world.url, hosted.door = hosted.url, world.door()
    yield world
    world.database.close()


@pytest.fixture
def rum(world):
    return world.client()
