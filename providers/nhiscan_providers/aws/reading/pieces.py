"""Compiles a policy document once, so that who can become whom is a look-up by action."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import groupby

from msgspec import Struct

from nhiscan_providers.aws.reading.documents import Document, Statement
from nhiscan_providers.aws.reading.passing import Passing, passing
from nhiscan_providers.aws.reading.patterns import any_value, everything, is_wild, matches, within
from nhiscan_providers.aws.reading.ways import PASS_ROLE, TAKES, Kind, starts

_STARTING = sorted({action for start in starts() for action in start.actions})
_BITS = {action: 1 << index for index, action in enumerate((*TAKES, *_STARTING))}
_EVERY = (1 << len(_BITS)) - 1
STARTING = sum(_BITS[action] for action in _STARTING)
_BY_SERVICE = {
    service: dict(group)
    for service, group in groupby(
        sorted(_BITS.items()), key=lambda item: item[0].partition(":")[0].lower()
    )
}
_SELF = "/${aws:username}"


class Piece(Struct, frozen=True):
    """What a document says of one action on the identities of its account that match `pattern`.

    `but` are patterns excepted from it (NotResource). `bounded`: a condition has its say as well.
    """

    pattern: str
    but: tuple[str, ...] = ()
    bounded: bool = False
    passing: Passing = Passing()


class Starting(Struct, frozen=True):
    """Which starting actions a document allows anywhere, within bounds, denies, may deny."""

    allowed: int = 0
    bounded: int = 0
    denied: int = 0
    hindered: int = 0


_NOTHING = Starting()


class Compiled(Struct, frozen=True):
    """One document, by action. What is not `complete` allows all for all we know."""

    allowed: Mapping[str, tuple[Piece, ...]]
    denied: Mapping[str, tuple[Piece, ...]]
    starting: Starting
    complete: bool

    @property
    def starts(self) -> bool:
        """Whether it has anything to say of starting actions."""
        return self.starting != _NOTHING


class Home(Struct, frozen=True):
    """The account whose identities are spoken of: IAM's actions reach into no other."""

    partition: str
    account: str

    def prefix(self, kind: Kind) -> str:
        """Give what the ARNs of a kind begin with."""
        return f"arn:{self.partition}:iam::{self.account}:{kind}/"

    def whole(self, kind: Kind) -> str:
        """Give the pattern of all of a kind."""
        return f"{self.prefix(kind)}*"


def bits(actions: Iterable[str]) -> int:
    """Turn names of starting actions into a mask."""
    return sum(_BITS[action] for action in actions)


def compiled(document: Document, home: Home) -> Compiled:
    """Compile a document of the account `home`."""
    allowed: dict[str, dict[Piece, None]] = {}
    denied: dict[str, dict[Piece, None]] = {}
    complete, starting = document.complete, Starting()
    for statement in document.statements:
        if statement.resources is None and statement.not_resources is None:
            complete = False  # as in masks.mask
            continue
        found = _actions(statement)
        if found & STARTING:
            starting = _started(starting, statement, found & STARTING)
        side = allowed if statement.effect == "Allow" else denied
        for action, kind in TAKES.items():
            if found & _BITS[action]:
                pieces = side.setdefault(action, {})
                pieces.update(dict.fromkeys(_pieces(statement, action, home, kind)))
    if not complete:
        for action, kind in TAKES.items():
            allowed.setdefault(action, {})[Piece(home.whole(kind), bounded=True)] = None
        starting = _started(starting, None, STARTING)
    return Compiled(_frozen(allowed), _frozen(denied), starting, complete)


def _frozen(found: Mapping[str, Iterable[Piece]]) -> dict[str, tuple[Piece, ...]]:
    return {action: tuple(pieces) for action, pieces in found.items()}


def _started(known: Starting, statement: Statement | None, found: int) -> Starting:
    """Add a statement's starting actions; without one, those that an unread part may allow."""
    if statement is None:
        return Starting(known.allowed, known.bounded | found, known.denied, known.hindered)
    resources = statement.resources or ()
    wide = found if not statement.conditions and any(map(everything, resources)) else 0
    about = 0 if resources else _EVERY  # a NotResource leaves nearly all
    for resource in resources:
        about |= _about(resource)
    narrow = found & about & ~wide
    allowed, bounded, denied, hindered = known.allowed, known.bounded, known.denied, known.hindered
    if statement.effect == "Allow":
        return Starting(allowed | wide, bounded | narrow, denied, hindered)
    return Starting(allowed, bounded, denied | wide, hindered | narrow)


def _pieces(statement: Statement, action: str, home: Home, kind: Kind) -> Iterable[Piece]:
    tests, conditioned = Passing(), bool(statement.conditions)
    if action == PASS_ROLE:
        tests, conditioned = passing(statement.conditions)
    if statement.not_resources is not None:
        excepted = tuple(
            pattern
            for resource in statement.not_resources
            if any_value(resource) == resource
            for pattern in within(home.prefix(kind), resource)
        )
        variable = any(any_value(one) != one for one in statement.not_resources)
        yield Piece(home.whole(kind), excepted, conditioned or variable, tests)
        return
    for resource in statement.resources or ():
        if statement.effect == "Allow" and resource.lower().endswith(_SELF):
            continue  # names are unique in an account: itself, whom it need not become
        plain = any_value(resource)
        for pattern in within(home.prefix(kind), plain):
            yield Piece(pattern, (), conditioned or plain != resource, tests)


def _actions(statement: Statement) -> int:
    listed = statement.actions if statement.actions is not None else statement.not_actions or ()
    found = 0
    for pattern in listed:
        found |= _matching(pattern)
    return found if statement.actions is not None else _EVERY & ~found


@lru_cache(maxsize=65_536)
def _matching(pattern: str) -> int:
    if everything(pattern.replace(":", "", 1)):
        return _EVERY
    service = pattern.partition(":")[0].lower()
    candidates = _BY_SERVICE.get(service, {}) if not is_wild(service) else _BITS
    return sum(bit for action, bit in candidates.items() if matches(pattern, action))


@lru_cache(maxsize=16_384)
def _about(resource: str) -> int:
    """Mask the actions whose service a resource may belong to."""
    parts = resource.split(":", 5)
    if len(parts) < 6 or is_wild(parts[2]):
        return _EVERY
    return _of_service().get(parts[2].lower(), 0)


@cache
def _of_service() -> Mapping[str, int]:
    return {service: sum(found.values()) for service, found in _BY_SERVICE.items()}
