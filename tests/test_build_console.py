"""The Node.js that builds and checks the console is the one of its Python package, whatever the machine has."""

import json

import pytest

from build_console import node

pytestmark = pytest.mark.slow


def test_a_script_of_the_console_runs_by_the_same_node_on_a_machine_with_another_or_none(tmp_path, monkeypatch):
    package = {"name": "sample", "version": "1.0.0", "scripts": {"which": "node --version"}}
    (tmp_path / "package.json").write_text(json.dumps(package))
    other = tmp_path / "other"
    other.mkdir()
    (other / "node").write_text("#!/bin/sh\necho another\n")
    (other / "node").chmod(0o755)
    monkeypatch.setenv("PATH", f"{other}:/usr/bin:/bin")
    ours = node("node", ["--version"], tmp_path)
    assert node("npm", ["run", "--silent", "which"], tmp_path) == ours
