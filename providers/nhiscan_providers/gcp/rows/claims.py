"""Makes claims of ownership: contacts, project owners, lone users of accounts, creators."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from nhiscan.records import Claim
from nhiscan_providers.gcp.bindings import Index
from nhiscan_providers.gcp.calls import ACCOUNTS, CONTACTS, CREATORS, POLICIES
from nhiscan_providers.gcp.facts import Creation, Facts, ServiceAccount
from nhiscan_providers.gcp.reading.members import read_member

_ANSWER = frozenset({"ALL", "SECURITY", "TECHNICAL"})
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MACHINE = "gserviceaccount.com"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_MADE = frozenset({"CreateServiceAccount", "CreateKey"})


def contacts(account: str, place: str, facts: Facts) -> Iterator[Claim]:
    """Give the contacts of the nearest place that names any: the project, its folders, the top.

    An address that failed its validation is a mailbox that nobody answers.
    """
    for where in facts.line(place):
        found = [one for one in facts.contacts.get(where, ()) if _ANSWER & set(one.categories)]
        if not found:
            continue
        for one in sorted(found, key=lambda row: row.email):
            said = f"essential contact of {where} ({', '.join(sorted(one.categories)).lower()})"
            yield Claim(
                subject="account",
                key=account,
                reference=one.email,
                signal="S12",
                role="accountable",
                departed=None if one.valid else True,
                evidence=said if one.valid else f"{said}; its mailbox failed validation",
                source=CONTACTS,
            )
        return


def owners(account: str, place: str, index: Index) -> Iterator[Claim]:
    """Give the people and groups who have the role of owner on the project itself."""
    named = {
        text
        for held in index.on_place.get(place, ())
        if held.binding.role in ("roles/owner", "roles/resourcemanager.organizationAdmin")
        for text in held.binding.members
    }
    for text in sorted(named):
        member = read_member(text)
        if member.kind in ("user", "group"):
            yield Claim(
                subject="account",
                key=account,
                reference=member.address,
                signal="S12",
                role="accountable",
                evidence=f"{member.kind} with the role of owner on {place}",
                source=POLICIES,
            )


def of_account(account: ServiceAccount, index: Index) -> Iterator[Claim]:
    """Give the one person who may act as an account, and addresses in its description."""
    people = {
        member.address
        for held in index.direct(account)
        for member in map(read_member, held.binding.members)
        if member.kind == "user"
    }
    if len(people) == 1:
        yield Claim(
            subject="identity",
            key=account.unique_id,
            reference=people.pop(),
            signal="S20",
            role="operator",
            evidence="the only person bound to act as it",
            source=POLICIES,
        )
    text = f"{account.title} {account.description}"
    for address in sorted(set(_ADDRESS.findall(text)) - {account.email}):
        if not address.endswith(_MACHINE):
            yield Claim(
                subject="identity",
                key=account.unique_id,
                reference=address,
                signal="S14",
                role="operator",
                evidence="an address in its title or description",
                source=ACCOUNTS,
            )


def creators(
    project: str, events: Iterable[Creation], facts: Facts, api_keys: Iterable[str]
) -> Iterator[Claim]:
    """Give the newest claim for each identity, signal and creator; what is gone has none."""
    known = set(api_keys)
    found: dict[tuple[str, str, str], Claim] = {}
    for event in sorted(events, key=lambda one: one.at or _LONG_AGO, reverse=True):
        key = _subject(project, event, facts, known)
        if key is None:
            continue
        reference = event.through or event.by
        signal = "S7" if event.event in _MADE else "S8"
        through = f" acting as {event.by}" if event.through else ""
        found.setdefault(
            (key, signal, reference),
            Claim(
                subject="identity",
                key=key,
                reference=reference,
                signal=signal,
                role="operator",
                observed_at=event.at,
                by_machine=_machine(reference),
                evidence=f"audit log: {event.event} by {reference}{through}",
                source=CREATORS,
            ),
        )
    yield from found.values()


def _subject(project: str, event: Creation, facts: Facts, api_keys: set[str]) -> str | None:
    """Find what an event made, and not a namesake made later: by number where it is told."""
    if event.api_key is not None:
        return event.api_key if event.api_key in api_keys else None
    one = facts.account(event.unique_id or "") or facts.account(event.email or "")
    if one is None or one.project != project:
        return None
    if event.unique_id and event.unique_id != one.unique_id:
        return None
    older = event.at and one.created and event.at < one.created.replace(microsecond=0)
    if older and (one.created and event.at and (one.created - event.at).total_seconds() > 60):
        return None
    return one.unique_id


def _machine(reference: str) -> bool | None:
    if reference.endswith(_MACHINE) or reference.startswith("principal://"):
        return True
    return False if "@" in reference else None
