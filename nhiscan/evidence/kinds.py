"""What kinds of evidence hold records that nhiscan itself reads, and what such a record says."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

_Text = Annotated[str, Meta(min_length=1, max_length=2000)]


class ChangeApproval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """Somebody approved that an identity is made or changed, for instance in a ticket."""

    identity: _Text
    approved_by: _Text
    approved_at: datetime
    requested_by: str | None = None
    executed_by: str | None = None
    requested_at: datetime | None = None
    executed_at: datetime | None = None
    ticket: str | None = None


class Incident(Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An incident, when it was detected, contained and closed, and which identities it touched."""

    incident_id: _Text
    detected_at: datetime
    contained_at: datetime | None = None
    closed_at: datetime | None = None
    identities: list[str] = []
    review_ref: str | None = None


class TriageRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An alert that somebody looked at; without `triaged_at` nobody has yet."""

    alert_id: _Text
    raised_at: datetime
    triaged_at: datetime | None = None
    triaged_by: str | None = None
    outcome: str | None = None
    ticket: str | None = None
    identity: str | None = None


class AlertRuleChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A rule of a monitor that was changed; without `approved_by` nobody approved it."""

    rule: _Text
    changed_by: _Text
    changed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    reason: str | None = None


class Escalation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An alert or incident that was handed to somebody."""

    alert_id: str | None = None
    incident_id: str | None = None
    escalated_at: datetime
    escalated_to: _Text
    acknowledged_at: datetime | None = None


class RetrievalDrill(Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A piece of evidence was asked for, and how long it took until it was there and right."""

    requested_at: datetime
    retrieved_at: datetime | None = None
    evidence_id: str | None = None
    what: str | None = None
    sha256: str | None = None


class Revocation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An identity was to be revoked, and when it was disabled or deleted, as a ticket says."""

    identity: _Text
    trigger: str = "decommission"
    triggered_at: datetime
    disabled_at: datetime | None = None
    deleted_at: datetime | None = None
    executed_by: str | None = None
    ticket: str | None = None


# Kinds whose files are records: JSON (an object or a list), JSON lines, or CSV with these columns.
RECORDS: dict[str, type[Struct]] = {
    "change_approval": ChangeApproval,
    "incident": Incident,
    "triage_record": TriageRecord,
    "alert_rule_change": AlertRuleChange,
    "escalation": Escalation,
    "retrieval_drill": RetrievalDrill,
    "revocation": Revocation,
}
USAGE = "usage"

# Kinds whose files are kept as they are and show no operation (governance R03; view `proofs`).
CONFIGURATION = ("configuration", "configuration_snapshot", "policy", "screenshot")

# Kinds that mean something to us: a misspelt one would be kept and never read, or count as proof.
# Any name that is not nearly one of these is allowed.
MEANT = (*RECORDS, USAGE, *CONFIGURATION)
