"""What a list said of its findings when it was sent: nobody may change that in an answer."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.answers.sheet import Cells
from nhiscan.records import utc
from nhiscan.text import is_unsafe

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What another client's name was replaced by when the list was written.
_MASKED = "[another client]"
_SHARED = re.compile(r" \(also in \d+ other clients?\)$")
_ESCAPE = re.compile(r"\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|_x[0-9A-Fa-f]{4}_")
_SECOND = timedelta(seconds=1)


class Finding(Struct, frozen=True, kw_only=True):
    """A finding and all that it ever was: a list may be weeks old when its answer comes."""

    finding_id: str
    tenant_id: str
    rule: str
    title: str
    identity_id: str | None
    instance_id: str | None
    credential_id: str | None
    owner_id: str | None
    status: str
    resolved_at: datetime | None
    severities: list[str]
    titles: list[str]
    remediations: list[str]
    owners: list[str | None]
    dues: list[datetime | None]
    names: list[str]


def known(con: "DuckDBPyConnection", ids: set[str]) -> dict[str, Finding]:
    """Read the findings that the store knows of these."""
    sql = files("nhiscan.answers").joinpath("frozen.sql").read_text("utf-8")
    rows = con.execute(sql, {"ids": sorted(ids)}).fetchall()
    names = Finding.__struct_fields__
    return {row[0]: Finding(**dict(zip(names, row, strict=True))) for row in rows}


def altered(cells: Cells, finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield the columns that hold what the finding never was, each with what it is."""
    checks: dict[str, tuple[list[str], Callable[[str], str]]] = {
        "client": ([finding.tenant_id], str.strip),
        "rule": ([finding.rule], str.strip),
        "severity": (finding.severities, str.strip),
        "title": (finding.titles, _plain),
        "recommended_action": (finding.remediations, _plain),
        "identity": (finding.names, _plain),
        "identity_id": ([finding.identity_id or ""], str.strip),
        "instance_id": ([finding.instance_id or ""], str.strip),
        "credential_id": ([finding.credential_id or ""], str.strip),
        "owner": ([one or "" for one in finding.owners], str.strip),
    }
    for column, (values, plain) in checks.items():
        cell = cells.get(column)
        if cell is None or _MASKED in cell:
            continue
        if plain(_SHARED.sub("", cell)) not in {plain(value) for value in values}:
            yield column, values[-1] if values else ""
    due = utc(cells.get("due_at", "").strip())
    if due is not None and not any(abs(one - due) < _SECOND for one in finding.dues if one):
        last = finding.dues[-1]
        yield "due_at", f"{last:%Y-%m-%dT%H:%M:%SZ}" if last else "never"


def _plain(text: str) -> str:
    """Bring a name to what survives a spreadsheet: escapes, guards and kinds of blanks do not."""
    visible = "".join(" " if is_unsafe(c) else c for c in _ESCAPE.sub(" ", text))
    return " ".join(visible.split()).lstrip("'")
