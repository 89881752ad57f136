"""Scores parties from the claims of an explanation, as `verdicts.sql` does for all identities."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

from msgspec import Struct

Claim = Mapping[str, Any]


class Group(Struct, frozen=True, kw_only=True):
    """Correlated claims about one party: the strongest counts, the others do not."""

    origin: str
    weight: float
    claims: list[Claim]


class Scored(Struct, frozen=True, kw_only=True):
    """A party that claims count for. `capped` says that the score would be higher without a cap."""

    party_id: str
    has_left: bool
    score: float
    capped: bool
    groups: list[Group]


def scored(claims: Iterable[Claim], thresholds: Mapping[str, float]) -> list[Scored]:
    """Return every party that claims count for, the surest first; leavers stand apart.

    `claims` carry `decayed`, what is left of their weight. The sum is that of governance 3.2.
    """
    by_party: dict[tuple[str, bool], list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.get("counts") and claim.get("counts_for"):
            by_party[claim["counts_for"], claim["employment"] == "left"].append(claim)
    found = [_scored(party, left, some, thresholds) for (party, left), some in by_party.items()]
    return sorted(found, key=lambda one: (one.has_left, -one.score, one.party_id))


def _scored(
    party_id: str, has_left: bool, claims: list[Claim], thresholds: Mapping[str, float]
) -> Scored:
    by_origin: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_origin[claim["origin"]].append(claim)
    groups = [
        Group(origin=origin, weight=max(c["decayed"] for c in some), claims=some)
        for origin, some in by_origin.items()
    ]
    groups.sort(key=lambda group: (-group.weight, group.origin))
    free = 1 - prod(1 - group.weight for group in groups)
    cap = _cap(claims, thresholds)
    return Scored(
        party_id=party_id,
        has_left=has_left,
        score=round(min(cap, free), 3),
        capped=free > cap,
        groups=groups,
    )


def _cap(claims: list[Claim], thresholds: Mapping[str, float]) -> float:
    signals = {claim["signal"] for claim in claims}
    if signals & {"S1", "S2"}:
        return 1.0
    return thresholds["contact_cap"] if signals == {"S12"} else thresholds["cap"]
