"""Tells of one control instance on a terminal, as `nhiscan explain` prints it."""

from collections.abc import Iterator
from typing import Any

from nhiscan.cli import findings_page


def page(facts: dict[str, Any]) -> Iterator[str]:
    """Yield the lines; texts are as the files and clouds write them, for the caller to escape."""
    yield from _instance(facts["instance"], facts["controls"])
    yield from _section("Who answers for it", map(_person, facts["people"]))
    yield from _section("Duties", map(_duty, facts["duties"]))
    yield from _section("Who keeps its evidence", map(_custody, facts["custody"]))
    yield from _section("Sign-off of the client", map(_signoff, facts["signoff"]))
    named = (one["said"] for one in facts["operators"])
    yield from _section("What is said to operate it", named)
    links = (line for link in facts["links"] for line in _link(link))
    yield from _section("Identities linked to it", links)
    yield from findings_page.section(facts["findings"])


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield ""
    yield title
    found = list(lines)
    yield from (f"  {line}" for line in found or ["none"])


def _instance(one: dict[str, Any], controls: list[dict[str, Any]]) -> Iterator[str]:
    yield f"control {one['instance_id']}"
    titles = {control["control_id"]: control["title"] for control in controls}
    for criterion in one["criteria"]:
        yield f"  criterion    {criterion} {titles.get(criterion, '')}".rstrip()
    yield f"  statement    {one['statement']}"
    yield f"  client       {one['tenant_id']}"
    model = f", {one['service_model']}" if one["service_model"] else ""
    yield f"  split        {one['responsibility']}{model}"
    yield f"  period       {one['period_start']} until {one['period_end']} (that day no more)"
    if one["frequency"]:
        yield f"  frequency    {one['frequency']}"
    if one["agreement_doc"]:
        clause = f", clause {one['agreement_clause']}" if one["agreement_clause"] else ""
        yield f"  agreement    {one['agreement_doc']}{clause}"
    for key, label in (("cuec", "client must"), ("csoc", "sub must")):
        yield from (f"  {label:<12} {text}" for text in one[key] or ())
    if one["operated_by_human"]:
        yield "  operated     by people"
    if one["notes"]:
        yield f"  notes        {one['notes']}"
    yield f"  text         sha256 {one['text_sha256']}"
    yield f"  read from    {one['file']}:{one['line']}"


def _person(one: dict[str, Any]) -> str:
    if one["ref"] is None:
        return f"{one['role']:<12} nobody is named"
    if one["party_id"] is None:
        return f"{one['role']:<12} {one['ref']} (nobody of the roster)"
    since = f" since {one['since']}" if one["since"] else ""
    return (
        f"{one['role']:<12} {one['name']} ({one['party_id']}, {one['kind']} of {one['org']},"
        f" {one['employment']}{since})"
    )


def _duty(one: dict[str, Any]) -> str:
    return f"{one['duty']:<12} {' and '.join(one['orgs']) or 'nobody'}"


def _custody(one: dict[str, Any]) -> str:
    whose = ", ".join(text for text in (one["custodian"], one["custodian_org"]) if text)
    ends = one["period_end"] or "the end of the period"
    watched = f"overseen by {one['oversight']}" if one["oversight"] else "overseen by nobody"
    taken = f", taken over on {one['handoff_ack']}" if one["handoff_ack"] else ""
    return f"{one['period_start']} until {ends}: {whose}; {watched}{taken}"


def _signoff(one: dict[str, Any]) -> str:
    same = one["covers_sha256"] == one["text_sha256"]
    text = "the text as it is" if same else "another text than the one in force"
    whose = f" ({one['org']}, {one['employment']})" if one["org"] else " (nobody of the roster)"
    ends = f", until {one['expires_at']}" if one["expires_at"] else ""
    stands = f"; {one['artefact']}" if one["artefact"] else ""
    return f"{one['signer']}{whose} signed {text} on {one['signed_at']}{ends}{stands}"


def _link(one: dict[str, Any]) -> Iterator[str]:
    who = f"{one['kind']} {one['name']} ({one['identity_tenant_id']})" if one["name"] else (
        one["identity_id"]
    )  # fmt: skip
    yield f"{who}: {one['state']}, {one['grade']}, confidence {one['confidence']:.2f}"
    for reason in one["reasons"]:
        yield f"  {reason.get('basis')}: {reason.get('reason')}"
    yield from (f"  not whole    {text}" for text in one["unread"] or ())
