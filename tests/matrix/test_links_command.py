"""`nhiscan link`: decisions are recorded with who and when, and seen at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.matrix.linked import Linked, does, instance
from tests.ownership.estate import ACCOUNTS, GROUPS, identity_id, party

KEEPER = identity_id("acme", "keeper")


@pytest.fixture
def estate(tmp_path: Path) -> Linked:
    made = Linked(tmp_path)
    tenants = "".join(
        f"  - {{id: {name}, kind: {'msp' if name == 'northwind' else 'client'},"
        f" group: {GROUPS.get(name, name)}}}\n"
        for name in ACCOUNTS
    )
    (tmp_path / "nhiscan.yaml").write_text(
        "msp: {id: northwind, name: Northwind}\nstore: nhiscan.duckdb\nmatrix: matrix/\n"
        f"roster: people.csv\ntenants:\n{tenants}"
    )
    (tmp_path / "people.csv").write_text(
        "party_id,name,email,aliases,kind,org,employment,since,manager\n"
        "dana,Dana Ruiz,dana@northwind.example,,person,msp,active,,\n"
    )
    made.parties = [party("dana", email="dana@northwind.example", org="msp")]
    made.client("acme", instance("acme/A1.2/backup", "A1.2"))
    made.scan({"acme": does("keeper", "backup") + does("=cmd|x", "log"), "beta": does("b", "log")})
    return made


def run(estate: Linked, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 our own command
        [str(Path(sys.executable).with_name("nhiscan")), *arguments],
        cwd=estate.folder,
        env={"NHISCAN_NOW": "2026-05-02T00:00:00Z", "PATH": "", "USER": "dana"} | env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def listed(estate: Linked, *arguments: str) -> list[dict[str, object]]:
    done = run(estate, "link", "list", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, object]] = json.loads(done.stdout)
    return rows


def test_what_is_confirmed_is_sure_at_once(estate: Linked) -> None:
    [before] = listed(estate, "--state", "suggested")
    done = run(estate, "link", "confirm", "acme/A1.2/backup", "keeper", "--by", "dana")
    [after] = listed(estate)

    assert done.returncode == 0, done.stderr
    assert "confirmed, confidence 1.00, grade can_change" in done.stdout
    assert (before["identity_id"], before["state"]) == (KEEPER, "suggested")
    assert "action_class 0.5: it may back up, restore" in str(before["reasons"])
    assert (after["state"], after["confidence"]) == ("confirmed", 1.0)
    assert "confirmed by dana (2026-05-02)" in str(after["reasons"])


def test_what_is_rejected_stays_so(estate: Linked) -> None:
    run(estate, "link", "reject", "acme/A1.2/backup", KEEPER, "--reason", "reads only")
    run(estate, "resolve", NHISCAN_NOW="2026-05-03T00:00:00Z")

    [row] = listed(estate, "--tenant", "acme")

    assert row["state"] == "rejected"
    assert "reads only (2026-05-02)" in str(row["reasons"])
    [kept] = estate.rows("SELECT l.decided_at, l.decided_by FROM link_decision l")
    assert (str(kept["decided_at"])[:10], bool(kept["decided_by"])) == ("2026-05-02", True)


@pytest.mark.parametrize(
    ("instance_id", "identity", "said"),
    [
        ("acme/A1.2/backups", "keeper", "did you mean 'acme/A1.2/backup'?"),
        ("acme/A1.2/backup", "keper", "did you mean keeper?"),
        ("acme/A1.2/backup", "b", "belongs to another client than acme/A1.2/backup"),
    ],
)
def test_unknown_names_are_refused(
    estate: Linked, instance_id: str, identity: str, said: str
) -> None:
    done = run(estate, "link", "confirm", instance_id, identity)

    assert done.returncode == 2
    assert said in done.stderr
    assert estate.rows("SELECT * FROM link_decision") == []


def test_unknown_tenants_are_refused(estate: Linked) -> None:
    done = run(estate, "link", "list", "--tenant", "acm")

    assert done.returncode == 2
    assert "did you mean 'acme'?" in done.stderr


def test_the_queue_tells_why_and_whom_to_ask(estate: Linked) -> None:
    done = run(estate, "query", "suggested-links", "--param", "tenant=acme", "--format", "json")
    rows = [row for row in json.loads(done.stdout) if row["instance_id"]]

    assert [(row["identity"], row["confidence"], row["grade"]) for row in rows] == [
        ("keeper", 0.5, "can_change")
    ]
    assert rows[0]["reasons"][0].startswith("action_class 0.5: it may back up, restore")
    assert rows[0]["evidence"] == ["role custom gives backup"]


@pytest.mark.parametrize(
    ("target", "action", "grade"),
    [
        ("acme", "backup:StartBackupJob", "operates"),
        ("acme", "sqs:SendMessage", "can_change"),
        ("beta", "backup:StartBackupJob", "can_change"),
    ],
)
def test_an_event_tells_at_which_client_the_msps_own_was_at_work(
    estate: Linked, target: str, action: str, grade: str
) -> None:
    arn = "arn:aws:iam::900000000001:user/tool"
    used = instance("acme/A1.2/backup", "A1.2", operated_by=[{"id": arn}])
    estate.client("acme", used)
    own = does("tool", "backup", native_id=arn, account=ACCOUNTS["acme"])
    estate.scan({"northwind": own, "acme": does("keeper", "backup")})
    event = {"identity": arn, "time": "2026-03-01T00:00:00Z", "action": action}
    (estate.folder / "use.jsonl").write_text(json.dumps(event | {"target_tenant": target}) + "\n")

    before = {row["name"]: row for row in listed(estate)}["tool"]
    done = run(estate, "evidence", "add", "use.jsonl", "--tenant", "northwind", "--kind", "usage",
               "--custodian", "dana")  # fmt: skip
    after = {row["name"]: row for row in listed(estate)}["tool"]

    assert done.returncode == 0, done.stderr
    assert (before["grade"], after["grade"]) == ("can_change", grade)
    assert ("at which client" in str(after["unread"])) == (grade != "operates")
