"""Reads which other users and roles an identity could become by first making itself a way in.

Static reading, as in `capabilities`, over the union of an identity's policies, its boundary and the
SCPs. Policies are compiled once and looked up by action: one that allows none of these actions
costs nothing. The rule that a passed role must trust the service stands in the graph, which knows
the trusts.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from msgspec import Struct

from nhiscan.records import GrantVerdict, Way
from nhiscan_providers.aws.reading.capabilities import Policy
from nhiscan_providers.aws.reading.documents import Document, unread
from nhiscan_providers.aws.reading.passing import plain_service
from nhiscan_providers.aws.reading.patterns import covers_exactly, matches_exactly
from nhiscan_providers.aws.reading.pieces import Compiled, Home, bits, compiled
from nhiscan_providers.aws.reading.targets import Hit, Hits, merged, targets
from nhiscan_providers.aws.reading.ways import (
    CHANGED_TRUST,
    NEW_CREDENTIAL,
    PASS_ROLE,
    TAKES,
    UPDATE_SAML,
    Start,
    starts,
)

_UNREAD = unread("service control policies were not read")


class Federated(Struct, frozen=True):
    """A role, and a SAML provider of its account that it trusts, both as ARNs."""

    provider: str
    role: str


class Opening(Struct, frozen=True):
    """One way to become the identities that match `acts_as`.

    `granted` is said only of all users or roles of the account, with nothing to narrow it, as of
    other powers. `policies` are those that give it. With passed_role, `services` are where a
    workload may be started; it is granted if it is so for each of them.
    """

    way: Way
    acts_as: str
    verdict: GrantVerdict
    actions: tuple[str, ...]
    policies: tuple[Policy, ...]
    services: tuple[str, ...] = ()


class _Layers(Struct, frozen=True):
    own: tuple[Compiled, ...]
    limits: tuple[tuple[Compiled, ...], ...]

    @property
    def complete(self) -> bool:
        return all(one.complete for layer in (self.own, *self.limits) for one in layer)

    @property
    def ask_service(self) -> bool:
        """Whether a statement on passing roles asks for the service."""
        return any(
            piece.passing.tests
            for layer in (self.own, *self.limits)
            for one in layer
            for found in (one.allowed, one.denied)
            for piece in found.get(PASS_ROLE, ())
        )


class OpeningReader:
    """Reads the identities of one account, remembering each document and set of documents.

    `scps` are as for `CapabilityReader`. `federated` are the roles that trust a SAML provider, and
    `trusted` the services that roles of the account trust, as written.
    """

    def __init__(
        self,
        scps: Sequence[Sequence[Document]] | None,
        home: Home,
        federated: Iterable[Federated] = (),
        trusted: Iterable[str] = (),
    ) -> None:
        self._home = home
        self._names: dict[str, set[str]] = {start.service: {start.service} for start in starts()}
        for name in trusted:
            self._names.get(plain_service(name), set()).add(name)
        self._federated = tuple(federated)
        self._compiled: dict[str, Compiled] = {}
        self._read: dict[tuple[object, ...], tuple[Opening, ...]] = {}
        levels = [[_UNREAD]] if scps is None else [list(level) or [_UNREAD] for level in scps]
        self._scps = tuple(tuple(self._compile(one) for one in level) for level in levels)

    def read(
        self,
        policies: Sequence[Policy],
        boundary: Document | None = None,
        *,
        service_linked: bool = False,
    ) -> tuple[Opening, ...]:
        """List the openings of an identity with these policies, one per way and pattern."""
        ordered = sorted(policies, key=lambda one: (one.via, one.name, one.document.digest))
        own = [(policy, self._compile(policy.document)) for policy in ordered]
        giving = [pair for pair in own if pair[1].allowed]
        if not giving:
            return ()
        # of the rest only the denials and the starting actions count, and most have neither
        used = [pair for pair in own if pair[1].allowed or pair[1].denied or pair[1].starts]
        key = (
            tuple((one.name, one.via, one.document.digest) for one, _ in used),
            boundary.digest if boundary else None,
            service_linked,
        )
        known = self._read.get(key)
        if known is None:
            limits = () if service_linked else self._scps
            if boundary is not None:
                limits = ((self._compile(boundary),), *limits)
            layers = _Layers(tuple(one for _, one in used), limits)
            known = tuple(self._openings([policy for policy, _ in used], layers))
            self._read[key] = known
        return known

    def _compile(self, document: Document) -> Compiled:
        known = self._compiled.get(document.digest)
        if known is None:
            known = self._compiled[document.digest] = compiled(document, self._home)
        return known

    def _openings(self, policies: Sequence[Policy], layers: _Layers) -> Iterator[Opening]:
        trust = list(self._direct("changed_trust", CHANGED_TRUST, policies, layers))
        yield from self._direct("new_credential", NEW_CREDENTIAL, policies, layers)
        yield from trust
        yield from self._passed(policies, layers)
        # who may change a role's trust itself needs no provider for it
        known = [one.acts_as for one in trust]
        for one in self._added(policies, layers):
            if not any(covers_exactly(wide, one.acts_as) for wide in known):
                yield one

    def _direct(
        self, way: Way, actions: Sequence[str], policies: Sequence[Policy], layers: _Layers
    ) -> Iterator[Opening]:
        found: Hits = {}
        by: dict[str, set[str]] = {action: set() for action in actions}
        for action in actions:
            for pattern, hit in targets(action, layers.own, layers.limits).items():
                found[pattern] = hit.joined(found.get(pattern))
                by[action].add(pattern)
        for pattern, hit in sorted(merged(found).items()):
            held = [
                action
                for action in actions
                if any(covers_exactly(pattern, one) for one in by[action])
            ]
            yield self._opening(way, pattern, hit, held, policies, layers)

    def _passed(self, policies: Sequence[Policy], layers: _Layers) -> Iterator[Opening]:
        found: dict[str, tuple[Hit, list[str]]] = {}
        held: dict[str, tuple[str, ...]] = {}
        hits: Hits | None = None
        for service, start in _startable(layers).items():
            held[service] = start.actions
            if hits is None or layers.ask_service:  # else the same for every service
                hits = merged(targets(PASS_ROLE, layers.own, layers.limits, service))
            for pattern, hit in hits.items():
                both = Hit(hit.bounded or start.bounded, hit.policies | start.policies)
                if pattern in found:
                    known, services = found[pattern]
                    bounded = known.bounded or both.bounded
                    both = Hit(bounded, known.policies | both.policies)
                    found[pattern] = both, [*services, service]
                else:
                    found[pattern] = both, [service]
        for pattern, (hit, services) in sorted(_widest(found).items()):
            actions = [PASS_ROLE, *(one for service in services for one in held[service])]
            names = [name for service in services for name in sorted(self._names[service])]
            yield self._opening("passed_role", pattern, hit, actions, policies, layers, names)

    def _added(self, policies: Sequence[Policy], layers: _Layers) -> Iterator[Opening]:
        hits = targets(UPDATE_SAML, layers.own, layers.limits) if self._federated else {}
        found: Hits = {}
        for one in self._federated:
            for pattern, hit in hits.items():
                if matches_exactly(pattern, one.provider):
                    narrow = hit.bounded or pattern != self._home.whole("saml-provider")
                    through = Hit(narrow, hit.policies)
                    found[one.role] = through.joined(found.get(one.role))
        for role, hit in sorted(found.items()):
            verdict = _verdict(hit.bounded, layers)
            given = tuple(policies[index] for index in sorted(hit.policies))
            yield Opening("added_federation", role, verdict, (UPDATE_SAML,), given)

    def _opening(
        self,
        way: Way,
        pattern: str,
        hit: Hit,
        actions: Sequence[str],
        policies: Sequence[Policy],
        layers: _Layers,
        services: Sequence[str] = (),
    ) -> Opening:
        narrow = hit.bounded or pattern != self._home.whole(TAKES[actions[0]])
        return Opening(
            way=way,
            acts_as=pattern,
            verdict=_verdict(narrow, layers),
            actions=tuple(dict.fromkeys(actions)),
            policies=tuple(policies[index] for index in sorted(hit.policies)),
            services=tuple(services),
        )


def _verdict(narrow: bool, layers: _Layers) -> GrantVerdict:
    if not layers.complete:
        return "unknown"
    return "scoped" if narrow else "granted"


def _widest(found: dict[str, tuple[Hit, list[str]]]) -> dict[str, tuple[Hit, list[str]]]:
    """Drop the patterns that a wider one holds for the same services and more."""
    groups: dict[frozenset[str], Hits] = {}
    for pattern, (hit, services) in found.items():
        groups.setdefault(frozenset(services), {})[pattern] = hit
    kept = dict(found)
    for few, hits in groups.items():
        for many, wide in groups.items():
            if few < many:
                together = merged({**hits, **wide})
                kept = {one: kept[one] for one in kept if one not in hits or one in together}
    return kept


class _Startable(Struct, frozen=True):
    bounded: bool
    actions: tuple[str, ...]
    policies: frozenset[int]


def _startable(layers: _Layers) -> dict[str, _Startable]:
    """List the services in which an identity may start a workload, with the surest way of each."""
    if not any(PASS_ROLE in one.allowed for one in layers.own):
        return {}
    granted, possible = _started(layers)
    found: dict[str, _Startable] = {}
    for start, needed in _needs() if possible else ():
        bounded = bool(needed & ~granted)
        known = found.get(start.service)
        if needed & ~possible or (known and (bounded or not known.bounded)):
            continue
        found[start.service] = _starting(start, needed, layers, bounded=bounded)
    return found


@cache
def _needs() -> tuple[tuple[Start, int], ...]:
    return tuple((start, bits(start.actions)) for start in starts())


def _starting(start: Start, needed: int, layers: _Layers, *, bounded: bool) -> _Startable:
    giving = (
        index
        for index, one in enumerate(layers.own)
        if (one.starting.allowed | one.starting.bounded) & needed
    )
    return _Startable(bounded, start.actions, frozenset(giving))


def _started(layers: _Layers) -> tuple[int, int]:
    """Give the starting actions that are surely granted, and those that are possible."""
    granted = possible = -1
    for layer in (layers.own, *layers.limits):
        allowed = bounded = denied = hindered = 0
        for one in layer:
            allowed |= one.starting.allowed
            bounded |= one.starting.bounded
            denied |= one.starting.denied
            hindered |= one.starting.hindered
        granted &= allowed & ~denied & ~hindered
        possible &= (allowed | bounded) & ~denied
    return granted, possible
