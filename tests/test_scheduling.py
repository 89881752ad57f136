"""What docs/scheduling.md says to paste works: the cron line, the CI jobs, the units' settings."""

import configparser
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import validate

from nhiscan.export.schemas import schema
from tests.conftest import NOW, Project

TEXT = (Path(__file__).parents[1] / "docs/scheduling.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_ci_jobs_are_yaml_and_scan() -> None:
    github, gitlab = map(yaml.safe_load, blocks("yaml"))
    steps = github["jobs"]["nhiscan"]["steps"]
    assert any("nhiscan scan" in step.get("run", "") for step in steps)
    assert "nhiscan scan" in gitlab["nhiscan"]["script"][0]
    assert gitlab["nhiscan"]["allow_failure"] == {"exit_codes": [1]}


def test_incomplete_coverage_stays_a_failure_of_the_unit() -> None:
    service, timer = blocks("ini")
    unit = configparser.ConfigParser()
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(service)
    assert unit["Service"]["SuccessExitStatus"] == "1"
    assert unit["Service"]["ProtectSystem"] == "strict"
    assert "Persistent=true" in timer


@pytest.mark.slow
def test_the_cron_line_scans_writes_the_summary_and_tells_the_exit_code(project: Project) -> None:
    line = blocks("cron")[0].splitlines()[-1].split(" ", 5)[5]
    for folder in ("/etc/nhiscan", "/var/lib/nhiscan"):
        line = line.replace(folder, str(project.path))
    commands = Path(sys.executable).parent
    done = subprocess.run(  # noqa: S603 - our own document's command
        ["/bin/sh", "-c", line],
        env=project.environment
        | {"PATH": f"{commands}:/usr/bin:/bin", "HOME": "/nonexistent"}
        | {"NHISCAN_NOW": NOW.isoformat()},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    # The sample estate refuses one source on purpose.
    assert "nhiscan ended with 3" in done.stdout, done.stderr
    made = json.loads((project.path / "summary.json").read_text("utf-8"))
    validate(made, schema("summary"))
    assert made["counts_are_lower_bounds"]
    assert made["new"] == made["open"] > 0
