"""Finds the party that a reference names, and never guesses between several."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

from nhiscan.config.model import Party
from nhiscan.ownership.references import doubtful, normal

# Two rows with one address: whoever is here goes before who is away or unknown, and before leavers.
_PRESENCE = {"active": 0, "leave": 1, "notice": 1, "unknown": 2, "left": 3}


class Match(Struct, frozen=True):
    """`party_id` is null if nobody is named; `why` says how it was found, or why not."""

    party_id: str | None
    why: str


class Roster:
    """Matches references by address, former address, party id, and unambiguous name, in this order.

    `groups` maps a tenant to its client: what one client writes can name its own people, the MSP's
    and those of subservices, never those of another client. `everybody` lifts that for one group,
    the MSP's own.
    """

    def __init__(self, parties: Iterable[Party], groups: dict[str, str], everybody: str) -> None:
        self._everybody = everybody
        self._groups = groups
        self._steps: dict[str, dict[str, list[Party]]] = {
            "address": defaultdict(list),
            "former or other address": defaultdict(list),
            "party id": defaultdict(list),
            "name": defaultdict(list),
        }
        for party in parties:
            self._enter("address", party.email, party)
            for alias in party.aliases:
                self._enter("former or other address", alias, party)
            self._enter("party id", party.party_id, party)
            self._enter("name", party.name, party)

    def _enter(self, step: str, text: str | None, party: Party) -> None:
        if text and text.strip():
            self._steps[step][normal(text)].append(party)

    def match(self, reference: str, group: str) -> Match:
        """Find whom `reference` names when a tenant of the client `group` writes it."""
        wanted = normal(reference)
        for step, known in self._steps.items():
            found = [p for p in known.get(wanted, ()) if self.visible(p, group)]
            if not found:
                continue
            one = found[0] if len(found) == 1 else None if step == "name" else _present(found)
            if one is None:
                return Match(None, f"{len(found)} parties have this {step}, and none is guessed at")
            return Match(one.party_id, step)
        odd = doubtful(reference)
        nobody = "it names nobody in the roster"
        return Match(None, f"{nobody}; {odd}" if odd else nobody)

    def visible(self, party: Party, group: str) -> bool:
        """Say whether what the client `group` writes may name `party`."""
        scope, _, tenant = party.org.partition(":")
        return (
            scope != "client"
            or group == self._everybody
            or self._groups.get(tenant, tenant) == group
        )


def _present(parties: list[Party]) -> Party | None:
    """Pick the only party that is more present than the others; of leavers, the last to leave."""
    ranks = sorted(parties, key=lambda p: _PRESENCE[p.employment])
    first, second = ranks[0], ranks[1]
    if _PRESENCE[first.employment] < _PRESENCE[second.employment]:
        return first
    if first.employment == "left":
        return max(parties, key=lambda p: (p.since or "", p.party_id))
    return None
