"""In a workbook no text is a formula, no cell is lost, and the same table is the same bytes."""

import io
from datetime import datetime
from typing import Any
from zipfile import ZipFile

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from nhiscan.table import Table
from nhiscan_reports.xlsx import CELL_UNITS, Xlsx


def written(table: Table) -> io.BytesIO:
    stream = io.BytesIO()
    Xlsx().write(table, stream)
    return stream


def cells(stream: io.BytesIO, sheet: str = "Rows") -> list[tuple[Any, ...]]:
    return list(load_workbook(stream)[sheet].iter_rows())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30) | st.text(max_size=9).map("={}".format), min_size=1))
def test_no_text_is_a_formula(values: list[str]) -> None:
    stream = written(Table(columns=("v", "n"), rows=[(value, 1) for value in values]))
    assert b"<f>" not in ZipFile(stream).read("xl/worksheets/sheet1.xml")
    read = [row[0] for row in cells(stream)][1:]
    assert [cell.data_type for cell in read] == ["s" if value else "n" for value in values]
    for value, cell in zip(values, read, strict=True):
        if value.isprintable() and "_x" not in value:
            assert cell.value == (value or None)


def test_hard_table(hard: Table) -> None:
    rows = cells(written(hard))
    assert [cell.value for cell in rows[0]] == list(hard.columns)
    first = [cell.value for cell in rows[1]]
    assert first[1:5] == ["high", True, 7, 2.5]
    assert first[6:8] == [datetime(2026, 5, 1, 6, 0), datetime(2026, 5, 1)]  # noqa: DTZ001
    assert rows[2][0].value == "=cmd|' /C calc'!A0"
    assert rows[2][0].quotePrefix
    assert rows[4][3].value == str(2**53 + 1)
    assert rows[5][0].value == "esc \\u001b[31mred\\u001b]0;title\\u0007"
    assert rows[12][0].value == "#N/A"
    assert rows[12][0].data_type == "s"
    # Excel reads `_x001B_` as an escape: the underscore is written as one
    strings = ZipFile(written(hard)).read("xl/sharedStrings.xml")
    assert b"<t>_x005F_x001B_ literal</t>" in strings


def test_header_is_frozen_and_filtered(hard: Table) -> None:
    sheet = load_workbook(written(hard))["Rows"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:J13"


def test_notes_say_the_zone_and_the_gaps(hard: Table) -> None:
    notes = [row[0].value for row in cells(written(hard), "Notes")]
    assert notes == ["Hard \\u001b[0m rows", "All times are UTC.", "Roles: denied"]


def test_a_cell_is_cut_at_excels_limit_and_says_so() -> None:
    stream = written(Table(columns=("v",), rows=[("😀" * 20_000,), ("x" * CELL_UNITS,)]))
    rows = cells(stream)
    assert len(rows[1][0].value.encode("utf-16-le")) // 2 <= CELL_UNITS
    assert rows[1][0].value.endswith("…")
    assert rows[2][0].value == "x" * CELL_UNITS
    assert "limit of 32767" in cells(stream, "Notes")[-1][0].value


def test_sheets_of_several_tables_have_names_that_excel_takes_and_no_two_alike() -> None:
    titles = ["Same", "same", "a/b:c*d?e[f]", "x" * 40, "x" * 50, "", "", "Notes", "History", "'q'"]
    tables = [Table(columns=("a",), rows=[[n]], title=t) for n, t in enumerate(titles)]
    stream = io.BytesIO()
    Xlsx().write_all("several", tables, stream)
    book = load_workbook(io.BytesIO(stream.getvalue()))
    names = book.sheetnames
    assert len({name.lower() for name in names}) == len(titles) + 1
    for name in names:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name.strip("'") == name
    assert [book[name]["A2"].value for name in names[:-1]] == list(range(len(titles)))
    again = io.BytesIO()
    Xlsx().write_all("several", tables, again)
    assert again.getvalue() == stream.getvalue()


def test_a_column_with_choices_takes_nothing_else() -> None:
    table = Table(columns=("id", "decision"), rows=[["a", None]], choices={"decision": ("x", "y")})
    (rule,) = load_workbook(written(table))["Rows"].data_validations.dataValidation
    assert (rule.type, rule.formula1, str(rule.sqref)) == ("list", '"x,y"', "B2")
