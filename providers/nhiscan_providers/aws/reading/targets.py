"""Finds whom an action reaches: allowed by a policy, admitted by every limit, not surely denied."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from nhiscan_providers.aws.reading.patterns import covers_exactly, is_wild, literals, overlap
from nhiscan_providers.aws.reading.pieces import Compiled, Piece

# Beyond so many comparisons patterns are not narrowed down: more than there is, never less.
_MOST = 200_000
# Among how many of the widest patterns it is looked for one that holds another.
_WIDEST = 50


class Hit(Struct, frozen=True):
    """What is known of one pattern; `policies` are the positions of those that give it.

    `bounded`: a condition, an exception or a Deny of some of it has its say.
    """

    bounded: bool
    policies: frozenset[int]

    def joined(self, other: "Hit | None") -> "Hit":
        """Join two reasons for the same pattern; the stronger counts."""
        if other is None:
            return self
        return Hit(self.bounded and other.bounded, self.policies | other.policies)


Hits = dict[str, Hit]


def targets(
    action: str,
    own: Sequence[Compiled],
    layers: Sequence[Sequence[Compiled]],
    service: str = "",
) -> Hits:
    """List the patterns on which an identity may take the action.

    `own` are its policies; a boundary and each level of SCPs is a layer that must admit it too.
    `service` is the one that a role is passed to.
    """
    hits: Hits = {}
    for index, policy in enumerate(own):
        for piece in policy.allowed.get(action, ()):
            if piece.passing.may(service):
                hit = Hit(_bounded(piece, service), frozenset((index,)))
                hits[piece.pattern] = hit.joined(hits.get(piece.pattern))
    steps = [hits]
    for layer in layers if hits else ():
        pieces = _pieces((one.allowed for one in layer), action, service)
        steps.append(_limited(steps[-1], pieces, service))
    both = (one.denied for documents in (own, *layers) for one in documents)
    hits = _undenied(steps[-1], _pieces(both, action, service), service)
    narrowed = any(one.keys() != hits.keys() for one in steps)
    for layer in (own, *layers) if hits and narrowed else ():
        hits = _admitted(hits, _pieces((one.allowed for one in layer), action, service))
    return hits


def merged(hits: Hits) -> Hits:
    """Drop the patterns that a wider one holds, which then stands for both."""
    widest = sorted(filter(is_wild, hits), key=literals)[:_WIDEST]
    kept = dict(hits)
    for wide in widest:
        if wide not in kept:
            continue
        for narrow in [one for one in kept if one != wide and covers_exactly(wide, one)]:
            policies = kept[wide].policies | kept.pop(narrow).policies
            kept[wide] = Hit(kept[wide].bounded, policies)
    return kept


def _bounded(piece: Piece, service: str) -> bool:
    return piece.bounded or bool(piece.but) or not piece.passing.must(service)


def _pieces(
    found: Iterable[Mapping[str, tuple[Piece, ...]]], action: str, service: str
) -> list[Piece]:
    return [piece for one in found for piece in one.get(action, ()) if piece.passing.may(service)]


def _limited(hits: Hits, limits: Sequence[Piece], service: str) -> Hits:
    coarse = len(hits) * len(limits) > _MOST
    left: Hits = {}
    for pattern, hit in hits.items():
        parts = {pattern: True} if coarse else _common(pattern, limits, service)
        for part, bounded in parts.items():
            narrowed = Hit(hit.bounded or bounded, hit.policies)
            left[part] = narrowed.joined(left.get(part))
    return left


def _common(pattern: str, limits: Sequence[Piece], service: str) -> dict[str, bool]:
    """List what the limits admit of a pattern, and whether within bounds."""
    admitting = [one for one in limits if not _excepts(one, pattern)]
    covering = [one for one in admitting if covers_exactly(one.pattern, pattern)]
    if covering:
        return {pattern: all(_bounded(one, service) for one in covering)}
    parts: dict[str, bool] = {}
    for one in admitting:
        if covers_exactly(pattern, one.pattern):
            parts[one.pattern] = parts.get(one.pattern, True) and _bounded(one, service)
        elif overlap(pattern, one.pattern):
            parts[pattern] = True
    return parts


def _admitted(hits: Hits, pieces: Sequence[Piece]) -> Hits:
    """Drop the patterns that a layer does not give at all.

    They come of narrowing by other layers, which may take a part that this one has not.
    """
    return {
        pattern: hit
        for pattern, hit in hits.items()
        if any(overlap(one.pattern, pattern) and not _excepts(one, pattern) for one in pieces)
    }


def _excepts(piece: Piece, pattern: str) -> bool:
    return any(covers_exactly(kept, pattern) for kept in piece.but)


def _undenied(hits: Hits, denials: Sequence[Piece], service: str) -> Hits:
    coarse = len(hits) * len(denials) > _MOST
    left: Hits = {}
    for pattern, hit in hits.items():
        parts = {pattern: hit.bounded or coarse}
        for denial in () if coarse else denials:
            parts = _after(parts, denial, service)
        for part, bounded in parts.items():
            narrowed = Hit(bounded, hit.policies)
            left[part] = narrowed.joined(left.get(part))
    return left


def _after(parts: Mapping[str, bool], denial: Piece, service: str) -> dict[str, bool]:
    """List what a Deny leaves of some patterns, and whether within bounds."""
    sure = not denial.bounded and denial.passing.must(service)
    left: dict[str, bool] = {}
    for pattern, bounded in parts.items():
        if _excepts(denial, pattern):
            left[pattern] = bounded and left.get(pattern, True)
        elif sure and covers_exactly(denial.pattern, pattern):
            for kept in denial.but:
                if covers_exactly(pattern, kept):
                    left[kept] = bounded and left.get(kept, True)
                elif overlap(pattern, kept):
                    left.setdefault(pattern, True)
        else:
            touched = overlap(denial.pattern, pattern)
            left[pattern] = (bounded or touched) and left.get(pattern, True)
    return left
