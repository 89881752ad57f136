"""Checks how the parties of all rosters fit together: managers, and addresses that two share."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from msgspec.structs import replace

from nhiscan.config.marked import Problems
from nhiscan.config.model import Party


def managed(parties: Sequence[Party]) -> tuple[tuple[Party, ...], list[str]]:
    """Give managers that are named by address their id; also say what is odd about managers.

    Nobody is lost by a manager who is not found: they only stand in weakly for an owner. So this
    is told and stops nothing.
    """
    ids = {party.party_id for party in parties}
    by_address: dict[str, set[str]] = defaultdict(set)
    for party in parties:
        if party.email:
            by_address[party.email.casefold()].add(party.party_id)
    told: list[str] = []
    found: list[Party] = []
    for party in parties:
        manager = party.manager
        if manager and manager not in ids:
            named = by_address.get(manager.casefold(), set())
            manager = next(iter(named)) if len(named) == 1 else manager
            if manager not in ids:
                told.append(_unknown_manager(party, manager, ids))
        found.append(replace(party, manager=manager))
    told += _cycles(found)
    return tuple(found), told


def _unknown_manager(party: Party, manager: str, ids: Iterable[str]) -> str:
    near = get_close_matches(manager, ids, n=1)
    then = f"; did you mean {near[0]!r}?" if near else ""
    return f"{party.file}:{party.line}: manager: {manager!r} is in no roster{then}"


def _cycles(parties: Iterable[Party]) -> Iterator[str]:
    """Tell each circle of managers once, at the row of its first member."""
    by_id = {party.party_id: party for party in parties}
    done: set[str] = set()
    for start in by_id:
        way: list[str] = []
        one: str | None = start
        while one in by_id and one not in done:
            done.add(one)
            way.append(one)
            one = by_id[one].manager
        if one in way:
            circle = way[way.index(one) :]
            first = by_id[circle[0]]
            told = " -> ".join([*circle, circle[0]])
            yield f"{first.file}:{first.line}: manager: a circle of managers: {told}"


def refuse_shared_addresses(parties: Iterable[Party], problems: Problems) -> None:
    """Note people of one organization who are here under one address: it would name neither."""
    seen: dict[tuple[str, str], Party] = {}
    for party in parties:
        if party.kind != "person" or party.employment != "active" or not party.email:
            continue
        first = seen.setdefault((party.org, party.email.casefold()), party)
        if first is not party:
            problems.add(
                Path(party.file),
                party.line,
                "email",
                f"{party.email!r} is the address of {first.party_id!r} at"
                f" {first.file}:{first.line}, who is active too; let one be `left`, or tell them"
                " apart",
            )
