"""Tells on stderr what a scan or merge did, every gap included, and picks the exit code."""

from collections.abc import Iterable, Iterator

import click

from nhiscan.errors import Exit
from nhiscan.scan.publish import Gap, Outcome
from nhiscan.sql.library import SEVERITIES
from nhiscan.text import printable

_MOST_GAPS = 20
_MOST_SOURCES = 4
_MEND = {
    "denied": "`nhiscan permissions PROVIDER` prints what to grant, `nhiscan check` tests it",
    "throttled": "scan again later, or lower --jobs",
    "unreachable": "`nhiscan check` tells whether the account can be entered",
    "partial": "scan again, or raise the limit that the reason names",
}


def tell(outcome: Outcome) -> None:
    """Write the summary."""
    lines = [
        f"scan {outcome.scan_id}: {outcome.units} units, {outcome.incomplete} incomplete",
        f"identities: {_listed(outcome.identities) or 'none'}",
        f"rows: {outcome.new} new, {outcome.changed} changed, {outcome.gone} gone",
        f"findings: {outcome.opened} opened, {outcome.resolved} resolved;"
        f" open now: {_listed(outcome.findings) or 'none'}",
    ]
    lines += [f"skipped {line}" for line in outcome.skipped]
    if outcome.gaps:
        told = list(_told(outcome.gaps))
        lines.append(f"not read whole ({len(outcome.gaps)} sources):")
        lines += [f"  {line}" for line in told[:_MOST_GAPS]]
        if len(told) > _MOST_GAPS:
            lines.append(f"  … and {len(told) - _MOST_GAPS} more lines: `nhiscan status`")
        states = sorted({gap.state for gap in outcome.gaps} & set(_MEND))
        lines += [f"hint: {state}: {_MEND[state]}" for state in states]
    for line in lines:
        click.echo(printable(line), err=True)


def exit_code(outcome: Outcome, fail_on: str | None) -> Exit:
    """Incomplete coverage comes before findings: a verdict on half a reading is none."""
    if outcome.incomplete:
        return Exit.INCOMPLETE
    if fail_on is not None:
        bad = SEVERITIES[SEVERITIES.index(fail_on) :]
        if any(outcome.findings.get(severity) for severity in bad):
            return Exit.FINDINGS
    return Exit.COMPLETE


def _told(gaps: Iterable[Gap]) -> Iterator[str]:
    """Tell gaps that share an account and a reason in one line, naming their sources."""
    together: dict[tuple[str, ...], list[str]] = {}
    for gap in gaps:
        optional = ", optional" if gap.optional and gap.state == "denied" else ""
        where = "" if gap.region == "global" else f" ({gap.region})"
        key = (gap.tenant_id, gap.account_id, gap.state + optional, gap.reason or "")
        together.setdefault(key, []).append(gap.source + where)
    for (tenant, account, state, reason), sources in together.items():
        shown = ", ".join(sources[:_MOST_SOURCES])
        if len(sources) > _MOST_SOURCES:
            shown += f" and {len(sources) - _MOST_SOURCES} more"
        yield f"{tenant} {account} {state}: {shown}" + (f": {reason}" if reason else "")


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())
