"""Tells on stderr what a scan or merge did, every gap included, and picks the exit code."""

from collections.abc import Iterable, Iterator
from itertools import groupby

import click

from nhiscan.errors import Exit
from nhiscan.scan.outcome import Accounts, Gap, Outcome
from nhiscan.sql.library import SEVERITIES
from nhiscan.text import printable

# What would mend a gap, by its state; {provider} is the adapter that met it.
_MEND = {
    "denied": "`nhiscan permissions {provider}` prints what to grant, `nhiscan check` tests it",
    "not_licensed": "the client's licence does not include it; nothing to grant",
    "not_implemented": "this version of the adapter does not read it",
    "partial": "scan again, or raise the limit that the reason names",
    "throttled": "scan again later, or lower --jobs",
    "unreachable": "`nhiscan check` tells whether the account can be entered",
}


def tell(outcome: Outcome) -> None:
    """Write the summary: safe on a terminal, whatever the names in it are."""
    for line in _lines(outcome):
        click.echo(printable(line), err=True)


def hints(gaps: Iterable[tuple[str, str]]) -> list[str]:
    """Say what would mend gaps, given as state and account id; one hint for each kind."""
    kinds = {(state, account.partition(":")[0]) for state, account in gaps}
    return sorted({f"{s}: {_MEND[s].format(provider=p)}" for s, p in kinds if s in _MEND})


def exit_code(outcome: Outcome, fail_on: str | None, *, new_only: bool = False) -> Exit:
    """Incomplete coverage comes before findings: a verdict on half a reading is none.

    With `new_only` only what this scan opened, or what came back, counts as a finding.
    """
    if outcome.incomplete:
        return Exit.INCOMPLETE
    if fail_on is not None:
        bad = SEVERITIES[SEVERITIES.index(fail_on) :]
        counted = outcome.new_findings if new_only else outcome.findings
        if any(counted.get(severity) for severity in bad):
            return Exit.FINDINGS
    return Exit.COMPLETE


def _lines(outcome: Outcome) -> Iterator[str]:
    yield f"scan {outcome.scan_id}: {outcome.units} units, {outcome.incomplete} incomplete"
    yield from map(_accounts, outcome.accounts)
    yield f"identities: {_listed(outcome.identities) or 'none'}"
    yield f"rows: {outcome.new} new, {outcome.changed} changed, {outcome.gone} gone"
    yield (
        f"findings: {outcome.opened} opened, {outcome.resolved} resolved;"
        f" open or unknown now: {_listed(_worst_first(outcome.findings)) or 'none'}"
    )
    for skipped in outcome.skipped:
        yield f"skipped {skipped}"
    if outcome.gaps:
        yield f"not read whole ({len(outcome.gaps)} sources):"
        for _, alike in groupby(sorted(outcome.gaps, key=_alike), _alike):
            yield f"  {_gap(list(alike))}"
        found = hints((gap.state, gap.account_id) for gap in outcome.gaps)
        yield from (f"hint: {hint}" for hint in found)
        yield "hint: `nhiscan status` shows again what was not read"


def _accounts(accounts: Accounts) -> str:
    left = "".join(f"; {number} {reason}" for reason, number in accounts.not_scanned.items())
    noun = "account" if accounts.read == 1 else "accounts"
    return f"{accounts.tenant_id}: {accounts.read} {noun} read{left}"


def _alike(gap: Gap) -> tuple[str, ...]:
    """Say which gaps are told in one line: those of one account with one cause."""
    optional = "optional" if gap.optional and gap.state in ("denied", "partial") else ""
    return (gap.tenant_id, gap.account_id, gap.state, optional, gap.reason or "")


def _gap(gaps: list[Gap]) -> str:
    tenant, account, state, optional, reason = _alike(gaps[0])
    sources = ", ".join(
        gap.source + ("" if gap.region == "global" else f" ({gap.region})") for gap in gaps
    )
    return (
        f"{tenant} {account} {state}{', optional' if optional else ''}: {sources}"
        f"{': ' if reason else ''}{reason}"
    )


def _worst_first(findings: dict[str, int]) -> dict[str, int]:
    return {level: findings[level] for level in reversed(SEVERITIES) if level in findings}


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())
