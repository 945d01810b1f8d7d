"""Where things lie in the data directory, and the two small files that commands read: credentials and serving.json.

Makes paths and files of ours alone; opens neither journal nor store nor database.
"""

import configparser
import json
from dataclasses import dataclass, field
from pathlib import Path

from openrum.durable_files import write_whole
from openrum.errors import Unavailable

PROFILE = "openrum"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The access key of the first start, as the AWS credentials file holds it."""

    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True, slots=True)
class FirstStart:
    """What the first start makes and tells once. `password` is that of the first console user; it is kept nowhere."""

    credentials: Credentials
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """One data directory. Several may exist on a machine; one server runs on each."""

    root: Path

    @property
    def journal(self) -> Path:
        """A SQLite file per UTC day of receipt."""
        return self.root / "journal"

    @property
    def control_url(self) -> str:
        """The SQLAlchemy URL of the default control database."""
        return f"sqlite:///{self.root / 'control.sqlite'}"

    @property
    def credentials_file(self) -> Path:
        """AWS credentials-file form, mode 0600."""
        return self.root / "credentials"

    @property
    def serving_file(self) -> Path:
        """Where the running server listens; there only while it runs."""
        return self.root / "serving.json"

    def create(self) -> None:
        """Make the directory, readable by its owner alone. Unavailable, with what to do, where that is refused."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"cannot make the data directory {self.root}: {error.strerror}; choose another with --data-dir"
            ) from None

    def write_credentials(self, credentials: Credentials, region: str) -> None:
        """Keep the first access key where every AWS client can read it."""
        text = (
            f"[{PROFILE}]\naws_access_key_id = {credentials.access_key_id}\n"
            f"aws_secret_access_key = {credentials.secret_access_key}\nregion = {region}\n"
        )
        write_whole(self.credentials_file, text.encode())

    def read_credentials(self) -> Credentials | None:
        """The first access key, or None where the file is gone."""
        parser = configparser.ConfigParser()
        parser.read(self.credentials_file)
        if PROFILE not in parser:
            return None
        section = parser[PROFILE]
        return Credentials(section["aws_access_key_id"], section["aws_secret_access_key"])

    def write_serving(self, host: str, port: int, pid: int) -> None:
        """Tell commands beside the server where it listens."""
        write_whole(self.serving_file, json.dumps({"host": host, "port": port, "pid": pid}).encode())

    def read_serving(self) -> tuple[str, int] | None:
        """Host and port of the running server, or None. A killed server may leave an old address behind."""
        try:
            serving = json.loads(self.serving_file.read_text(encoding="utf-8"))
            return serving["host"], serving["port"]
        except (OSError, ValueError, KeyError):
            return None
