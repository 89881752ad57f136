"""CTL-07 beside what was scanned: found, not found, and not known because not read."""

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
