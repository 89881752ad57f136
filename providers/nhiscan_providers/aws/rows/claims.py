"""Makes claims of creators: who made an identity or one of its keys."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from nhiscan.records import Claim
from nhiscan_providers.aws.people import People
from nhiscan_providers.aws.sources.authorization import Principal
from nhiscan_providers.aws.sources.creators import SOURCE, Creation

# The time of an event and the creation date that IAM keeps differ by the time the call took.
_SAME = timedelta(minutes=1)


def creators(
    events: Iterable[Creation],
    users: Mapping[str, Principal],
    roles: Mapping[str, Principal],
    people: People,
) -> Iterator[Claim]:
    """Give the newest claim per identity, signal and creator; what is gone by now has none."""
    found: dict[tuple[str, str, str], Claim] = {}
    for event in sorted(events, key=lambda one: (one.at is not None, one.at), reverse=True):
        subject = _subject(event, users, roles)
        if subject is None:
            continue
        who = people.of_event(event)
        signal = "S7" if event.event in ("CreateUser", "CreateRole") else "S8"
        found.setdefault(
            (subject.id, signal, who.reference),
            Claim(
                subject="identity",
                key=subject.id,
                reference=who.reference,
                signal=signal,
                role="operator",
                observed_at=event.at,
                by_machine=who.by_machine,
                evidence=f"CloudTrail: {event.event} by {who.said}",
                source=SOURCE,
            ),
        )
    yield from found.values()


def _subject(
    event: Creation, users: Mapping[str, Principal], roles: Mapping[str, Principal]
) -> Principal | None:
    """Find the identity that an event made or gave a key to, and not a namesake made later."""
    known = roles.get(event.role) if event.role else users.get(event.user or "")
    if known is None:
        return None
    if event.event in ("CreateUser", "CreateRole"):
        if event.created_id:
            return known if known.id == event.created_id else None
        if not (event.at and known.created):
            return None
    # An older event made a namesake that is gone; a later one can only be of this identity.
    older = event.at and known.created and event.at < known.created - _SAME
    return None if older else known
