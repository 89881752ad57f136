"""A list as a table: CSV, JSON Lines, and a workbook in which its owner answers."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from nhiscan import plugins
from nhiscan.table import Table

# DESIGN 6.2: a closed list. `nhiscan import decisions` reads these columns back.
DECISIONS = ("keep", "revoke", "remediate", "accept", "reassign", "defer")
ANSWERS = ("decision", "reassign_to", "defer_until", "comment")
# Only JSON Lines has room for structure; the flat formats leave these out.
NESTED = frozenset({"why_owner"})
# What finds a row's place, and is no part of it.
INTERNAL = frozenset({"folder"})
# What a person who answers does not read; the list beside it has it.
UNREAD_BY_PEOPLE = frozenset({"evidence_refs", "criteria", "identity_id", "credential_id"})
# Answers stand where a person sees them: in a workbook beside what they are about.
FIRST = ("severity", "rule", "title", "identity", "due_at", "recommended_action", *ANSWERS)

Row = Mapping[str, Any]


def lines(rows: Sequence[Row]) -> bytes:
    """Write all that is known, one JSON object a line."""
    columns = tuple(key for key in rows[0] if key not in INTERNAL)
    return _written("jsonl", Table(columns=columns, rows=_cells(rows, columns)))


def csv(rows: Sequence[Row]) -> bytes:
    """Write the flat columns, and behind them empty ones for the answers."""
    columns = _flat(rows)
    answers = [None] * len(ANSWERS)
    cells = [[*row, *answers] for row in _cells(rows, columns)]
    return _written("csv", Table(columns=(*columns, *ANSWERS), rows=cells))


def workbook(rows: Sequence[Row], told: Sequence[tuple[str, Any]], notes: Sequence[str]) -> bytes:
    """Write a workbook: the list with its answers' columns, and the parameters it was made with."""
    hidden = UNREAD_BY_PEOPLE.union(FIRST)
    rest = tuple(column for column in _flat(rows) if column not in hidden)
    columns = (*FIRST, *rest)
    findings = Table(
        columns=columns,
        rows=[[row.get(column) for column in columns] for row in rows],
        title="Findings",
        choices={"decision": DECISIONS},
    )
    parameters = Table(columns=("parameter", "value"), rows=list(told), title="Parameters")
    stream = io.BytesIO()
    book = plugins.report("xlsx")
    book.write_all(
        f"{len(rows)} findings to answer for", [findings, parameters, _notes(notes)], stream
    )
    return stream.getvalue()


def _notes(notes: Sequence[str]) -> Table:
    return Table(columns=("what was not read",), rows=[[one] for one in notes], title="Not read")


def _flat(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(key for key in rows[0] if key not in NESTED | INTERNAL)


def _cells(rows: Sequence[Row], columns: Sequence[str]) -> list[list[Any]]:
    return [[row[column] for column in columns] for row in rows]


def _written(form: str, table: Table) -> bytes:
    stream = io.BytesIO()
    plugins.report(form).write(table, stream)
    return stream.getvalue()
