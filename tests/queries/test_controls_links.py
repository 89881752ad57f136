"""CTL-07 and CTL-08 beside what was scanned: found, not found, not known because not read."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.queries import estate
from tests.queries.matrix import Matrix

SECRETS = "secretsmanager.secrets"


def acme(*names: str, **powerful: str) -> estate.Unit:
    """Return the account of the matrix's client with these users; `powerful` tells a privilege."""
    unit = estate.Unit(tenant="acme", account=estate.ACME)
    for name in (*names, *powerful):
        unit.identity(name, privilege=powerful.get(name, "read"))
    return unit


@pytest.fixture
def matrix(tmp_path: Path) -> Matrix:
    made = Matrix(tmp_path)
    made.add("work")
    return made


def test_an_operator_that_a_scan_finds_is_linked(matrix: Matrix) -> None:
    matrix.read(units=[acme("robot")])

    assert matrix.found() == matrix.found("unknown") == {}
    [row] = matrix.ask("control-identity-matrix")
    assert (row["direction"], row["verdict"], row["identity"]) == ("control", "pass", "robot")


def test_an_operator_that_a_whole_scan_does_not_find_counts_as_none(matrix: Matrix) -> None:
    matrix.read(units=[acme("other")])

    found = matrix.found()
    assert set(found) == {("CTL-07", "work")}
    assert "was not found: arn:aws:iam::111122223333:user/robot" in found["CTL-07", "work"]["title"]
    [row] = matrix.ask("control-identity-matrix")
    assert (row["direction"], row["verdict"], row["identity"]) == ("control", "fail", None)


def test_an_operator_where_users_were_not_read_is_unknown(matrix: Matrix) -> None:
    matrix.read(units=[acme("other")], denied=[estate.DETAILS])

    assert matrix.found() == {}
    unknown = matrix.found("unknown")["CTL-07", "work"]
    assert any(estate.DETAILS in text for text in unknown["unread"])


def test_secrets_that_were_not_read_hide_no_user(matrix: Matrix) -> None:
    matrix.read(units=[acme("other")], denied=[SECRETS])

    assert set(matrix.found()) == {("CTL-07", "work")}


def test_a_tag_may_be_on_what_was_not_read(matrix: Matrix) -> None:
    matrix.add("work", operated_by=[{"selector": "tag:soc2-control=CC6.2", "basis": "tag"}])
    matrix.read(units=[acme("other")], denied=[SECRETS])

    assert matrix.found() == {}
    assert set(matrix.found("unknown")) == {("CTL-07", "work")}


def test_an_operator_in_an_account_that_was_never_read_is_unknown(matrix: Matrix) -> None:
    elsewhere = {"id": "arn:aws:iam::444455556666:role/robot", "basis": "explicit"}
    matrix.add("work", operated_by=[elsewhere])
    matrix.read(units=[acme("other")])

    unknown = matrix.found("unknown")["CTL-07", "work"]
    assert unknown["unread"] == ["aws:444455556666: not read"]


def test_what_is_yet_to_begin_needs_only_a_name(matrix: Matrix) -> None:
    matrix.read(period=("2026-12-01", "2026-12-31"), units=[acme("other")])

    assert {rule for rule, _ in matrix.found()} == set()


def test_powerful_identities_without_a_control_weigh_by_their_power(matrix: Matrix) -> None:
    beta = estate.Unit(tenant="beta", account=estate.BETA)
    beta.identity("unmeasured", privilege="admin")
    unit = acme("reader", robot="admin", boss="admin", writer="write")
    unit.identity("someone", class_="human", privilege="admin")
    unit.identity("AWSServiceRoleForX", "role", class_="platform", privilege="write")
    unit.identity("disabled", enabled=False, privilege="admin")

    matrix.read(units=[unit, beta])

    # robot operates the control; beta has no matrix
    assert matrix.unlinked() == {"boss": ("open", "medium"), "writer": ("open", "low")}
    both = matrix.ask("control-identity-matrix", tenant="acme")
    assert {row["identity"] for row in both if row["direction"] == "identity"} == {"boss", "writer"}


def test_a_part_that_operates_speaks_for_the_whole(matrix: Matrix) -> None:
    unit = acme(whole="admin")
    unit.identity("robot", part_of="whole", privilege="admin")

    matrix.read(units=[unit])

    assert matrix.unlinked() == {}


def test_power_whose_rights_were_not_read_is_unknown(matrix: Matrix) -> None:
    unit = acme("robot", boss="admin")
    matrix.read(units=[unit])
    assert matrix.unlinked() == {"boss": ("open", "medium")}

    matrix.read(estate.NOW + timedelta(days=1), units=[unit], denied=[estate.DETAILS])

    assert matrix.unlinked() == {"boss": ("unknown", "medium")}


def used(matrix: Matrix, *events: dict[str, str], hours: int = 1) -> None:
    """Record events of use of the day before by command, so many hours after the estate's time."""
    file = matrix.config.parent / "events.jsonl"
    times = (estate.NOW - timedelta(days=1, minutes=number) for number in range(len(events)))
    told = [
        {"time": f"{at:%Y-%m-%dT%H:%M:%SZ}", **event}
        for at, event in zip(times, events, strict=True)
    ]
    file.write_text("".join(json.dumps(one) + "\n" for one in told))
    words = ["evidence", "add", str(file), "--tenant", "acme", "--kind", "usage"]
    done = subprocess.run(  # noqa: S603 our own command
        [str(Path(sys.executable).with_name("nhiscan")), *words, "--custodian", "dana"],
        cwd=matrix.config.parent,
        env=os.environ | {"NHISCAN_NOW": f"{estate.NOW + timedelta(hours=hours):%Y-%m-%dT%H:%MZ}"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr


def by_robot(source: str) -> dict[str, str]:
    robot = f"arn:aws:iam::{estate.ACME}:user/robot"
    return {"identity": robot, "target_tenant": "acme", "log_source": source}


def test_logs_that_lie_elsewhere_than_the_evidence_are_drift(matrix: Matrix) -> None:
    matrix.read(units=[acme("robot")])
    four = [by_robot("northwind")] * 4
    used(matrix, *four, by_robot("acme"))
    matrix.read(estate.NOW + timedelta(hours=2), units=[acme("robot")])
    # a fifth of them is not more than a fifth
    assert matrix.found() == {}

    # tenants of one group are one client
    used(matrix, by_robot("acme-labs"), hours=3)
    matrix.read(estate.NOW + timedelta(hours=4), units=[acme("robot")])

    found = matrix.found()
    assert set(found) == {("CTL-08", "work")}
    assert "the logs of its operation are of client:acme" in found["CTL-08", "work"]["title"]
    # what is older than thirty days tells nothing of today
    matrix.read(estate.NOW + timedelta(days=30), units=[acme("robot")])
    assert matrix.found() == {}


def test_work_by_who_has_no_part_in_it_is_drift(matrix: Matrix) -> None:
    alone = dict.fromkeys(("provision", "review", "retain"), "msp")
    matrix.add("work", responsibility="msp", duties=alone, signoff=None)
    matrix.add("split")
    matrix.read(units=[acme("robot")])
    assert matrix.found() == {}

    # the robot lies with Acme, and no log names who uses it; then one does for a fifth of its work
    robot = by_robot("northwind")
    used(matrix, *[robot] * 3, robot | {"actor": "dana"}, robot | {"actor": "cto@acme.example"})
    matrix.read(estate.NOW + timedelta(hours=2), units=[acme("robot")])
    assert matrix.found() == {}

    used(matrix, robot | {"actor": "Carla Tio"}, hours=3)
    matrix.read(estate.NOW + timedelta(hours=4), units=[acme("robot")])

    found = matrix.found()
    # in the split Acme has a part, in the other none
    assert set(found) == {("CTL-08", "work")}
    assert "client:acme operates it and has no part in it" in found["CTL-08", "work"]["title"]
