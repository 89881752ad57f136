"""Makes the values of a ticket: what a profile's columns say, of one finding or of an owner's."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from nhiscan.export.tickets.profile import PLACE, Column, Profile
from nhiscan.sql.library import SEVERITIES

Row = Mapping[str, Any]
# Rows of a description; the rest is counted, so that no ticket grows without end.
MOST_LISTED = 50


def of_finding(row: Row) -> dict[str, Any]:
    """Return the fields of a ticket about one finding."""
    return {**row, "key": row["finding_fp"], "findings": 1, "description": _described([row])}


def of_owner(rows: Sequence[Row], *, apart: Sequence[str] = ()) -> dict[str, Any]:
    """Return the fields of one ticket about all that an owner has to mend for a client.

    Its key stays the same whatever is added or mended, so that importing again updates. `apart` are
    numbers of open tickets that it is to be told apart from, or the one that it already has.
    """
    if len(rows) == 1:
        first: dict[str, Any] = dict(rows[0])
    else:
        same = {k: v for k, v in rows[0].items() if all(row[k] == v for row in rows)}
        first = dict.fromkeys(rows[0]) | same
        first["title"] = f"{len(rows)} findings to mend"
        first["rule"] = " ".join(sorted({row["rule"] for row in rows}))
        first["severity"] = max((row["severity"] for row in rows), key=SEVERITIES.index)
        first["due_at"] = min((row["due_at"] for row in rows if row["due_at"]), default=None)
        first["opened_at"] = min(
            (row["opened_at"] for row in rows if row["opened_at"]), default=None
        )
    whose = "\0".join([rows[0]["client"], rows[0]["owner"] or "", *apart])
    first["key"] = f"grp_{blake2b(whose.encode('utf-8', 'replace'), digest_size=10).hexdigest()}"
    first["finding_fp"] = " ".join(row["finding_fp"] for row in rows)
    first["findings"] = len(rows)
    first["description"] = _described(rows)
    return first


def value(column: Column, fields: Row, profile: Profile) -> str:
    """Return what stands in a column."""
    if column.constant is not None:
        return column.constant
    if column.field is not None:
        said = _text(fields.get(column.field), profile)
    else:
        said = filled(column.template or "", fields, profile)
    said = (column.map or {}).get(said, said)
    if column.max is not None and len(said) > column.max:
        said = said[: column.max - 1] + "…"
    return said


def words(column: Column, fields: Row, profile: Profile) -> list[str]:
    """Return the words of a repeated column, each once; words of labels hold no blanks."""
    said = [filled(one, fields, profile) for one in column.repeat or ()]
    return list(dict.fromkeys(word for one in said for word in one.split()))


def filled(template: str, fields: Row, profile: Profile) -> str:
    """Fill the places of a template; what a value says is never read as one."""
    return PLACE.sub(lambda found: _text(fields.get(found[1]), profile), template)


def _text(said: Any, profile: Profile) -> str:
    if said is None:
        return ""
    if isinstance(said, datetime):
        if profile.date_format:
            return said.strftime(profile.date_format)
        return said.isoformat().replace("+00:00", "Z")
    if isinstance(said, date) and profile.date_format:
        return said.strftime(profile.date_format)
    if isinstance(said, Mapping):
        return " ".join(f"{key}:{_listed(item)}" for key, item in said.items())
    return _listed(said)


def _listed(said: Any) -> str:
    return ", ".join(map(str, said)) if isinstance(said, (list, tuple)) else str(said)


def _described(rows: Sequence[Row]) -> str:
    """Say what is wrong and what to do, in plain words."""
    parts = [_one(row) for row in rows[:MOST_LISTED]]
    if len(rows) > MOST_LISTED:
        rest = " ".join(row["finding_fp"] for row in rows[MOST_LISTED:])
        parts.append(f"and {len(rows) - MOST_LISTED} more: {rest}")
    return "\n\n".join(parts)


def _one(row: Row) -> str:
    due = row["due_at"]
    told = [
        (None, f"{row['rule']} ({row['severity']}): {row['title']}"),
        ("To do", row["recommended_action"]),
        ("Due", due.date().isoformat() if due else None),
        ("Identity", row["identity"]),
        ("Account", row["account"]),
        ("Owner", row["owner"] or "nobody yet"),
        ("Not read whole", ", ".join(row["unread"] or ()) or None),
        ("Status", "unknown: its source was not read" if row["status"] == "unknown" else None),
        ("Finding", row["finding_fp"]),
    ]
    return "\n".join(f"{name}: {said}" if name else str(said) for name, said in told if said)
