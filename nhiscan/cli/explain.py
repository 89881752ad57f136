"""`nhiscan explain`: all that is known about one identity, control instance or finding."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nhiscan.cli import findings_page
from nhiscan.cli.options import as_of_option, config_option, db_option, output_options, store_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EPILOG = """\b
Examples:
  nhiscan explain deploy-bot
  nhiscan explain arn:aws:iam::111122223333:role/NorthwindAdmin
  nhiscan explain nhi_0123456789abcdef0123 --format json
  nhiscan explain 1f220000-0000-4000-8000-000000000002
  nhiscan explain acme/CC6.2/offboarding             a control instance of the matrix
  nhiscan explain find_0123456789abcdef0123          a finding, and what became of it
"""
_FINDING = re.compile(r"find_[0-9a-f]{20}", re.ASCII)
# Lines of one section on a terminal; `--format json` holds all.
_SHOWN = 40


@click.command("explain", epilog=EPILOG)
@click.argument("identity")
@as_of_option
@output_options
@db_option
@config_option
def command(
    identity: str,
    as_of: str | None,
    form: str | None,
    output: Path | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """Tell all that is known about an IDENTITY, named by id, native id or unambiguous name.

    An application is also named by its client id or by the object id of either of its objects; both
    are shown, each with its own owners.

    What it is and why so, its credentials, what it may do, who may act as it, whom it reaches, who
    owns it and on what evidence, its findings; where and when each was read, and what was not.

    The id of a control instance tells of that: its text, its people, duties, custody, sign-off, the
    identities linked to it, its findings. The id of a finding tells its evidence, its life, its
    tickets and what its owner answered.
    """
    from nhiscan import clock
    from nhiscan.cli import instance_page
    from nhiscan.cli.output import emit
    from nhiscan.findings.explain import explain_finding
    from nhiscan.graph.identify import identify
    from nhiscan.matrix.explain import explain_instance
    from nhiscan.ownership.explain import explain
    from nhiscan.store.read import open_reader
    from nhiscan.table import Table
    from nhiscan.text import printable

    moment = clock.parse(as_of, "--as-of") if as_of else None
    con = open_reader(store_path(config_path, db), moment)
    facts, page = explain_instance(con, identity), instance_page.page
    if facts is None and _FINDING.fullmatch(identity):
        facts, page = explain_finding(con, identity), findings_page.page
    if facts is None:
        named = identify(con, identity)
        facts, page = explain(con, named.identity_id, moment or clock.now()), _page
        _tell_lives(con, facts)
    if form or output:
        emit(Table(columns=tuple(facts), rows=[tuple(facts.values())]), form, output)
        return
    for line in page(facts):
        click.echo(printable(line, 2000))


def _tell_lives(con: "DuckDBPyConnection", facts: dict[str, Any]) -> None:
    """Add to every finding what happened to it."""
    from nhiscan.findings.explain import lives

    told = [*facts["findings"], *(one for o in facts["objects"] for one in o["findings"])]
    found = lives(con, {one["finding_id"] for one in told})
    for one in told:
        one["life"] = found.get(one["finding_id"], [])


def _page(facts: dict[str, Any]) -> Iterator[str]:
    unread, elsewhere = facts["unread"], facts["unread_trusts_elsewhere"]
    hidden = [f"{elsewhere} other accounts, whose trusts were not read"] if elsewhere else []
    trusts = unread.get("trusts", [])
    yield from _identity(facts["identity"], facts["account"] or {})
    yield from _ownership(facts["ownership"])
    credentials = map(_credential, facts["credentials"])
    yield from _section("Credentials", credentials, unread.get("credentials", []))
    yield from _section("May do", map(_grant, facts["grants"]), unread.get("privilege", []))
    yield from _section("Who may act as it", map(_trust, facts["trusted"]), trusts)
    yield from _section("Whom it may act as", map(_acts_as, facts["acts_as"]), trusts + hidden)
    powers = unread.get("privilege", [])
    yield from _section("Whom it could become", map(_can_become, facts["can_become"]), powers)
    reach = (f"tenant {one['target_tenant_id']} by {one['via']}, steps: {one['hops']}"
             for one in facts["reach"])  # fmt: skip
    beyond = facts["identity"]["reach_unread"] or hidden
    yield from _section("Other tenants it reaches", reach, trusts + beyond)
    shared = (f"{one['level']}: {one['title']}; tenants {', '.join(one['tenant_ids'])}"
              for one in facts["shared"])  # fmt: skip
    yield from _section("Shared across clients", shared, trusts + hidden)
    yield from _section("Controls it is linked to", map(_control, facts["controls"]), [])
    for one in facts["objects"]:
        yield from _object(one)
    yield from findings_page.section(facts["findings"])
    yield from _section("Read from", map(_read, facts["coverage"]), [])


def _object(one: dict[str, Any]) -> Iterator[str]:
    """Tell of another object of the same thing, a line's indent further in."""
    which = "The whole that this is part of" if one["place"] == "whole" else "Also part of it"
    yield ""
    yield which
    lines = [*_identity(one["identity"], {}), *_ownership(one["ownership"])]
    lines += _section("Credentials", map(_credential, one["credentials"]), [])
    lines += _section("May do", map(_grant, one["grants"]), [])
    lines += _section("Who may act as it", map(_trust, one["trusted"]), [])
    lines += findings_page.section(one["findings"])
    yield from (f"  {line}" if line else "" for line in lines)


def _section(title: str, lines: Iterator[str], unread: list[str]) -> Iterator[str]:
    found = list(lines)
    yield ""
    yield title
    nothing = "none known: not everything was read" if unread else "none"
    yield from (f"  {line}" for line in found[:_SHOWN] or [nothing])
    if len(found) > _SHOWN:
        yield f"  and {len(found) - _SHOWN} more: --format json"
    yield from (f"  not whole    {text}" for text in unread)


def _identity(one: dict[str, Any], account: dict[str, Any]) -> Iterator[str]:
    yield f"{one['kind']} {one['name']}"
    yield f"  id           {one['identity_id']}"
    yield f"  native id    {one['native_id']}"
    where = [one["tenant_id"], one["account_id"], account.get("name"), account.get("environment")]
    yield f"  where        {', '.join(text for text in where if text)}"
    yield f"  class        {one['class']} ({one['class_rule']}: {one['class_evidence']})"
    yield f"  enabled      {_said(one['enabled'])}"
    by = f" by {one['created_by']}" if one["created_by"] else ", creator unknown"
    yield f"  created      {_said(one['created_at'])}{by}"
    yield f"  use          {_use(one)}"
    reason = one["attributes"].get("privilege_reason")
    yield f"  privilege    {one['privilege']}{f' ({reason})' if reason else ''}"
    if one["tags"]:
        yield f"  tags         {', '.join(f'{k}={v}' for k, v in sorted(one['tags'].items()))}"
    yield f"  seen         {_said(one['first_seen'])} to {_said(one['last_seen'])}"
    yield f"  read from    {one['source']} ({one['region']})"


def _ownership(told: dict[str, Any]) -> Iterator[str]:
    yield from verdict_lines(told)
    for claim in told["claims"]:
        yield f"  claim        {claim_line(claim)}"
    if not told["claims"]:
        yield "  claim        none"


def verdict_lines(told: dict[str, Any]) -> Iterator[str]:
    """Write who owns an identity, how surely, and what was not read; all but the claims."""
    yield ""
    yield "Ownership"
    sure = f", confidence {told['confidence']:.2f}" if told["confidence"] is not None else ""
    yield f"  status       {told['status'] or 'not resolved'}{sure}"
    for role, label in (("owner", "owner"), ("backup", "backup"),
                        ("last_known_owner", "last known")):  # fmt: skip
        if told[role]:
            basis = f"; {told['backup_basis']}" if role == "backup" else ""
            yield f"  {label:<12} {_party(told[role])}{basis}"
    if told["last_known_reference"]:
        yield f"  last known   {told['last_known_reference']} (in no roster)"
    for party in told["candidates"]:
        yield f"  candidate    {_party(party)}"
    for text in told["unread"]:
        yield f"  not whole    {text}"
    if told["roster"] and told["roster"] not in told["unread"]:
        yield f"  not sure     {told['roster']}"
    yield f"  would change {told['would_change'] or 'unknown'}"
    if told["thresholds"]:
        numbers = ", ".join(f"{name} {value:g}" for name, value in told["thresholds"].items())
        yield f"  thresholds   {numbers}"


def claim_line(claim: dict[str, Any]) -> str:
    """Write one claim in one line: what it says, what became of it, and what is left of it."""
    age = "undated" if claim["age_days"] is None else f"{claim['age_days']:g} days old"
    half = f", half-life {claim['half_life_days']} days" if claim["half_life_days"] else ""
    return (
        f"{claim['signal']} {claim['reference']} ({claim['evidence']}): {claim['outcome']};"
        f" weight {claim['weight']:g}, {age}{half}, now {claim['decayed']:g}"
    )


def _party(party: Any) -> str:
    if not isinstance(party, dict):
        return f"{party} (no longer in the roster)"
    since = f" since {party['since']}" if party["since"] else ""
    return f"{party['name']} ({party['party_id']}, {party['kind']}, {party['employment']}{since})"


def _credential(one: dict[str, Any]) -> str:
    expires = f", expires {_said(one['expires_at'])}" if one["expires_at"] else ""
    return (
        f"{one['kind']} {one['public_id'] or ''} {one['status']}, since"
        f" {_said(one['created_at'])}{expires}, use {_use(one)}; {one['source']} ({one['region']})"
    )


def _grant(one: dict[str, Any]) -> str:
    acts = f" as {one['acts_as']}" if one["acts_as"] else f" on {one['scope']}"
    if one["way"] not in (None, "assume"):
        acts = f" to become {one['acts_as']} by a {one['way'].replace('_', ' ')}"
    return (
        f"{one['action_class']} {one['verdict']}{acts}, by {one['role']} ({one['via']});"
        f" {one['source']} ({one['region']})"
    )


def _trust(one: dict[str, Any]) -> str:
    vendor = f" {one['vendor']}" if one["vendor"] else ""
    return (
        f"{one['principal']} ({one['principal_kind']}, {one['relation']}{vendor}), statement"
        f" {one['statement']}: {one['verdict']}, guard {one['guard']}; {one['reason']}"
    )


def _acts_as(one: dict[str, Any]) -> str:
    return (
        f"{one['kind']} {one['native_id']} ({one['tenant_id']}), which lets in"
        f" {one['principal']}: {one['verdict']}, guard {one['guard']}"
    )


def _can_become(one: dict[str, Any]) -> str:
    where = f" in {' or '.join(one['services'])}" if one["services"] else ""
    way = one["way"].replace("_", " ") + where
    return (
        f"{one['kind']} {one['native_id']} ({one['tenant_id']}), by a {way}: {one['verdict']}, by"
        f" {one['role']}"
    )


def _control(one: dict[str, Any]) -> str:
    gaps = f"; not whole: {'; '.join(one['unread'])}" if one["unread"] else ""
    basis = ", ".join(one["basis"])
    return (
        f"{one['instance_id']}: {one['state']}, {one['grade']}, confidence {one['confidence']:.2f}"
        f" ({basis}){gaps}"
    )


def _read(one: dict[str, Any]) -> str:
    state = "; ".join(one["unread"]) or f"{one['source']} ({one['region']}): whole"
    return f"{_said(one['read_at'])} {state}"


def _use(one: dict[str, Any]) -> str:
    last = f", last {_said(one['last_used_at'])}" if one["last_used_at"] else ""
    note = f" ({one['usage_note']})" if one["usage_note"] else ""
    return f"{one['usage']}{last}{note}"


def _said(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:%Y-%m-%d %H:%MZ}" if isinstance(value, datetime) else str(value)
