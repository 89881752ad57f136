"""Renders the tables of a pack: CSV with notes beside it, the SQL, a page, a workbook."""

import io
import json
from collections.abc import Sequence
from typing import Any

from msgspec import Struct, structs

from nhiscan import plugins
from nhiscan.pack.tables import Answer
from nhiscan.table import Table


class Sheet(Struct, frozen=True, kw_only=True):
    """One table of a pack; `answer` says how it was asked, where one query made it."""

    name: str
    table: Table
    answer: Answer | None = None

    def told(self) -> dict[str, Any]:
        """Return what the manifest says of it."""
        told: dict[str, Any] = {
            "file": f"tables/{self.name}.csv",
            "title": self.table.title,
            "rows": len(self.table.rows),
        }
        if self.answer is not None:
            told["query"] = self.answer.section.query
            told["query_sha256"] = self.answer.sql_sha256
            told["params"] = self.answer.params
        return told


def render(title: str, sheets: Sequence[Sheet]) -> dict[str, bytes]:
    """Write every table in every form."""
    files: dict[str, bytes] = {}
    for sheet in sheets:
        stream = io.BytesIO()
        plugins.report("csv").write(sheet.table, stream)
        files[f"tables/{sheet.name}.csv"] = stream.getvalue()
        if sheet.table.notes:
            # a CSV has no room for what a reader must know, so it stands beside it
            notes = "".join(f"{note}\n" for note in sheet.table.notes)
            files[f"tables/{sheet.name}.csv.notes.txt"] = notes.encode("utf-8", "backslashreplace")
        if sheet.answer is not None:
            files[f"queries/{sheet.name}.sql"] = _executed(sheet.answer).encode()
    for form, shown in (("xlsx", _for_workbook), ("html", _for_page)):
        stream = io.BytesIO()
        plugins.report(form).write_all(title, [shown(sheet) for sheet in sheets], stream)
        files[f"pack.{form}"] = stream.getvalue()
    return files


def _for_workbook(sheet: Sheet) -> Table:
    """Name the sheet as its file is named; its title stands among the notes."""
    notes = (sheet.table.title, *sheet.table.notes)
    return structs.replace(sheet.table, title=sheet.name, notes=notes)


def _for_page(sheet: Sheet) -> Table:
    """Leave out whose the rows are: the page is about one client, and its columns are many."""
    table = structs.replace(sheet.table, title=f"{sheet.table.title} ({sheet.name})")
    kept = [at for at, name in enumerate(table.columns) if name != "tenant_id"]
    return structs.replace(
        table,
        columns=tuple(table.columns[at] for at in kept),
        rows=[[row[at] for at in kept] for row in table.rows],
    )


def _executed(answer: Answer) -> str:
    """Write the SQL that was executed, with its parameters, so that it can be executed again."""
    params = "".join(f"-- ${k} = {json.dumps(v)}\n" for k, v in sorted(answer.params.items()))
    return f"-- {answer.section.title} (query {answer.section.query})\n{params}{answer.sql}\n"
