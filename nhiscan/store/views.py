r"""Renders the views: each is written once and read as of now, as of a moment, or over all time.

A view file holds its comments as `-- comment:` and `-- column NAME:` lines, then one SELECT with
these tokens, each rendered for the form that is asked for:

    @at(v)       the version of v that holds: now, at the moment, or every one
    @join(a, b)  the version of b that holds together with a's
    @live(v)     v holds now or at the moment (also in history: facts kept for current rows only)
    @before(e)   the time e is not after the moment
    @used(e, v)  the time e, or null if it lies after the moment (in history: after v ended)
    @each(v)     in history, what tells the versions of one thing apart; else a constant
    @past(e)     in history, the time e; else a constant, so that grouping by it keeps the newest
    @asof()      in history, ASOF: the join takes the newest of many; else the only one is joined
    @span(a, …)  in history, the columns valid_from and valid_to that a and the others share
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from nhiscan.store.transaction import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Later ones are built on earlier ones.
NAMES = (
    "tenants",
    "accounts",
    "scans",
    "coverage",
    "latest_coverage",
    "account_unread",
    "identities",
    "credentials",
    "grants",
    "trusts",
    "parties",
    "ownership_claims",
    "resolutions",
    "attestations",
    "controls",
    "crosswalk",
    "evidence_slas",
    "control_instances",
    "duties",
    "custody",
    "signoffs",
    "operators",
    "control_orgs",
    "control_links",
    "rests",
    "exceptions",
    "identity_names",
    "ledger",
    "review_packs",
    "reviews",
    "access_reviews",
    "evidence",
    "evidence_records",
    "usage_events",
    "proofs",
    "verifications",
    "log_retentions",
    "log_gaps",
    "party_names",
    "change_approvals",
    "revocations",
    "lifecycle_stages",
    "reach",
    "shared",
    "tools",
    "tool_events",
    "findings",
    "tickets",
    "decisions",
    "finding_events",
    "premises",
    "read_spots",
    "blind_spots",
    "governed",
    "installed_credentials",
    "ways_in",
    "can_become",
)

# The digest of the views that a store holds.
_DIGEST = "SELECT comment FROM duckdb_tables() WHERE table_name = 'schema_migration'"

Form = Literal["now", "as_of", "history"]


class View(Struct, frozen=True, kw_only=True):
    """One view as its file tells it; `columns` maps each column to its comment."""

    name: str
    comment: str
    columns: dict[str, str]
    has_history: bool
    body: str

    def sql(self, form: Form, moment: datetime | None = None) -> str:
        """Render the SELECT; `moment` is needed for the form as_of."""
        rules = _rules(form, moment)

        def render(match: re.Match[str]) -> str:
            return rules[match[1]](*(a.strip() for a in match[2].split(",")))

        return re.sub(r"@(\w+)\(([^()]*)\)", render, self.body)


@cache
def load(name: str) -> View:
    """Read one view file."""
    text = files("nhiscan.schema").joinpath("views", f"{name}.sql").read_text("utf-8")
    head = re.findall(r"^-- (comment|history|column (\w+)): (.+)$", text, re.MULTILINE)
    single = {kind: value for kind, column, value in head if not column}
    return View(
        name=name,
        comment=single["comment"],
        columns={column: value for _, column, value in head if column},
        has_history=single.get("history") != "no",
        body=re.sub(r"^-- .*\n", "", text, flags=re.MULTILINE).strip(),
    )


def create_views(con: "DuckDBPyConnection") -> None:
    """Create or replace every view, its history form, and all comments, in one transaction.

    Nothing is done where all stands as it is to be: the comment of `schema_migration` is a digest.
    """
    statements: list[str] = []
    for view in map(load, NAMES):
        statements += _creating(view.name, view.sql("now"), view.comment, view.columns)
        if view.has_history:
            comment = f"All versions over time. {view.comment}"
            columns = view.columns | {
                "valid_from": "The scan that first showed this version.",
                "valid_to": "The scan that no longer showed it; null while it holds.",
            }
            sql = view.sql("history")
            statements += _creating(f"{view.name}_history", sql, comment, columns)
    digest = f"views {sha256(repr(statements).encode()).hexdigest()}"
    said = con.execute(_DIGEST).fetchone()
    if said is not None and said[0] == digest:
        return
    statements.append(f"COMMENT ON TABLE schema_migration IS '{digest}'")
    with transaction(con):
        con.execute(";\n".join(statements))


def _creating(name: str, sql: str, comment: str, columns: dict[str, str]) -> Iterator[str]:
    yield f"CREATE OR REPLACE VIEW {name} AS {sql}"
    yield f"COMMENT ON VIEW {name} IS {_quoted(comment)}"
    for column, text in columns.items():
        yield f'COMMENT ON COLUMN {name}."{column}" IS {_quoted(text)}'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _rules(form: Form, moment: datetime | None) -> dict[str, Callable[..., str]]:
    rules: dict[str, Callable[..., str]] = {
        "at": _current,
        "join": lambda a, b: _current(b),
        "live": _current,
        "before": lambda e: "true",
        "used": lambda e, *v: e,
        "each": lambda v: "true",
        "past": lambda e: "true",
        "asof": lambda _: "",
        "span": lambda *v: "",
    }
    if form == "as_of":
        rules |= _rules_as_of(f"TIMESTAMPTZ '{moment:%Y-%m-%d %H:%M:%S.%f+00}'")
    if form == "history":
        rules |= {"at": lambda v: "true", "join": _overlap, "span": _span, "used": _used}
        rules |= {
            "each": lambda v: f"{v}.unit, {v}.valid_from",
            "past": lambda e: e,
            "asof": lambda _: "ASOF",
        }
    return rules


def _current(v: str) -> str:
    return f"{v}.valid_to IS NULL"


def _rules_as_of(at: str) -> dict[str, Callable[..., str]]:
    def holds(v: str) -> str:
        return f"({v}.valid_from <= {at} AND ({v}.valid_to IS NULL OR {v}.valid_to > {at}))"

    return {
        "at": holds,
        "join": lambda a, b: holds(b),
        "live": holds,
        "before": lambda e: f"{e} <= {at}",
        "used": lambda e, *v: f"CASE WHEN {e} <= {at} THEN {e} END",
    }


def _overlap(a: str, b: str) -> str:
    forever = "TIMESTAMPTZ 'infinity'"
    return (
        f"({b}.valid_from < coalesce({a}.valid_to, {forever})"
        f" AND coalesce({b}.valid_to, {forever}) > {a}.valid_from)"
    )


def _used(e: str, *versions: str) -> str:
    if not versions:
        return e
    return f"CASE WHEN {versions[0]}.valid_to IS NULL OR {e} <= {versions[0]}.valid_to THEN {e} END"


def _span(*versions: str) -> str:
    starts = ", ".join(f"{v}.valid_from" for v in versions)
    ends = ", ".join(f"{v}.valid_to" for v in versions)
    if len(versions) == 1:
        return f", {starts}, {ends}"
    return f", greatest({starts}) AS valid_from, least({ends}) AS valid_to"
