"""Records who said that an identity is theirs, or is not, and until when that holds."""

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.records import public_id

if TYPE_CHECKING:
    from nhiscan.store.revision import Revision

_INSERT = """
INSERT INTO attestation BY NAME
SELECT $attestation_id AS attestation_id, $identity_id AS identity_id, $tenant_id AS tenant_id,
    $party_id AS party_id, $is_owner AS is_owner, $attested_by AS attested_by,
    $attested_at AS attested_at, $expires_at AS expires_at, $note AS note,
    $attested_at AS recorded_at
WHERE NOT EXISTS (FROM attestation AS a WHERE a.attestation_id = $attestation_id)
"""


class Answer(Struct, frozen=True, kw_only=True):
    """One answer to the question whose an identity is."""

    identity_id: str
    tenant_id: str
    party_id: str
    is_owner: bool
    attested_by: str
    expires_at: datetime
    note: str | None = None


def record(revision: "Revision", answer: Answer) -> None:
    """Add an answer; nothing that was said before is changed. The same one twice is one."""
    at = revision.at
    parts = (
        answer.identity_id,
        answer.party_id,
        "owner" if answer.is_owner else "not owner",
        answer.attested_by,
        at.isoformat(),
        answer.expires_at.isoformat(),
        answer.note or "",
    )
    values = {name: getattr(answer, name) for name in answer.__struct_fields__}
    revision.con.execute(
        _INSERT, values | {"attestation_id": public_id("att", *parts), "attested_at": at}
    )
