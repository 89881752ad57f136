"""The real adapter through the real engine: killed and resumed, a scan of AWS ends the same."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nhiscan.store.read import open_reader
from tests.conftest import NOW, Project

VIEWS = (
    "accounts", "identities_history", "credentials_history", "grants_history", "trusts_history",
    "parties", "ownership_claims", "reach", "shared", "findings_history", "scans",
)  # fmt: skip


def seen(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    with open_reader(store) as con:
        views = {view: con.execute(f"FROM {view} ORDER BY ALL").fetchall() for view in VIEWS}
        # How often a throttled call was repeated is no fact about the cloud.
        sql = "SELECT * EXCLUDE calls FROM coverage ORDER BY ALL"
        return views | {"coverage": con.execute(sql).fetchall()}


@pytest.mark.slow
def test_killed_and_resumed(scanned: Project, project: Project) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own command
        [str(Path(sys.executable).with_name("nhiscan")), "scan", "--jobs", "2"],
        cwd=project.path,
        env=os.environ | project.environment | {"NHISCAN_NOW": NOW.isoformat()},
        stderr=subprocess.DEVNULL,
    )
    scans = project.path / "nhiscan.duckdb.d" / "scans"
    while process.poll() is None and len(list(scans.glob("*/unit-*.jsonl.gz"))) < 3:
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -9
    done = len(list(scans.glob("*/unit-*.jsonl.gz")))
    assert 3 <= done < 11
    assert not project.store.exists()
    result = project.run("scan", "--resume")
    assert result.returncode == 3, result.stderr
    assert result.stderr.count(" read") >= 11 - done
    assert seen(project.store) == seen(scanned.store)
