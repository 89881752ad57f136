"""Records what people decide about links, and lists links with their reasons."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from nhiscan.errors import UsageError
from nhiscan.sql.run import run
from nhiscan.table import Table
from nhiscan.text import shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.graph.identify import Named
    from nhiscan.store.revision import Revision

_INSTANCE = "SELECT tenant_id FROM control_instances WHERE instance_id = $id"
_INSTANCES = "SELECT instance_id FROM control_instances ORDER BY instance_id"
# The whole answers for its parts, so a decision about a part is one about the whole.
_WHOLE = """
SELECT coalesce(w.identity_id, i.identity_id)
FROM identities AS i
LEFT JOIN identities AS w ON w.identity_id = i.part_of
WHERE i.identity_id = $id
"""
_MAY_OPERATE = """
SELECT own.client_group = c.client_group OR own.kind IN ('msp', 'subservice')
FROM tenants AS own, tenants AS c
WHERE own.tenant_id = $identity_tenant AND c.tenant_id = $tenant
"""
_INSERT = """
INSERT INTO link_decision BY NAME
SELECT $instance_id AS instance_id, $identity_id AS identity_id, $tenant_id AS tenant_id,
    $decision AS decision, $decided_by AS decided_by, $reason AS reason, $at AS decided_at,
    $at AS recorded_at
"""
_STANDS = """
SELECT state, confidence, grade
FROM control_links WHERE instance_id = $instance_id AND identity_id = $identity_id
"""


class Decision(Struct, frozen=True, kw_only=True):
    """One answer to whether an identity operates an instance; `tenant_id` is the client."""

    instance_id: str
    identity_id: str
    tenant_id: str
    decision: Literal["confirm", "reject"]
    decided_by: str
    reason: str | None = None


def decision(
    con: "DuckDBPyConnection",
    instance: str,
    named: "Named",
    decided: Literal["confirm", "reject"],
    by: str,
    reason: str | None,
) -> Decision:
    """Check that the instance is known, and that the identity may operate for its client at all.

    UsageError names the nearest instance, or says whose identity it is.
    """
    found = con.execute(_INSTANCE, {"id": instance}).fetchone()
    if found is None:
        known = [row[0] for row in con.execute(_INSTANCES).fetchall()]
        raise UsageError(
            f"no control instance {shortened(instance, 200)!r}", hint=_near(instance, known)
        )
    tenants = {"identity_tenant": named.tenant_id, "tenant": found[0]}
    may = con.execute(_MAY_OPERATE, tenants).fetchone()
    if may != (True,):
        raise UsageError(
            f"{named} belongs to another client than {instance}, which is of {found[0]}",
            hint="what operates a control is the client's own, the MSP's or a subservice's",
        )
    whole = con.execute(_WHOLE, {"id": named.identity_id}).fetchone()
    return Decision(
        instance_id=instance,
        identity_id=whole[0] if whole else named.identity_id,
        tenant_id=found[0],
        decision=decided,
        decided_by=by,
        reason=reason,
    )


def _near(instance: str, known: list[str]) -> str:
    near = get_close_matches(instance, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return "`nhiscan query responsibility-matrix` lists them" if known else "the matrix has none"


def record(revision: "Revision", one: Decision) -> None:
    """Add a decision; nothing that was decided before is changed, and the newest holds."""
    values = {name: getattr(one, name) for name in one.__struct_fields__}
    revision.con.execute(_INSERT, values | {"at": revision.at})


def stands(con: "DuckDBPyConnection", one: Decision) -> str:
    """Say how the link stands now."""
    keys = {"instance_id": one.instance_id, "identity_id": one.identity_id}
    row = con.execute(_STANDS, keys).fetchone()
    if row is None:
        return "recorded; the instance is not in force now, so nothing is linked to it"
    state, confidence, grade = row
    return f"{state}, confidence {confidence:.2f}, grade {grade}"


def links(
    con: "DuckDBPyConnection", states: Iterable[str], tenants: Iterable[str], notes: tuple[str, ...]
) -> Table:
    """List links, those to decide first; no states or tenants stand for all."""
    sql = files("nhiscan.matrix").joinpath("links_list.sql").read_text("utf-8")
    params = {"states": sorted(set(states)), "tenants": sorted(set(tenants))}
    return run(con, sql, params, title="Links to control instances", notes=notes)
