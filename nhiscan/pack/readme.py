"""The first page of a pack: what it is, what it lacks, and how anybody checks it."""

from collections.abc import Sequence

from msgspec import Struct

from nhiscan.pack.ledger import Chain
from nhiscan.pack.period import Period
from nhiscan.pack.samples import RULE
from nhiscan.pack.sections import Kind

_TITLES = {
    "audit": "Audit pack",
    "monthly": "Pack for the monthly review",
    "client": "Pack for the client",
}
_TEXT = """\
{title}: {tenant}, {period} (from {start} to before {end}, UTC)

{completeness}

Facts are as the store knew them at {known_at}; what is due or late is judged as of {judged_at}.

WHAT IS HERE
  pack.html, pack.xlsx   every table below, to read
  tables/*.csv           the same, one file each; 01-population comes first: samples come from it
  queries/*.sql          the SQL that made each table, with its parameters
  tables/00-summary      how many of what: begin here
  tables/28-findings     what failed, who answers for it, how long it is overdue
  ledger/                the chain of everything recorded for {tenant}: {entries} entries
  evidence/              the files that the entries name
  manifest.json          rows, queries and their hashes, gaps
  SHA256SUMS             the hash of every file

HOW TO CHECK IT, WITHOUT nhiscan AND WITHOUT ANY NETWORK
  sh verify.sh
  That is: `sha256sum -c SHA256SUMS`, and for each file of ledger/ in order: its first line is the
  SHA-256 of the file before it (zeros before the first), and the SHA-256 of the last one is
    {head}
  Ask the MSP for that head by another way, and compare: then nobody rewrote the chain for you.

SAMPLES
  {rule}. To draw your own, sort tables/01-population.csv yourself.

{withheld}
"""


class Told(Struct, frozen=True, kw_only=True):
    """What a reader must know of a pack before all else.

    `known_at` is the last moment that the store knows of, `judged_at` what counts as now.
    """

    gaps: Sequence[str]
    withheld: list[str]
    broken: list[str]
    known_at: str
    judged_at: str


def readme(kind: Kind, tenant: str, period: Period, told: Told, links: Chain) -> str:
    """Write the page."""
    return _TEXT.format(
        title=_TITLES[kind],
        tenant=tenant,
        period=period.name,
        start=f"{period.start:%Y-%m-%d}",
        end=f"{period.end:%Y-%m-%d}",
        completeness=_completeness(told),
        known_at=told.known_at,
        judged_at=told.judged_at,
        entries=links.entries,
        head=links.head,
        rule=RULE,
        withheld=_withheld(told.withheld),
    )


def _completeness(told: Told) -> str:
    text = "COMPLETE: every source of every account was read whole."
    if told.gaps:
        many = "1 source was" if len(told.gaps) == 1 else f"{len(told.gaps)} sources were"
        text = (
            f"INCOMPLETE: {many} not read whole. A population with gaps is no evidence of what is"
            f" missing in it.{_listed(told.gaps)}"
        )
    if told.broken:
        text += (
            "\n\nBROKEN: this is not what was recorded, and proves nothing; verify.sh fails too."
            f"{_listed(told.broken)}"
        )
    return text


def _withheld(items: Sequence[str]) -> str:
    if not items:
        return "Nothing is withheld."
    return (
        "WITHHELD. The hashes stand, so the chain still holds, and what is withheld can be shown"
        f" and compared by whoever may see it:{_listed(items)}"
    )


def _listed(items: Sequence[str]) -> str:
    return "".join(f"\n  {item}" for item in items)
