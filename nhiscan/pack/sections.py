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


# The population comes first: samples are drawn from it (governance 4.3).
SECTIONS = (
    _section("01-population", "period-population", "Population: every identity of the period"),
    _section("02-reads", "period-scans", "When the accounts were read, and the gaps between"),
    _section("03-coverage", "coverage", "What could not be read, and why"),
    _section("04-owners", "control-owners", "Who is accountable for each requirement"),
    _section("05-backups", "backup-coverage", "Who stands in", ("audit", "monthly")),
    _section("06-responsibility", "responsibility-matrix", "Which side has which duty"),
    _section("07-signoffs", "signoff-register", "What the client signed, and whether it holds"),
    _section("08-custody", "custody-timeline", "Who kept the evidence when"),
    _section("09-handoffs", "handoff-log", "Hand-offs and their acknowledgement", ("audit",)),
    _section("10-operators", "control-identity-matrix", "Which identities operate which controls"),
    _section("11-evidence", "evidence-index", "Evidence, control by control"),
    _section("12-evidence-sla", "evidence-sla-status", "Evidence against its SLA"),
    _section("13-attribution", "shared-tool-attribution", "What shared tools did for this client"),
    _section("14-monthly-reviews", "review-calendar", "Monthly reviews"),
    _section(
        "15-access-reviews",
        "review-coverage",
        "Access reviews: what was reviewed, and what is overdue",
        ("audit", "monthly"),
    ),
    _section("16-approvals", "approvals", "Changes and their approvals", ("audit", "client")),
    _section("17-exceptions", "exceptions-by-acceptor", "Exceptions: who accepted what"),
    _section("18-third-parties", "third-party-reach", "Third parties with a way in"),
)
