"""OSCAL: whole documents, honest verdicts, stable ids, and the tenant wall."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nhiscan.errors import UsageError
from nhiscan.export.oscal import Oscal, _verdict
from nhiscan.store.read import open_reader
from tests.conftest import Project
from tests.export.conftest import Build, finding
from tests.export.oscal_shape import carried, faults
from tests.export.test_gaps import FINDINGS, FOREIGN

YEAR = ("2026", datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def export(store: Path, kind: str, tenant: str, period: Any = YEAR) -> dict[str, Any]:
    with open_reader(store) as con:
        content = Oscal(con, tenant=tenant, period=period).document(kind)
    assert content.isascii()
    made: dict[str, Any] = json.loads(content)
    return made


def asked(project: Project, target: Path, *more: str) -> dict[str, Any]:
    done = project.run("export", "oscal", "-o", str(target), "--period", "2026", *more)
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(target.read_bytes())
    return made


def value(part: dict[str, Any], name: str) -> str:
    found: str = next(one["value"] for one in part["props"] if one["name"] == name)
    return found


def test_results_of_the_estate(scanned: Project, tmp_path: Path) -> None:
    made = asked(
        scanned, tmp_path / "r.json", "--kind", "assessment-results", "--tenant", "granite"
    )
    assert faults(made) == []
    [result] = made["assessment-results"]["results"]
    with open_reader(scanned.store) as con:
        gaps = con.execute("SELECT finding_id FROM findings WHERE tenant_id = 'granite'").fetchall()
        instances = con.execute(
            "SELECT instance_id FROM control_instances WHERE tenant_id = 'granite'"
            " AND responsibility <> 'n/a'"
        ).fetchall()
    assert {value(risk, "finding-id") for risk in result["risks"]} == {row[0] for row in gaps}
    told = {value(one, "instance-id"): one for one in result["findings"]}
    assert set(told) == {row[0] for row in instances}
    assert told["granite/CC6.2/offboarding"]["target"]["status"]["reason"] == "fail"
    assert "CTL-04" in told["granite/CC6.2/offboarding"]["target"]["status"]["remarks"]
    assert "secretsmanager" in result["observations"][0]["description"]
    said = [part["prose"] for one in result["attestations"] for part in one["parts"]]
    assert [text for text in said if "offboarding" in text and "has changed" in text]


def test_plan_and_catalogue_lie_within_and_hold_what_is_pointed_at(
    scanned: Project, tmp_path: Path
) -> None:
    made = asked(
        scanned, tmp_path / "r.json", "--kind", "assessment-results", "--tenant", "granite"
    )
    [result] = made["assessment-results"]["results"]
    plan, catalog = carried(made)
    assert faults(plan) == faults(catalog) == []
    assert made["assessment-results"]["import-ap"]["href"] == f"#{plan['assessment-plan']['uuid']}"
    controls = catalog["catalog"]["controls"]
    [selection] = result["reviewed-controls"]["control-selections"]
    chosen = {one["control-id"] for one in selection["include-controls"]}
    assert chosen == {one["id"] for one in controls}
    objectives = {part["id"] for one in controls for part in one.get("parts", [])}
    assert {one["target"]["target-id"] for one in result["findings"]} == objectives


def test_plan_of_action_and_the_same_bytes_again(scanned: Project, tmp_path: Path) -> None:
    more = ("--kind", "poam", "--tenant", "juniper")
    made = asked(scanned, tmp_path / "a.json", *more)
    assert faults(made) == []
    body = made["plan-of-action-and-milestones"]
    assert len(body["poam-items"]) == len(body["risks"]) > 10
    asked(scanned, tmp_path / "b.json", *more)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    text = (tmp_path / "a.json").read_text("ascii").lower()
    assert not [word for word in ("granite", "acme", "lakeside", "harbor") if word in text]


def test_what_was_not_read_is_never_a_pass() -> None:
    def one(status: str) -> dict[str, Any]:
        return {"rule": "CTL-07", "status": status}

    assert _verdict([], [])[:2] == ("satisfied", "pass")
    assert _verdict([one("resolved")], [])[:2] == ("satisfied", "pass")
    assert _verdict([one("open")], ["iam.users"])[:2] == ("not-satisfied", "fail")
    assert _verdict([one("accepted")], [])[:2] == ("not-satisfied", "fail")
    assert _verdict([one("unknown")], [])[:2] == ("not-satisfied", "other")
    state, reason, remarks = _verdict([], ["iam.users (global): denied"])
    assert (state, reason) == ("not-satisfied", "other")
    assert "iam.users" in (remarks or "")


def test_states_and_people(build: Build) -> None:
    store = build(
        [
            finding("acme", "deploy", owner_id="dana", backup_id="bo"),
            finding("acme", "backup", status="unknown", unread=["iam.users"]),
            finding("acme", "backup", rule="CRD-01", status="accepted"),
            finding("acme", "backup", rule="LIF-01", status="resolved"),
        ]
    )
    made = export(store, "assessment-results", "acme")
    assert faults(made) == []
    [result] = made["assessment-results"]["results"]
    states = {value(risk, "status"): risk["status"] for risk in result["risks"]}
    assert states == {
        "open": "open",
        "unknown": "investigating",
        "accepted": "deviation-approved",
        "resolved": "closed",
    }
    # Bo is of another client.
    parties = made["assessment-results"]["metadata"]["parties"]
    assert [value(party, "party-id") for party in parties] == ["dana"]
    plan = export(store, "poam", "acme")
    assert faults(plan) == []
    assert len(plan["plan-of-action-and-milestones"]["poam-items"]) == 3


def test_a_clients_document_names_no_other_client(build: Build) -> None:
    made = export(build(FINDINGS), "assessment-results", "acme")
    assert faults(made) == []
    text = json.dumps([made, *carried(made)]).lower()
    assert not [word for word in FOREIGN if word in text]


def test_hostile_text_is_no_markup(build: Build) -> None:
    title = "\x1b[31m<b>x</b>\n[a](javascript:x) `c` \u202e"
    made = export(build([finding("acme", "deploy", title=title)]), "poam", "acme")
    assert faults(made) == []
    [item] = made["plan-of-action-and-milestones"]["poam-items"]
    assert "\\<b\\>x" in item["title"]
    assert "\\[a\\](javascript:x)" in item["title"]
    assert not {"\x1b", "\n", "\u202e"} & set(item["title"])


def test_outside_the_period_and_nothing_to_plan(build: Build) -> None:
    store = build([finding("acme", "deploy")])
    before = ("2025", datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    [result] = export(store, "assessment-results", "acme", before)["assessment-results"]["results"]
    assert "risks" not in result
    with pytest.raises(UsageError, match="nothing to plan"):
        export(store, "poam", "acme", before)


def test_a_period_that_is_over_is_told_as_it_stood(scanned: Project, tmp_path: Path) -> None:
    done = scanned.run(
        *("export", "oscal", "--kind", "poam", "--tenant", "granite", "--period", "2026-09"),
        *("-o", str(tmp_path / "x.json")),
    )
    assert done.returncode == 2
    assert "knows nothing of 2026-10-01" in done.stderr
    assert not (tmp_path / "x.json").exists()


def test_the_check_itself_can_fail(build: Build) -> None:
    good = export(build([finding("acme", "deploy")]), "poam", "acme")
    for path, change in (
        ("risks", {"status": "fine"}),
        ("risks", {"deadline": "soon"}),
        ("poam-items", {"title": ""}),
        ("poam-items", {"related-risks": [{"risk-uuid": "x"}]}),
        ("observations", {"more": 1}),
    ):
        broken = deepcopy(good)
        broken["plan-of-action-and-milestones"][path][0].update(change)
        assert faults(broken), change
