"""Turns the rows of every rule in the query library into findings that live over scans.

A query with a `rule` returns, besides the facts it shows, these columns: `verdict` (open, or
unknown where a read it rests on was not whole), `tenant_id`, `account_id`, `subject` (what the
finding hangs on; null in rows that only say that something was not read), `title` (without anything
that changes from day to day), `would_change`, `rests_on` (reads, as `source (region)`) and
`unread`; and where it has them `identity_id`, `credential_id`, `instance_id`, `base` (1 info to
5 critical) where it weighs less than the rule's severity, and `remediation_owner_id` where somebody
else than the owner has to act. A row about a
control instance as such has no `account_id`: the matrix is read whole, and judged, every time.

A finding that is no longer shown is resolved only if everything it rested on was read whole since;
else it is unknown. Nothing is judged in accounts that a scan did not read, but by the families of
rules that rest on what people say, which are judged everywhere whenever that changes.
"""

from collections.abc import Collection
from contextlib import contextmanager, nullcontext
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from nhiscan.config.model import Config
from nhiscan.records import public_id
from nhiscan.sql import library

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from duckdb import DuckDBPyConnection

    from nhiscan.store.revision import Revision


# In this order: later ones are computed from earlier ones.
_HELD = (
    "read_spots",
    "blind_spots",
    "identities",
    "credentials",
    "governed",
    "installed_credentials",
    "ways_in",
    "trusts",
    "control_instances",
    "control_links",
)


# Areas of the library that ask what people wrote or recorded: with no matrix, no ledger and no
# exceptions there is nothing to ask, and forty questions cost as much as judging a whole account.
_ANSWERED = ("controls", "evidence", "reviews", "monitoring", "incidents")
_NOTHING_WRITTEN = """
SELECT NOT EXISTS (FROM control_instances) AND NOT EXISTS (FROM ledger_entry)
    AND NOT EXISTS (FROM exceptions)
"""
_NOTHING_LATE = """
SELECT NOT EXISTS (
    FROM findings AS f
    WHERE (f.status = 'open' AND f.due_at <= $at) OR list_contains($later, f.rule)
)
"""

# Rules about findings themselves are judged when all others have been.
LATER = ("REV-03",)


class FindingCounts(Struct, frozen=True, kw_only=True):
    """What an evaluation changed (the first three), and how things stand after it."""

    opened: int = 0
    resolved: int = 0
    became_unknown: int = 0
    open: int = 0
    unknown: int = 0


def evaluate(
    revision: "Revision", config: Config, at: datetime, families: Collection[str] = ()
) -> FindingCounts:
    """Judge what `revision` has read by every rule, and merge the findings into it.

    With `families` (such as OWN) only their rules are asked, of every account ever read: that is
    for new answers of people, when no cloud was asked.
    """
    first = _judge(revision, config, at, families, others=LATER)
    if _told(revision, _NOTHING_LATE, {"at": at, "later": list(LATER)}):
        return first
    after = _judge(revision, config, at, LATER)
    return FindingCounts(
        opened=first.opened + after.opened,
        resolved=first.resolved + after.resolved,
        became_unknown=first.became_unknown + after.became_unknown,
        open=after.open,
        unknown=after.unknown,
    )


def _judge(
    revision: "Revision",
    config: Config,
    at: datetime,
    families: Collection[str],
    others: Collection[str] = (),
) -> FindingCounts:
    """Judge by the rules of some families, or by some rules, or by all; never by the `others`."""
    con = revision.con
    if families:
        con.execute(_statement("judged_everywhere.sql"))
    else:
        con.execute(_statement("judged.sql"), {"at": revision.at})
    con.execute(_statement("shown.sql"))
    policy = config.policy.numbers()
    silent = _ANSWERED if _told(revision, _NOTHING_WRITTEN) else ()
    chosen = [
        query
        for query in library.load().values()
        if query.rule and _is_asked(query.rule, families, others) and query.area not in silent
    ]
    with _held(con) if families != LATER else nullcontext():
        for query in chosen:
            _show(con, query, query.values({}, policy, at))
    _identify(con)
    due = {name: days for name, days in policy.items() if name.startswith("due_days_")}
    asked = {"families": list(families) or None, "others": list(others)}
    con.execute(_statement("stage.sql"), {"at": revision.at, **asked, **due})
    counts = con.execute(_statement("count.sql")).fetchone()
    revision.merge_derived("finding", "staged_findings")
    return FindingCounts(**dict(zip(FindingCounts.__struct_fields__, counts or (), strict=True)))


def _told(revision: "Revision", sql: str, params: "Mapping[str, object] | None" = None) -> bool:
    row = revision.con.execute(sql, params).fetchone()
    return bool(row and row[0])


def _is_asked(rule: str, families: Collection[str], others: Collection[str]) -> bool:
    return rule not in others and (
        not families or rule in families or rule.partition("-")[0] in families
    )


@contextmanager
def _held(con: "DuckDBPyConnection") -> "Iterator[None]":
    """Compute the views that most rules read once, as tables that stand before them.

    A name is found among temporary tables first. Without this every rule computes them anew:
    twice the CPU, measured on an account of 2,500 identities.
    """
    for name in _HELD:
        con.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}")  # noqa: S608 - our own
    try:
        yield
    finally:
        for name in _HELD:
            con.execute(f"DROP TABLE temp.{name}")


def _show(con: "DuckDBPyConnection", query: library.Query, values: "Mapping[str, object]") -> None:
    """Run one rule's query and collect its rows in `shown`."""
    import duckdb

    names = duckdb.extract_statements(query.sql)[0].named_parameters
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE rule_rows AS {query.sql}",
        {name: values[name] for name in names},
    )
    shown = con.execute("SELECT EXISTS (FROM rule_rows WHERE subject IS NOT NULL)").fetchone()
    if not (shown and shown[0]):
        return
    con.execute(
        _statement("show.sql"),
        {
            "rule": query.rule,
            "base": library.SEVERITIES.index(query.severity or "info") + 1,
            "remediation": query.remediation,
            "frameworks": msgspec.json.encode(query.frameworks).decode(),
        },
    )


def _identify(con: "DuckDBPyConnection") -> None:
    """Give every row of `shown` its stable id, in the table `identified`."""
    keys = con.execute("SELECT DISTINCT rule, tenant_id, subject FROM shown").fetchall()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE identified AS"
        " SELECT k.finding_id, s.* FROM shown s JOIN (SELECT unnest($rules::VARCHAR[]) AS rule,"
        " unnest($tenants::VARCHAR[]) AS tenant_id, unnest($subjects::VARCHAR[]) AS subject,"
        " unnest($ids::VARCHAR[]) AS finding_id) k"
        " ON k.rule = s.rule AND k.tenant_id = s.tenant_id AND k.subject = s.subject",
        {
            "rules": [rule for rule, _, _ in keys],
            "tenants": [tenant for _, tenant, _ in keys],
            "subjects": [subject for _, _, subject in keys],
            "ids": [public_id("find", *key) for key in keys],
        },
    )


def _statement(name: str) -> str:
    return files("nhiscan.findings").joinpath(name).read_text("utf-8")
