"""Says which row of a party's history holds on a day: hired, away, gone, hired again."""

from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from nhiscan.config.model import Employment, Party

# What the only row of somebody says of the days before its `since`: who will leave is here until
# then, who will begin is not yet known to be.
_BEFORE: dict[Employment, Employment] = {
    "active": "unknown",
    "unknown": "unknown",
    "leave": "active",
    "notice": "active",
    "left": "notice",
}


def on_day(rows: Sequence[Party], today: date) -> Party:
    """Return the party as its rows tell it on `today`: the newest `since` not after it holds.

    Somebody who is to leave next is under notice until then. Addresses of other rows are aliases:
    a tag that was written years ago still names the same person.
    """
    ordered = sorted(rows, key=_since)
    past = [row for row in ordered if _since(row) <= today]
    future = [row for row in ordered if _since(row) > today]
    if past:
        one = past[-1]
        leaving = bool(future) and future[0].employment == "left" and one.employment != "left"
        told = replace(one, employment="notice") if leaving else one
    else:
        told = replace(future[0], employment=_BEFORE[future[0].employment], since=None)
    others = [a for row in ordered for a in (row.email, *row.aliases) if a and a != told.email]
    return replace(told, aliases=tuple(dict.fromkeys((*told.aliases, *others))))


def _since(row: Party) -> date:
    return date.fromisoformat(row.since) if row.since else date.min
