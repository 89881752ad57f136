"""CSV opens nowhere as a formula and reads back as it was, but for the prefix and controls."""

import csv
import io
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from nhiscan.table import Table
from nhiscan_reports.csv import Csv

# What OWASP's page on CSV injection names, and a number as spreadsheets read one.
STARTS = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
# The Bidi_Control characters of Unicode, and its two line ends.
DIRECTIONS = "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
cells = st.text(st.characters(codec="utf-8"), max_size=40) | st.builds(
    lambda start, rest: start + rest,
    st.sampled_from([*STARTS, "\n", "'", '"', "-1", "＝"]),  # noqa: RUF001 - full width is meant
    st.text(st.characters(codec="utf-8"), max_size=20),
)


def written(rows: list[list[str]], columns: int) -> list[list[str]]:
    stream = io.BytesIO()
    Csv().write(Table(columns=tuple(f"c{i}" for i in range(columns)), rows=rows), stream)
    text = stream.getvalue().decode("utf-8")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


@settings(deadline=None)
@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=5))
def test_round_trip_without_formulas(rows: list[list[str]]) -> None:
    back = written(rows, 2)
    for before, after in zip(rows, back, strict=True):
        for original, cell in zip(before, after, strict=True):
            assert not cell.startswith(STARTS) or NUMBER.fullmatch(cell)
            shown = "".join(
                f"\\u{ord(c):04x}"
                if (ord(c) < 32 and c not in "\t\r\n") or 127 <= ord(c) < 160 or c in DIRECTIONS
                else c
                for c in original
            )
            assert cell in (shown, "'" + shown)


def test_signs_of_numbers_stay() -> None:
    assert written([["-5", "+1.5e3"], ["-5%", "+49 30 1"]], 2) == [
        ["-5", "+1.5e3"],
        ["'-5%", "'+49 30 1"],
    ]


def test_column_names_are_cells_too() -> None:
    stream = io.BytesIO()
    Csv().write(Table(columns=("=1+1",), rows=[]), stream)
    assert stream.getvalue() == b"'=1+1\r\n"


def test_nothing_turns_the_direction_of_reading() -> None:
    assert written([[f"a{DIRECTIONS}b", "\u0644\u200d"]], 2) == [
        ["a" + "".join(f"\\u{ord(c):04x}" for c in DIRECTIONS) + "b", "\u0644\u200d"]
    ]
