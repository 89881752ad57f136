"""SARIF: results with real lines, honest kinds, stable fingerprints, and the tenant wall."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project

# The properties of SARIF 2.1.0 objects that are written (OASIS, 3.13 to 3.58), `!` for required.
OBJECTS = {
    "log": "$schema version! runs!",
    "run": "tool! automationDetails columnKind results",
    "driver": "name! version rules",
    "rule": "id! shortDescription fullDescription help defaultConfiguration properties",
    "result": "ruleId ruleIndex kind level message! locations partialFingerprints properties"
    " suppressions",
    "location": "physicalLocation logicalLocations",
    "physical": "artifactLocation! region",
    "suppression": "kind! status justification",
}
KINDS = {"fail": {"error", "warning", "note"}, "open": {"none"}}


def well_formed(kind: str, value: dict[str, Any]) -> None:
    names = OBJECTS[kind].split()
    assert set(value) <= {name.rstrip("!") for name in names}, kind
    assert {name[:-1] for name in names if name.endswith("!")} <= set(value), kind


def checked(content: bytes) -> list[dict[str, Any]]:
    """Check the structure and return the results."""
    log = json.loads(content)
    well_formed("log", log)
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    well_formed("run", run)
    rules = run["tool"]["driver"]["rules"]
    well_formed("driver", run["tool"]["driver"])
    for rule in rules:
        well_formed("rule", rule)
        assert rule["help"]["text"]
    results: list[dict[str, Any]] = run["results"]
    for result in results:
        well_formed("result", result)
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in KINDS[result["kind"]]
        [location] = result["locations"]
        well_formed("location", location)
        well_formed("physical", location["physicalLocation"])
        assert location["physicalLocation"]["region"]["startLine"] >= 1
        for suppression in result.get("suppressions", []):
            well_formed("suppression", suppression)
    assert len({json.dumps(result["partialFingerprints"]) for result in results}) == len(results)
    return results


def export(project: Project, target: Path, *more: str) -> list[dict[str, Any]]:
    done = project.run("export", "sarif", "-o", str(target), *more)
    assert done.returncode == 0, done.stderr
    results = checked(target.read_bytes())
    assert f"{len(results)} result" in done.stderr
    return results


def place(result: dict[str, Any]) -> tuple[str, int]:
    physical = result["locations"][0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def test_each_finding_that_a_file_answers_for(scanned: Project, tmp_path: Path) -> None:
    results = export(scanned, tmp_path / "a.sarif")
    answer = scanned.run(
        *("sql", "--format", "json"),
        "SELECT finding_id, rule, status, evidence FROM findings WHERE status <> 'resolved'",
    )
    expected = {}
    for row in json.loads(answer.stdout):
        facts = json.loads(row["evidence"])["facts"]
        if facts.get("file"):
            expected[row["finding_id"]] = (row["rule"], row["status"], facts["line"])
    got = {
        result["partialFingerprints"]["nhiscan"]: (
            result["ruleId"],
            result["properties"]["status"],
            place(result)[1],
        )
        for result in results
        if not result["ruleId"].startswith("CFG-")
    }
    assert got == expected
    assert {"CTL-01", "CTL-04", "CTL-09", "EVD-01"} <= {rule for rule, _, _ in expected.values()}


def test_lines_are_those_of_the_files(scanned: Project, tmp_path: Path) -> None:
    results = export(scanned, tmp_path / "a.sarif")
    assert str(scanned.path).encode() not in (tmp_path / "a.sarif").read_bytes()
    for result in results:
        uri, line = place(result)
        above = (scanned.path / uri).read_text("utf-8").splitlines()[:line]
        ids = [text.split("- id:")[1].strip() for text in above if text.startswith("  - id:")]
        assert ids[-1] == result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]


def test_unknown_is_open_and_not_a_failure(scanned: Project, tmp_path: Path) -> None:
    results = export(scanned, tmp_path / "a.sarif")
    unknown = [result for result in results if result["properties"]["status"] == "unknown"]
    assert unknown
    assert {result["kind"] for result in unknown} == {"open"}
    known = [result for result in results if result["properties"]["status"] == "open"]
    assert {result["kind"] for result in known} == {"fail"}


def test_again_gives_the_same_bytes(scanned: Project, tmp_path: Path) -> None:
    export(scanned, tmp_path / "a.sarif")
    done = scanned.run(
        "export", "sarif", "-o", str(tmp_path / "b.sarif"), now="2027-01-01T00:00:00Z"
    )
    assert done.returncode == 0
    assert (tmp_path / "a.sarif").read_bytes() == (tmp_path / "b.sarif").read_bytes()


def test_a_clients_file_names_no_other_client(scanned: Project, tmp_path: Path) -> None:
    results = export(scanned, tmp_path / "a.sarif", "--tenant", "granite")
    assert results
    assert {place(result)[0] for result in results} == {"matrix/clients/granite.yaml"}
    text = (tmp_path / "a.sarif").read_text("ascii").lower()
    assert not [word for word in ("acme", "juniper", "harbor", "lakeside") if word in text]


@pytest.mark.usefixtures("sandbox")
def test_a_fault_of_the_files_is_a_result_until_it_is_mended(
    project: Project, tmp_path: Path
) -> None:
    assert project.run("scan", "--tenant", "juniper").returncode in (0, 3)
    file = project.path / "matrix/clients/juniper.yaml"
    before = file.read_text("utf-8")
    file.write_text(before.replace("    statement:", "    \u202e[statement](x){0}:", 1), "utf-8")
    results = export(project, tmp_path / "a.sarif", "--tenant", "juniper")
    faults = [result for result in results if result["ruleId"] == "CFG-04"]
    [fault] = faults
    assert place(fault)[0] == "matrix/clients/juniper.yaml"
    line = file.read_text("utf-8").splitlines()[place(fault)[1] - 1]
    assert "[statement](x){0}" in line
    text = fault["message"]["text"]
    assert "\\[statement\\](x){{0}}" in text
    assert "\u202e" not in text
    file.write_text(before, "utf-8")
    mended = export(project, tmp_path / "b.sarif", "--tenant", "juniper")
    assert "CFG-04" not in {result["ruleId"] for result in mended}
