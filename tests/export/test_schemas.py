"""JSON Schemas: what the commands write fits them, and what is wrong does not."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from nhiscan.evidence.usage import read_usage
from nhiscan.export.schemas import NAMES, export, schema
from tests.conftest import Project

_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda v: isinstance(v, str),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "null": lambda v: v is None,
}


def faults(value: Any, rule: dict[str, Any], where: str = "line") -> list[str]:
    """Check the keywords that our schemas use."""
    types = rule.get("type", list(_IS))
    found = []
    if not any(_IS[one](value) for one in ([types] if isinstance(types, str) else types)):
        return [f"{where}: not {types}"]
    if "enum" in rule and value not in rule["enum"]:
        found.append(f"{where}: {value!r} is none of {rule['enum']}")
    if rule.get("format") == "date-time" and value is not None:
        try:
            aware = datetime.fromisoformat(value).tzinfo is not None
        except ValueError:
            aware = False
        found += [] if aware else [f"{where}: no time"]
    if isinstance(value, list) and "items" in rule:
        found += [f for one in value for f in faults(one, rule["items"], f"{where}[]")]
    if isinstance(value, dict) and "properties" in rule:
        found += [f"{where}.{name}: required" for name in rule["required"] if name not in value]
        for name, one in value.items():
            if name in rule["properties"]:
                found += faults(one, rule["properties"][name], f"{where}.{name}")
    return found


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def assert_fits(name: str, found: list[dict[str, Any]]) -> None:
    """Every line is valid, and no field of ours is left undescribed."""
    assert found
    rule = schema(name)
    assert [fault for line in found for fault in faults(line, rule)] == []
    assert {key for line in found for key in line} == set(rule["properties"])


def test_gaps(scanned: Project, tmp_path: Path) -> None:
    done = scanned.run("export", "gaps", "--to", str(tmp_path), "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    files = sorted(tmp_path.rglob("*.jsonl"))
    found = [line for file in files for line in lines(file.read_text("utf-8"))]
    rule = schema("gaps")
    assert len(found) > 300
    assert [fault for line in found for fault in faults(line, rule)] == []
    # Others may add columns; those described here must stay.
    assert set(rule["properties"]) <= set(found[0])


def test_why(scanned: Project) -> None:
    done = scanned.run("why", "deploy-bot", "--format", "jsonl")
    assert_fits("why", lines(done.stdout))


def test_evidence(scanned: Project) -> None:
    done = scanned.run("evidence", "list", "--format", "jsonl")
    assert_fits("evidence", lines(done.stdout))


def test_a_line_of_usage_that_fits_is_taken(tmp_path: Path) -> None:
    event = dict.fromkeys(schema("usage")["properties"], "x")
    event["time"] = "2026-05-01T06:00:00Z"
    assert faults(event, schema("usage")) == []
    (tmp_path / "usage.jsonl").write_text(json.dumps(event) + "\n")
    [row] = read_usage(tmp_path / "usage.jsonl")
    # Every described field is read: none is lost.
    assert None not in row
    assert len(row) == 1 + len(event)


@pytest.mark.parametrize(
    "change",
    [{"severity": "worst"}, {"first_seen": "yesterday"}, {"title": None}, {"unread": "x"}],
)
def test_what_is_wrong_does_not_fit(change: dict[str, Any]) -> None:
    good = {
        "finding_fp": "find_1",
        "client": "acme",
        "rule": "OWN-01",
        "severity": "high",
        "title": "t",
        "status": "open",
        "owner": None,
        "first_seen": "2026-05-01T06:00:00Z",
        "last_seen": "2026-05-01T06:00:00Z",
    }
    assert faults(good, schema("gaps")) == []
    assert len(faults(good | change, schema("gaps"))) == 1


def test_command(scanned: Project, tmp_path: Path) -> None:
    done = scanned.run("export", "schemas", "--to", str(tmp_path / "s"))
    assert done.returncode == 0, done.stderr
    assert [Path(line).name for line in done.stdout.splitlines()] == [
        f"{name}.schema.json" for name in sorted(NAMES)
    ]
    before = {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    export(tmp_path / "s")
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    assert json.loads(before["gaps.schema.json"]) == schema("gaps")
    (tmp_path / "file").write_text("")
    assert scanned.run("export", "schemas", "--to", str(tmp_path / "file/x")).returncode == 2


@pytest.mark.parametrize("name", NAMES)
def test_the_documented_schema_is_the_one_written(name: str) -> None:
    told = (Path(__file__).parents[2] / f"docs/schemas/{name}.schema.json").read_text("ascii")
    assert json.loads(told) == schema(name), "nhiscan export schemas --to docs/schemas"
