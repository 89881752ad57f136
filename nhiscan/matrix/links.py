"""Ties identities to the control instances that they operate, with reasons and how surely."""

from datetime import datetime
from typing import TYPE_CHECKING

from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.matrix.capabilities import capabilities
from nhiscan.matrix.model import LinkMatch, LinkRule, Matrix

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# How much each basis alone says (governance 2.5). An action class is shared out among the classes
# that the identity has: who may do everything is not there for any one thing.
WEIGHTS = {
    "explicit": 1.00,
    "tag": 0.95,
    "operation": 0.85,
    "dedicated": 0.80,
    "role": 0.70,
    "action_class": 0.50,
    "repository": 0.45,
    "name": 0.40,
    # an id that was written for an identity of that name which is gone: for a person to confirm
    "made_again": 0.60,
}
# From here a link stands, or is put before somebody to confirm; what is less sure is dropped.
LINKED, SUGGESTED = 0.70, 0.40
# No inference is surer than this, however many agree.
CAP = 0.90
# Sums of floating numbers are compared with this tolerance.
TOLERANCE = 1e-9
# The key of the tag that names criteria or instances, on identities and accounts.
TAG = "soc2-control"

_CAPABILITY = {
    "capability": "VARCHAR",
    "what": "VARCHAR",
    "reason": "VARCHAR",
    "reads": "BOOLEAN",
}
_RULE = {
    "rule_id": "VARCHAR",
    "basis": "VARCHAR",
    "criteria": "VARCHAR[]",
    "match": "VARCHAR",
    **{name.rstrip("_"): "VARCHAR" for name in LinkMatch.__struct_fields__},
}


def stage_links(con: "DuckDBPyConnection", matrix: Matrix, at: datetime) -> None:
    """Leave `staged_control_link` and `control_claim`; needs the matrix and relations merged.

    Only instances whose period holds `at` have links. An identity is of the instance's own client,
    or one of the MSP's or a subservice's that the matrix, a tag or a person names; people and what
    a platform runs are linked only where they are named.
    """
    _stage_capabilities(con)
    stage_rows(con, "link_rule", _RULE, [_row(rule) for rule in matrix.rules])
    numbers = {f"w_{basis}": weight for basis, weight in WEIGHTS.items()} | {
        "linked": LINKED,
        "suggested": SUGGESTED,
        "cap": CAP,
        "tolerance": TOLERANCE,
        "tag_key": TAG,
        "at": at,
    }
    for script in ("links_estate", "links_bases", "links_named", "links"):
        run_script(con, "nhiscan.matrix", f"{script}.sql", **numbers)


def stage_sanctioned(con: "DuckDBPyConnection", at: datetime, months: int) -> None:
    """Mark in `staged_shared` what every client concerned has signed for; needs `stage_links`.

    A sign-off without an end holds for so many `months`. Equal credentials are never sanctioned.
    """
    run_script(con, "nhiscan.matrix", "links_sanctioned.sql", at=at, months=months)


def _row(rule: LinkRule) -> tuple[object, ...]:
    given = {name.rstrip("_"): getattr(rule.match, name) for name in rule.match.__struct_fields__}
    match = ", ".join(f"{key} {text}" for key, text in given.items() if text is not None)
    return (rule.id, rule.basis, rule.criteria, match, *given.values())


def _stage_capabilities(con: "DuckDBPyConnection") -> None:
    """Stage the table of capabilities, one table per list of it."""
    all_of = capabilities()
    rows = [
        (c.id, c.what, f"it may {c.what}: {', '.join(c.criteria)}", c.action_classes == ("read",))
        for c in all_of
    ]
    stage_rows(con, "capability", _CAPABILITY, rows)
    of = {"capability": "VARCHAR"}
    stage_rows(con, "capability_class", of | {"action_class": "VARCHAR", "actions": "VARCHAR[]"},
               [(c.id, one, c.actions) for c in all_of for one in c.action_classes])  # fmt: skip
    stage_rows(con, "capability_role", of | {"role": "VARCHAR"},
               [(c.id, role.lower()) for c in all_of for role in c.roles])  # fmt: skip
    stage_rows(con, "capability_kind", of | {"kind": "VARCHAR"},
               [(c.id, kind) for c in all_of for kind in c.kinds])  # fmt: skip
    stage_rows(con, "capability_issuer", of | {"issuer": "VARCHAR"},
               [(c.id, issuer) for c in all_of for issuer in c.issuers])  # fmt: skip
    stage_rows(con, "capability_criterion", of | {"criterion": "VARCHAR"},
               [(c.id, criterion) for c in all_of for criterion in c.criteria])  # fmt: skip
    services = [(c.id, s, True) for c in all_of for s in c.services]
    services += [(c.id, s, False) for c in all_of for s in c.also_services]
    stage_rows(con, "capability_service",
               of | {"service": "VARCHAR", "distinct_use": "BOOLEAN"}, services)  # fmt: skip
