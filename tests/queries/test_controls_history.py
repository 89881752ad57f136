"""Changes of owners and custodians between scans, as rules and the log of hand-offs see them."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.queries.matrix import NOW, Matrix, custody

JULY = [custody("msp", "2026-01-01", "2026-07-01")]


def days(number: int) -> datetime:
    return NOW + timedelta(days=number)


@pytest.fixture
def matrix(tmp_path: Path) -> Matrix:
    made = Matrix(tmp_path)
    made.add("steady")
    return made


def test_a_new_owner_without_a_hand_off_is_found_until_one_is_acknowledged(matrix: Matrix) -> None:
    matrix.add("moved")
    matrix.read()
    assert matrix.found() == {}

    matrix.add("moved", accountable="olof")
    matrix.read(days(1))
    found = matrix.found()
    assert set(found) == {("CTL-11", "moved")}
    title = found["CTL-11", "moved"]["title"]
    assert "accountability went from dana to olof on 2026-11-02" in title
    logged = matrix.ask("handoff-log", days(1))
    assert [(r["verdict"], r["what"], r["from_whom"], r["to_whom"]) for r in logged] == [
        ("fail", "accountability", "dana", "olof")
    ]

    handed = [
        custody("msp", "2026-01-01", "2026-11-02", person="dana"),
        custody("msp", "2026-11-02", None, person="olof", handoff_ack="2026-11-03"),
    ]
    matrix.add("moved", accountable="olof", custody=handed)
    matrix.read(days(2))

    assert matrix.found() == {}
    logged = matrix.ask("handoff-log", days(2), tenant="acme")
    assert {(r["verdict"], r["what"], str(r["acknowledged_on"])) for r in logged} == {
        ("pass", "accountability", "2026-11-03"),
        ("pass", "custody", "2026-11-03"),
    }


def test_an_acknowledgement_answers_for_no_later_change(matrix: Matrix) -> None:
    handed = [*JULY, custody("client", "2026-07-01", None, handoff_ack="2026-07-01")]
    fields: dict[str, Any] = {"custody": handed, "duties": {"retain": "client"}}
    matrix.add("moved", **fields)
    matrix.read()
    assert matrix.found() == {}

    matrix.add("moved", **fields, accountable="olof")
    matrix.read(days(1))

    assert set(matrix.found()) == {("CTL-11", "moved")}


def test_another_way_to_write_the_same_person_is_no_change(matrix: Matrix) -> None:
    matrix.add("moved", custody=[custody("msp", "2026-01-01", None, person="dana")])
    matrix.read()

    written = [custody("msp", "2026-01-01", None, person="Dana Ruiz")]
    matrix.add("moved", accountable="dana@msp.example", custody=written)
    matrix.read(days(1))

    assert matrix.found() == {}
    assert matrix.ask("handoff-log", days(1)) == []


def test_a_custodian_that_is_written_over_is_a_hand_off(matrix: Matrix) -> None:
    matrix.add("moved", custody=[custody("msp", "2026-01-01", None, person="dana")])
    matrix.read()

    matrix.add("moved", custody=[custody("msp", "2026-01-01", None, person="olof")])
    matrix.read(days(1))
    matrix.read(days(2))

    found = matrix.found()
    assert set(found) == {("CTL-11", "moved")}
    assert "from dana, msp to olof, msp on 2026-11-02" in found["CTL-11", "moved"]["title"]


def test_moving_lines_is_no_change(matrix: Matrix) -> None:
    matrix.add("moved")
    matrix.read()

    moved = Matrix(matrix.config.parent)
    moved.add("moved")
    moved.add("steady")
    moved.read(days(1))

    assert moved.found() == {}


def test_proofs_follow_the_owner(matrix: Matrix) -> None:
    matrix.read()
    matrix.add("steady", accountable="olof", signoff={"by": "cto", "at": "2026-10-20"})
    matrix.read(days(3))

    owners = matrix.ask("control-owners", days(3), tenant="acme", criterion="CC6.2")

    assert [(r["owner"], str(r["owner_since"]), str(r["last_confirmed"])) for r in owners] == [
        ("Olof Berg", "2026-11-04", "2026-11-04")
    ]
