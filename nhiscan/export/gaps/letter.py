"""What a list says to its owner in words: what, why them, by when, and how to answer."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from nhiscan.export.gaps.people import Person, share
from nhiscan.sql.library import SEVERITIES
from nhiscan.text import printable, shortened

# A mail is read, not scrolled; the workbook beside it holds all.
SHOWN = 20
_CLAIMS = 3
_LONGEST = 300

Row = Mapping[str, Any]


class Letter(Struct, frozen=True, kw_only=True):
    """The parts of one list in words. Every text is as it came from clouds: escape it."""

    subject: str
    opening: tuple[str, ...]
    rows: Sequence[Row]
    why: tuple[tuple[str, tuple[str, ...]], ...]
    answering: tuple[str, ...]
    unread: tuple[str, ...]
    overdue: int
    worst: str


def compose(
    rows: Sequence[Row],
    *,
    client: str,
    owner: Person | None,
    place: str | None,
    by: str,
    unread: Sequence[str],
    now: datetime,
) -> Letter:
    """Put a list into words; `place` is what it is `by`, null where nobody answers for it."""
    ordered = sorted(rows, key=_urgency)
    overdue = sum(share(row, now) >= 1 for row in rows)
    worst = str(ordered[0]["severity"])
    many = "1 finding" if len(rows) == 1 else f"{len(rows)} findings"
    late = f", {overdue} overdue" if overdue else ""
    whose = "nobody answers for" if place is None else "to mend"
    return Letter(
        subject=f"{client}: {many} {whose}{late} (worst: {worst})",
        opening=_opening(rows, client, (owner and owner.name) or place, by, many),
        rows=ordered,
        why=_why(ordered, is_own=by == "owner" and place is not None),
        answering=_answering(is_owned=place is not None),
        unread=tuple(unread),
        overdue=overdue,
        worst=worst,
    )


def _urgency(row: Row) -> tuple[int, bool, Any, str]:
    due = row["due_at"]
    level = SEVERITIES.index(row["severity"])
    return -level, due is None, due, str(row["finding_fp"])


def _opening(
    rows: Sequence[Row], client: str, name: str | None, by: str, many: str
) -> tuple[str, ...]:
    hello = f"{name or 'To whom it may concern'},"
    unsure = sum(row["status"] == "unknown" for row in rows)
    if name is None:
        what = f"{many} of {client} concern identities or controls that nobody answers for."
    elif by != "owner":
        what = f"{many} of {client} are open; the workbook says who answers for each."
    else:
        what = f"{many} of {client} concern identities or controls that you answer for."
    doubt = (
        f"{unsure} of them could not be checked again at the last scan: they are neither confirmed"
        " nor gone."
    )
    return (hello, what, *((doubt,) if unsure else ()))


def _why(rows: Sequence[Row], *, is_own: bool) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Say for each thing once why this owner is its owner: the strongest three claims."""
    if not is_own:
        return ()
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        what = row["identity"] or row["instance_id"] or row["account"]
        if what and row["why_owner"]:
            found.setdefault(str(what), tuple(map(str, row["why_owner"][:_CLAIMS])))
    return tuple(found.items())


def _answering(*, is_owned: bool) -> tuple[str, ...]:
    fill = (
        "Answer each line in column `decision` of the workbook: keep, revoke, remediate, accept,"
        " reassign or defer."
    )
    if not is_owned:
        return (
            "An owner is missing. Name one in column `reassign_to` (decision `reassign`), tag the"
            " resource with its owner, or run: nhiscan attest IDENTITY --owner PERSON",
            "Send the workbook back, or run: nhiscan import decisions FILE.xlsx",
        )
    return (
        fill,
        "Not yours? Decide `reassign`, and name in `reassign_to` whose it is if you know; or just"
        " answer this message and say so.",
        "`accept` asks for an exception, which only somebody entitled grants; `defer` moves no due"
        " date.",
        "Send the workbook back to whoever sent it. They record it with: nhiscan import decisions"
        " FILE.xlsx",
    )


def day(moment: datetime | None) -> str:
    """Write a date for people; without one, a dash."""
    return f"{moment:%Y-%m-%d}" if moment else "-"


def plain(letter: Letter) -> str:
    """Write a letter as plain text; of many findings the most urgent, and how many more."""
    parts = [*map(_line, letter.opening), ""]
    for row in letter.rows[:SHOWN]:
        parts.append(_line(f"- {row['severity'].upper()} {row['rule']}: {row['title']}"))
        doubt = " (not checked again)" if row["status"] == "unknown" else ""
        parts.append(_line(f"  due {day(row['due_at'])}{doubt}; {row['recommended_action'] or ''}"))
    if len(letter.rows) > SHOWN:
        parts.append(f"… and {len(letter.rows) - SHOWN} more in the attached workbook.")
    if letter.why:
        parts += ["", "Why you:"]
        for what, claims in letter.why[:SHOWN]:
            parts.append(_line(f"- {shortened(what, 80)}: {'; '.join(claims)}"))
    parts += ["", "How to answer:", *(f"- {line}" for line in letter.answering)]
    if letter.unread:
        parts += ["", "Not read at the last scan, so there may be more:"]
        parts += [_line(f"- {line}") for line in letter.unread[:SHOWN]]
        if len(letter.unread) > SHOWN:
            parts.append(f"- and {len(letter.unread) - SHOWN} more")
    return "\n".join(parts) + "\n"


def markdown(letter: Letter) -> bytes:
    """Write a letter with all its findings as Markdown."""
    parts = [f"# {_marked(letter.subject)}", "", *map(_marked, letter.opening), ""]
    parts += ["| severity | due | rule | what | to do | finding |", "| --- |" + " --- |" * 5]
    for row in letter.rows:
        doubt = " (not checked again)" if row["status"] == "unknown" else ""
        told = (row["rule"], row["title"] + doubt, row["recommended_action"] or "")
        cells = (row["severity"], day(row["due_at"]), *told, row["finding_fp"])
        parts.append("| " + " | ".join(map(_marked, cells)) + " |")
    if letter.why:
        parts += ["", "## Why you", ""]
        parts += [f"- {_marked(what)}: {_marked('; '.join(claims))}" for what, claims in letter.why]
    parts += ["", "## How to answer", "", *(f"- {_marked(line)}" for line in letter.answering)]
    if letter.unread:
        parts += ["", "## Not read at the last scan, so there may be more", ""]
        parts += [f"- {_marked(line)}" for line in letter.unread]
    return ("\n".join(parts) + "\n").encode("utf-8", "backslashreplace")


_SPECIAL = re.compile(r"[\\`*_\[\]|~$#<>&]|:(?=//)|(?<=www)\.")
_ENTITY = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _marked(value: str) -> str:
    """Escape what Markdown would read as markup; control and direction characters are shown."""
    escaped = _SPECIAL.sub(lambda found: _ENTITY.get(found[0], "\\" + found[0]), _line(value))
    return re.sub(r"^([-+=]|\d+[.)])", r"\\\1", escaped)


def _line(value: str) -> str:
    """Write one line: no line ends, no control or direction characters, no endless names."""
    return printable(shortened(value, 4 * _LONGEST), limit=8 * _LONGEST)
