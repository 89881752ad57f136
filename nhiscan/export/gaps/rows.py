"""The rows of gap lists, each as the client that it is about may see it."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, structs

from nhiscan.export.masked import BATCH, parsed, text
from nhiscan.export.tenant import known_tenant
from nhiscan.export.wall import Wall, opaque_ids
from nhiscan.findings.gaps import Choice, known
from nhiscan.sql.library import SEVERITIES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.config.model import Config

# Words of ours that no mask may touch; everything else in a row may hold text from a cloud.
FIXED = frozenset(
    {"folder", "finding_fp", "client", "rule", "severity", "provider", "status", "owner_status"}
    | {"identity_id", "credential_id", "recommended_action", "criteria", "sla_days", "due_at"}
    | {"first_seen", "last_seen", "opened_at", "owner_confidence", "other_clients"}
)

Row = dict[str, Any]
By = Literal["owner", "client", "organization"]


class Asked(Struct, frozen=True, kw_only=True):
    """Which findings a list is to hold; an empty sequence restricts nothing.

    `by` is what makes a folder. `severity` is the least. `is_new` means opened, or come back, at
    the newest scan or after it.
    """

    tenants: Sequence[str] = ()
    owners: Sequence[str] = ()
    rules: Sequence[str] = ()
    severity: str = "info"
    statuses: Sequence[str] = ("open", "unknown")
    is_new: bool = False
    by: By = "owner"


def checked(con: "DuckDBPyConnection", asked: Asked) -> Asked:
    """Return the same, owners and rules as the store names them. UsageError if one is unknown."""
    for tenant in asked.tenants:
        known_tenant(con, tenant)
    found = known(con, Choice(owners=asked.owners, rules=asked.rules))
    return structs.replace(asked, owners=found.owners, rules=found.rules)


def parameters(asked: Asked) -> dict[str, Any]:
    """Return what the query takes, and what a manifest tells of it."""
    return {
        "tenants": list(asked.tenants) or None,
        "owners": list(asked.owners) or None,
        "rules": list(asked.rules) or None,
        "severities": list(SEVERITIES[SEVERITIES.index(asked.severity) :]),
        "statuses": list(asked.statuses),
        "is_new": asked.is_new,
        "by": asked.by,
    }


def rows(con: "DuckDBPyConnection", config: "Config | None", asked: Asked) -> Iterator[Row]:
    """Yield the findings by folder, client, due date and id; memory does not grow with them.

    No row names a client other than its own, whatever a cloud's text says; rows about the MSP's
    own tenant may.
    """
    clients = dict(con.execute(text("clients.sql")).fetchall())
    wall = Wall(terms(con, config))
    base = config.matrix if config else None
    # A cursor of its own: the wall asks while the rows are being read.
    asking = con.cursor()
    asking.execute("USE store.main")
    result = asking.execute(text("gaps.sql"), parameters(asked))
    names = [column[0] for column in result.description or ()]
    while part := result.fetchmany(BATCH):
        batch = [dict(zip(names, row, strict=True)) for row in part]
        mentioned = sorted(set().union(*map(_mentioned, batch)))
        for row in batch:
            row.update({key: parsed(row[key]) for key in ("criteria", "evidence_refs")})
            row["matrix_file_line"] = _relative(row["matrix_file_line"], base)
        owners = con.execute(text("owners.sql"), {"ids": mentioned}).fetchall()
        knowing = wall.knowing(dict(owners))
        for row in batch:
            yield _walled(row, clients.get(row["client"]), knowing)


def count(con: "DuckDBPyConnection", asked: Asked) -> int:
    """Count the findings that `rows` will yield: the control total of an export."""
    # The query is a file of this package.
    sql = f"SELECT count(*) FROM ({text('gaps.sql')})"  # noqa: S608
    found = con.execute(sql, parameters(asked)).fetchone()
    return int(found[0]) if found else 0


def _mentioned(row: Row) -> set[str]:
    """List the public ids in a row, whose JSON is not parsed yet: it is searched as one text."""
    evidence = row["evidence_refs"]
    # An escape may stand before an id as a letter: `\\nnhi_…`.
    if evidence and "\\" in evidence:
        evidence = parsed(evidence)
    return opaque_ids([evidence, row["title"], row["identity"], row["why_owner"]])


def terms(con: "DuckDBPyConnection", config: "Config | None") -> list[tuple[str, str, str]]:
    """List the words that name each client: of the store, and of the configuration's contacts."""
    clients = dict(con.execute(text("clients.sql")).fetchall())
    tenants = config.tenants if config else ()
    domains = [
        (clients[tenant.id], "domain", address.rpartition("@")[2])
        for tenant in tenants
        for address in tenant.contacts.values()
        if tenant.id in clients and "@" in address
    ]
    return domains + con.execute(text("terms.sql")).fetchall()


def _relative(place: str | None, base: Any) -> str | None:
    """Write FILE:LINE as seen from the matrix; where that lies is nobody's matter."""
    if place is None or base is None or not PurePath(place).is_absolute():
        return place
    folder = PurePath(str(base))
    path = PurePath(place)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name


def _walled(row: Row, client: str | None, wall: Wall) -> Row:
    """Take out of a row what names another client; how many share it, it may say."""
    if client is None:
        return row
    named: set[str] = set()
    walled: Row = {}
    for key, value in row.items():
        if key in FIXED or value is None:
            walled[key] = value
        else:
            walled[key], found = wall.masked(value, client)
            named |= found
    if row["other_clients"] is not None:
        count = walled["other_clients"] = max(row["other_clients"], len(named))
        if count:
            many = "1 other client" if count == 1 else f"{count} other clients"
            walled["title"] = f"{walled['title']} (also in {many})"
    return walled
