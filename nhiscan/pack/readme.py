"""The first page of a pack: what it is, what it lacks, and how anybody checks it."""

from collections.abc import Sequence

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

WHAT IS HERE
  pack.html, pack.xlsx   every table below, to read
  tables/*.csv           the same, one file each; 01-population comes first: samples come from it
  queries/*.sql          the SQL that made each table, with its parameters
  tables/20-findings     what failed, who answers for it, how long it is overdue
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


def readme(
    kind: Kind,
    tenant: str,
    period: Period,
    gaps: Sequence[str],
    links: Chain,
    withheld: Sequence[str],
) -> str:
    """Write the page."""
    complete = "COMPLETE: every source of every account was read whole by its last scan."
    if gaps:
        listed = "".join(f"\n  {gap}" for gap in gaps)
        complete = (
            f"INCOMPLETE: {len(gaps)} sources were not read whole. A population with gaps is no"
            f" evidence of what is missing in it.{listed}"
        )
    kept = "Nothing is withheld."
    if withheld:
        kept = (
            "WITHHELD, because it names other clients or shared tools, or is missing; the hashes"
            " stand, so the chain still holds:" + "".join(f"\n  {item}" for item in withheld)
        )
    return _TEXT.format(
        title=_TITLES[kind],
        tenant=tenant,
        period=period.name,
        start=f"{period.start:%Y-%m-%d}",
        end=f"{period.end:%Y-%m-%d}",
        completeness=complete,
        entries=links.entries,
        head=links.head,
        rule=RULE,
        withheld=kept,
    )
