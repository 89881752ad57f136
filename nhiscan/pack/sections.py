"""What stands in which pack, in which order: each section is one query of the library."""

from typing import Literal

from msgspec import Struct

Kind = Literal["audit", "monthly", "client"]
_ALL: tuple[Kind, ...] = ("audit", "monthly", "client")


class Section(Struct, frozen=True, kw_only=True):
    """`name` is the file's, `query` that of the library; `packs` are those it belongs to."""

    name: str
    title: str
    query: str
    packs: tuple[Kind, ...] = _ALL


def _section(name: str, query: str, title: str, packs: tuple[Kind, ...] = _ALL) -> Section:
    return Section(name=name, title=title, query=query, packs=packs)


# Who does the work, and who looks at it; a client has no use for how the MSP organizes itself.
_OURS: tuple[Kind, ...] = ("audit", "monthly")
# What proves something about a period; a monthly review looks at what is open.
_PROOF: tuple[Kind, ...] = ("audit", "client")

# The population comes first: samples are drawn from it (governance 4.3).
SECTIONS = (
    _section("01-population", "period-population", "Population: every identity of the period"),
    _section("02-reads", "period-scans", "When the accounts were read, and the gaps between"),
    _section("02-visibility", "visibility", "How much is seen", _OURS),
    _section("03-coverage", "coverage", "What could not be read, and why"),
    _section("04-owners", "control-owners", "Who is accountable for each requirement"),
    _section("05-backups", "backup-coverage", "Who stands in", _OURS),
    _section("06-responsibility", "responsibility-matrix", "Which side has which duty"),
    _section("07-signoffs", "signoff-register", "What the client signed, and whether it holds"),
    _section("08-custody", "custody-timeline", "Who kept the evidence when"),
    _section("09-handoffs", "handoff-log", "Hand-offs and their acknowledgement", ("audit",)),
    _section("10-operators", "control-identity-matrix", "Which identities operate which controls"),
    _section("11-evidence", "evidence-index", "Evidence, control by control"),
    _section("12-evidence-sla", "evidence-sla-status", "Evidence against its SLA"),
    _section("13-provability", "provability", "Expected operations, and those with proof"),
    _section("14-attribution", "shared-tool-attribution", "What shared tools did for this client"),
    _section("15-retention", "evidence-retention", "How long evidence is kept", ("audit",)),
    _section("16-drills", "retrieval-drills", "Drills of bringing evidence forth", _OURS),
    _section("17-forecast", "audit-window-forecast", "What evidence will be gone, and when", _OURS),
    _section("18-monthly-reviews", "review-calendar", "Monthly reviews"),
    _section(
        "19-access-reviews",
        "review-coverage",
        "Access reviews: what was reviewed, and what is overdue",
        _OURS,
    ),
    _section("20-provisioning", "provisioning-population", "Created, and with approval", _PROOF),
    _section("21-approvals", "approvals", "Changes and their approvals", _PROOF),
    _section("22-revocations", "revocation-latency", "Revoked, how fast, and checked after"),
    _section("23-monitoring", "monitoring-chain", "Monitoring, link by link"),
    _section("24-incidents", "incident-timeline", "Incidents and the credentials they touched"),
    _section("25-exceptions", "exceptions-by-acceptor", "Exceptions: who accepted what"),
    _section("26-third-parties", "third-party-reach", "Third parties with a way in"),
)
