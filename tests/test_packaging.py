"""What is shipped: the wheel, the lock, the sample logs with their notices, the desktop files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trespass

CHECKOUT = Path(trespass.CHECKOUT)


def test_the_wheel_carries_the_resources(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    result = subprocess.run(build, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr

    (wheel,) = tmp_path.glob("tokentrack_desktop-*.whl")
    shipped = set(zipfile.ZipFile(wheel).namelist())
    resources = {str(file.relative_to(CHECKOUT)) for file in (CHECKOUT / "resources").rglob("*") if file.is_file()}
    assert {f"tokentrack/{name}" for name in resources} <= shipped
    assert not any(name.startswith("tests/") for name in shipped)


def test_the_lock_holds_every_dependency_by_hash_and_names_no_host() -> None:
    lock = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    assert {re.split(r"[<>=;! ]", name)[0].lower() for name in wanted} <= locked
    assert all("--hash=sha256:" in entry for entry in re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE)[1:])
    assert "://" not in lock
    assert "--find-links" not in lock


def test_every_sample_log_has_its_notice(sample_logs: Path) -> None:
    notice = (sample_logs.parent / "NOTICE.md").read_text(encoding="utf-8")
    logs = [file for file in sample_logs.rglob("*") if file.is_file()]
    assert {file.relative_to(sample_logs / "projects").as_posix() for file in logs} == set(
        re.findall(r"^\* `(.*)`$", notice, re.MULTILINE)
    )
    assert sum(file.stat().st_size for file in logs) < 2_000_000


def test_the_expected_totals_are_those_of_the_sample_logs(
    sample_logs: Path, expected: Callable[[str], dict[str, Any]]
) -> None:
    demo = expected("demo")
    assert {file.stem for file in sample_logs.glob("projects/*/*.jsonl")} == set(demo["sessions"])
    for kind, total in demo["total"].items():
        assert total == sum(session[kind] for session in demo["sessions"].values())


def test_sample_logs_are_whole_lines_of_json(sample_logs: Path) -> None:
    for file in sample_logs.rglob("*.jsonl"):
        lines = file.read_bytes().split(b"\n")
        assert lines.pop() == b""
        assert all(isinstance(json.loads(line), dict) for line in lines)


def test_desktop_files_are_valid() -> None:
    validate = shutil.which("desktop-file-validate")
    if not validate:
        pytest.skip("desktop-file-validate is not installed")
    files = map(str, (CHECKOUT / "packaging/linux").glob("*.desktop"))
    result = subprocess.run([validate, *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_what_ci_runs_is_what_the_readme_tells() -> None:
    lines = (CHECKOUT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("make")] == ["make test", "make test-agents"]
    readme = CHECKOUT / "README.md"
    assert not readme.exists() or "make test" in readme.read_text(encoding="utf-8")
