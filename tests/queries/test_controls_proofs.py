"""The proofs of R01, R02, R04, R05 and R09: one passing and one failing case of each."""

from typing import Any

import pytest

from tests.queries.matrix import SPLIT, Matrix, custody


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    made = Matrix(tmp_path_factory.mktemp("proofs"))
    made.add("good")
    made.add("teamed", criteria=["CC6.3"], accountable="noc")
    made.add("shared", criteria=["CC6.1", "CC6.2"], accountable="olof", backup="mei")
    made.add("alone", criteria=["CC7.2"], backup=None)
    made.add("away", criteria=["CC7.3"], accountable="lars", backup="mei")
    made.add("unsure", criteria=["CC7.4"], accountable="vera", backup="vera")
    made.add("six", criteria=["CC8.1"], duties={k: v for k, v in SPLIT.items() if k != "respond"})
    made.add("twice", criteria=["CC8.1"], duties={**SPLIT, "revoke": ["msp", "client"]})
    made.add("unsigned", criteria=["CC9.2"], signoff=None)
    made.add("stale", criteria=["CC9.2"], signoff={"by": "cto", "at": "2026-01-05",
                                                   "covers_sha256": "cd" * 32})  # fmt: skip
    made.add("kept", criteria=["A1.2"], custody=[
        custody("msp", "2026-01-01", "2026-06-30"),
        custody("client", "2026-07-05", "2026-09-01", handoff_ack="2026-07-05"),
        custody("msp", "2026-08-01", None, handoff_ack="2026-08-01"),
    ])  # fmt: skip
    made.read()
    return made


def by(rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    """Return rows about instances by their short names."""
    return {row[key].removeprefix("acme/"): row for row in rows}


def test_owners_stand_per_criterion_with_their_line(matrix: Matrix) -> None:
    rows = by(matrix.ask("control-owners"), "criterion")

    assert (rows["CC6.1"]["verdict"], rows["CC6.1"]["owner"]) == ("pass", "Olof Berg")
    assert (rows["CC6.2"]["owners"], rows["CC6.2"]["owner"]) == (2, "Dana Ruiz; Olof Berg")
    assert rows["CC6.2"]["instances"] == ["acme/good", "acme/shared"]
    assert (rows["CC6.3"]["verdict"], rows["CC6.3"]["owner"]) == ("fail", "NOC")
    assert rows["CC7.4"]["verdict"] == "unknown"
    file, _, line = rows["CC6.1"]["sources"][0].rpartition(":")
    text = (matrix.config.parent / file).read_text().splitlines()
    assert text[int(line) - 1].strip() == "accountable: olof"
    assert str(rows["CC6.1"]["last_confirmed"]) == "2026-11-01"


def test_backups_cover_and_absences_are_tried(matrix: Matrix) -> None:
    today = by(matrix.ask("backup-coverage"), "instance_id")
    assert {n: (r["verdict"], r["covered_by"]) for n, r in today.items()} == {
        "good": ("pass", "owner"),
        "teamed": ("pass", "backup"),
        "shared": ("pass", "owner"),
        "alone": ("pass", "owner"),
        "away": ("fail", "nobody"),
        "unsure": ("unknown", "not known"),
        "six": ("pass", "owner"),
        "twice": ("pass", "owner"),
        "unsigned": ("pass", "owner"),
        "stale": ("pass", "owner"),
        "kept": ("pass", "owner"),
    }

    without = by(matrix.ask("backup-coverage", absent="dana@msp.example"), "instance_id")

    assert {n for n, r in without.items() if r["verdict"] == "fail"} == {"alone", "away"}
    assert without["good"]["covered_by"] == "backup"
    assert without["good"]["as_if_absent"] == "Dana Ruiz"


def test_an_absence_of_nobody_known_is_said(matrix: Matrix) -> None:
    rows = matrix.ask("backup-coverage", absent="nobody.here")

    assert [r["as_if_absent"] for r in rows if r["instance_id"] is None] == [
        "nobody.here: nobody in the roster is called so"
    ]


def test_duties_stand_in_columns_with_their_completeness(matrix: Matrix) -> None:
    rows = by(matrix.ask("responsibility-matrix"), "instance_id")

    assert (rows["good"]["verdict"], rows["good"]["completeness"]) == ("pass", 1.0)
    assert (rows["good"]["approve"], rows["good"]["revoke"]) == ("client", "msp")
    six = rows["six"]
    assert (six["verdict"], six["assigned"], six["required"]) == ("pass", 6, 7)
    assert six["respond"] is None
    assert (rows["twice"]["verdict"], rows["twice"]["revoke"]) == ("fail", "client + msp")
    assert rows["twice"]["assigned"] == 6


def test_signatures_are_held_against_the_text(matrix: Matrix) -> None:
    rows = by(matrix.ask("signoff-register"), "instance_id")

    assert (rows["good"]["state"], rows["good"]["covers_the_text"]) == ("valid", True)
    assert str(rows["good"]["ends_at"]) == "2027-01-05"
    assert (rows["stale"]["state"], rows["stale"]["covers_the_text"]) == ("stale", False)
    assert rows["stale"]["text_sha256"] != rows["stale"]["covers_sha256"] == "cd" * 32
    assert rows["stale"]["must_sign"] == "Carla Tio"
    assert (rows["unsigned"]["state"], rows["unsigned"]["must_sign"]) == ("missing", "Carla Tio")


@pytest.mark.parametrize(
    ("window", "told"),
    [
        (
            {},
            [
                ("custody", "2026-01-01", "2026-06-30"),
                ("gap", "2026-06-30", "2026-07-05"),
                ("custody", "2026-07-05", "2026-09-01"),
                ("custody", "2026-08-01", "2027-01-01"),
                ("overlap", "2026-08-01", "2026-09-01"),
            ],
        ),
        ({"from": "2026-07-01", "to": "2026-07-03"}, [("gap", "2026-07-01", "2026-07-03")]),
        (
            {"from": "2026-06-29", "to": "2026-07-06"},
            [
                ("custody", "2026-06-29", "2026-06-30"),
                ("gap", "2026-06-30", "2026-07-05"),
                ("custody", "2026-07-05", "2026-07-06"),
            ],
        ),
        (
            {"from": "2026-08-31"},
            [
                ("custody", "2026-08-31", "2026-09-01"),
                ("custody", "2026-08-31", "2027-01-01"),
                ("overlap", "2026-08-31", "2026-09-01"),
            ],
        ),
        ({"to": "2026-01-01"}, []),
    ],
)
def test_custody_is_told_in_any_window(
    matrix: Matrix, window: dict[str, str], told: list[tuple[str, str, str]]
) -> None:
    rows = matrix.ask("custody-timeline", criterion="A1.2", **window)

    assert [(r["kind"], str(r["starts"]), str(r["ends"])) for r in rows] == told
    assert {r["verdict"] for r in rows if r["kind"] != "custody"} <= {"fail"}


def test_params_narrow_the_answer(matrix: Matrix) -> None:
    assert matrix.ask("control-owners", tenant="beta") == []
    assert {r["criterion"] for r in matrix.ask("control-owners", criterion="CC6.1")} == {"CC6.1"}
    assert {r["instance_id"] for r in matrix.ask("custody-timeline", criterion="CC6.1")} == {
        "acme/shared"
    }
