"""Draws up the card of one identity's life: each stage with its proof, or why there is none."""

from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from nhiscan.errors import UsageError
from nhiscan.graph.identify import identify
from nhiscan.sql.run import run

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# In the order of a life (governance R22).
STAGES = ("created", "approved", "used", "reviewed", "rotated", "revoked")

State = Literal["proven", "missing", "unknown", "not due"]


class Event(Struct, frozen=True, kw_only=True):
    """One proof of a stage; one that is not `is_sound` happened and does not count."""

    happened_at: datetime
    proof: str
    detail: str | None
    is_sound: bool


class Stage(Struct, frozen=True, kw_only=True):
    """One stage; `why` says why there is no proof, `events` are the proofs, the newest first."""

    stage: str
    state: State
    why: str | None
    events: list[Event]


class Card(Struct, frozen=True, kw_only=True):
    """The life of one identity, as far as it is known."""

    identity_id: str
    tenant_id: str
    account_id: str
    kind: str
    name: str
    native_id: str
    is_gone: bool
    stages: list[Stage]


def card(con: "DuckDBPyConnection", text: str) -> Card:
    """Return the life of the identity that `text` names, those that are gone included.

    UsageError lists the candidates, or the nearest.
    """
    identity_id = _find(con, text)
    one = run(con, _statement("identity"), {"identity": identity_id}).rows[0]
    named = dict(zip(Card.__struct_fields__, one, strict=False))
    events: dict[str, list[Event]] = {stage: [] for stage in STAGES}
    for stage, happened_at, proof, detail, is_sound in run(
        con, _statement("stages"), {"identity": identity_id}
    ).rows:
        events[stage].append(
            Event(happened_at=happened_at, proof=proof, detail=detail, is_sound=bool(is_sound))
        )
    absent = _Absent.of(con, identity_id, named["tenant_id"], is_gone=named["is_gone"])
    stages = [_stage(stage, events[stage], absent) for stage in STAGES]
    return Card(**named, stages=stages)


def _find(con: "DuckDBPyConnection", text: str) -> str:
    try:
        return identify(con, text).identity_id
    except UsageError:
        gone = run(con, _statement("gone"), {"text": text}).rows
        if len(gone) != 1:
            raise
        return str(gone[0][0])


def _stage(stage: str, events: list[Event], absent: "_Absent") -> Stage:
    if any(event.is_sound for event in events):
        return Stage(stage=stage, state="proven", why=None, events=events)
    state, why = absent.of_stage(stage)
    if events and state != "unknown":
        state, why = "missing", "what is recorded does not count"
    return Stage(stage=stage, state=state, why=why, events=events)


class _Absent(Struct, frozen=True, kw_only=True):
    """What the absence of a proof is worth."""

    usage: str | None
    secrets: int
    approvals: int
    due: int
    unread: dict[str, list[str]]
    is_gone: bool

    @classmethod
    def of(
        cls, con: "DuckDBPyConnection", identity_id: str, tenant_id: str, *, is_gone: bool
    ) -> "_Absent":
        unread: dict[str, list[str]] = {}
        for topic, text in run(con, _statement("unread"), {"identity": identity_id}).rows:
            unread.setdefault(topic, []).append(text)
        params = {"identity": identity_id, "tenant": tenant_id}
        usage, secrets, approvals, due = run(con, _statement("facts"), params).rows[0]
        return cls(
            usage=usage, secrets=secrets, approvals=approvals, due=due,
            unread=unread, is_gone=is_gone,
        )  # fmt: skip

    def of_stage(self, stage: str) -> tuple[State, str | None]:
        if stage == "approved":
            if not self.approvals:
                return "unknown", "no approval of this client was ever imported"
            return "missing", "no approval that was imported names it"
        if stage == "used":
            return self._used()
        if stage == "rotated":
            return self._rotated()
        if stage == "revoked":
            return ("missing", "it was to be revoked, and works") if self.due else ("not due", None)
        return (
            "missing",
            "no review and no attestation was recorded" if stage == "reviewed" else None,
        )

    def _used(self) -> tuple[State, str | None]:
        if self.unread.get("usage"):
            return "unknown", "; ".join(self.unread["usage"])
        if self.usage == "never":
            return "missing", "it was never used"
        return "unknown", "no source tells when it was used"

    def _rotated(self) -> tuple[State, str | None]:
        if self.unread.get("credentials"):
            return "unknown", "; ".join(self.unread["credentials"])
        if self.is_gone:
            return "unknown", "it is gone, with its credentials"
        if not self.secrets:
            return "not due", "it has no credential that could be renewed"
        return "missing", "every credential is the first of its kind"


def rows_of(one: Card) -> list[tuple[Any, ...]]:
    """Return the card as rows: one per proof, and one per stage that has none."""
    found: list[tuple[Any, ...]] = []
    for stage in one.stages:
        said = (one.identity_id, one.tenant_id, one.name, stage.stage, stage.state)
        for event in stage.events:
            counts = event.is_sound
            found.append((*said, event.happened_at, event.proof, event.detail, counts, stage.why))
        if not stage.events:
            found.append((*said, None, None, None, None, stage.why))
    return found


COLUMNS = (
    "identity_id",
    "tenant_id",
    "name",
    "stage",
    "state",
    "happened_at",
    "proof",
    "detail",
    "is_sound",
    "why",
)


def _statement(name: str) -> str:
    return files("nhiscan.lifecycle").joinpath(f"{name}.sql").read_text("utf-8")
