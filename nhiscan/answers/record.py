"""Records decisions, and what follows from them: who says that something is not theirs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from nhiscan.answers.decisions import Decision
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.ownership.attest import Answer
from nhiscan.ownership.attest import record as attest
from nhiscan.ownership.register import Row, record_register
from nhiscan.records import public_id

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.store.revision import Revision

# Governance 3.1: a hand-over that somebody asked for, as under a ticket. Whom it names has not said
# a word: only `nhiscan attest` by themselves is more.
_HANDED_OVER = "S13"
_STAGED = {
    "decision_id": "VARCHAR",
    "finding_id": "VARCHAR",
    "tenant_id": "VARCHAR",
    "decision": "VARCHAR",
    "decided_by": "VARCHAR",
    "reassign_to": "VARCHAR",
    "defer_until": "DATE",
    "comment": "VARCHAR",
}


def unrecorded(con: "DuckDBPyConnection", decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that are not the newest of their finding already."""
    rows = con.execute(
        "SELECT finding_id, decision, decided_by, reassign_to, defer_until, comment"
        " FROM decisions WHERE is_newest"
    )
    newest = {row[0]: row[1:] for row in rows.fetchall()}
    return [one for one in decisions if newest.get(one.finding.finding_id) != _said(one)]


def record_decisions(revision: "Revision", decisions: Sequence[Decision], by: str) -> None:
    """Add decisions as of now; nothing that was answered before is changed."""
    staged = [
        (
            public_id(
                "dec", one.finding.finding_id, revision.at.isoformat(), *map(str, _said(one))
            ),
            one.finding.finding_id,
            one.finding.tenant_id,
            one.decision,
            one.decided_by,
            one.reassign_to,
            one.defer_until and one.defer_until.isoformat(),
            one.comment,
        )
        for one in decisions
    ]
    stage_rows(revision.con, "told_decision", _STAGED, staged)
    run_script(revision.con, "nhiscan.answers", "decisions.sql", at=revision.at, by=by)


def hand_over(revision: "Revision", decisions: Sequence[Decision], days: int) -> int:
    """Record what `reassign` says of owners, for `days`; return of how many identities.

    The owner's answer is that it is not theirs; whom they name gets a claim, not an attestation.
    """
    handed = [one for one in decisions if one.decision == "reassign" and one.finding.identity_id]
    denied = {(one.finding.identity_id, one.asked): one for one in handed if one.asked is not None}
    for (identity, owner), one in denied.items():
        attest(
            revision,
            Answer(
                identity_id=identity or "",
                tenant_id=one.finding.tenant_id,
                party_id=owner or "",
                is_owner=False,
                attested_by=one.decided_by,
                expires_at=revision.at + timedelta(days=days),
                note=one.comment or f"answered about {one.finding.finding_id}",
            ),
        )
    claims = {(one.finding.identity_id, one.reassign_to): one for one in handed if one.reassign_to}
    if claims:
        record_register(revision, [_claim(one) for one in claims.values()], handed[0].decided_by)
    return len({one.finding.identity_id for one in handed})


def _claim(one: Decision) -> Row:
    comment = f": {one.comment[:200]}" if one.comment else ""
    return Row(
        identity_id=one.finding.identity_id or "",
        tenant_id=one.finding.tenant_id,
        party_id=one.reassign_to or "",
        reference=one.reassign_to or "",
        signal=_HANDED_OVER,
        role="accountable",
        observed_at=None,
        evidence=f"named by {one.decided_by} in the answer to {one.finding.finding_id}{comment}",
        origin=f"answers of {one.decided_by}",
    )


def _said(one: Decision) -> tuple[object, ...]:
    return (one.decision, one.decided_by, one.reassign_to, one.defer_until, one.comment)
