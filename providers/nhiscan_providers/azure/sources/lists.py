"""Reads whole lists and relations of many objects, keeping what was read before a fault."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Raw

from nhiscan.ledger import Fault, Reading
from nhiscan_providers.azure.access import Access, Answer, Ask, Page
from nhiscan_providers.azure.calls import Operation
from nhiscan_providers.azure.faults import answered
from nhiscan_providers.azure.shapes.parsing import UnreadableError, low, read, take

T = TypeVar("T")

# How a service says that it does not take such a question.
_NOT_ASKED_SO = frozenset({400, 404, 405, 501})

# An `in` of a $filter takes at most so many values (microsoft-graph-docs #21098).
_AT_ONCE = 15


def gather(
    access: Access, reading: Reading, listed: Operation, path: str, kind: type[T], **headers: str
) -> list[T]:
    """Read a list to its end; a fault marks the reading and leaves what was read before it.

    An object that two pages show (a list that changes while it is read) counts once, by its id.
    """
    found: dict[object, T] = {}
    try:
        for page in access.pages(reading, listed, path, **headers):
            if not page:
                found.clear()  # the page token expired, and the list begins anew
            for one in take(reading, page, kind):
                found[getattr(one, "id", None) or len(found)] = one
    except Fault as fault:
        reading.failed(fault)
    return list(found.values())


def related(
    access: Access,
    reading: Reading,
    listed: Operation,
    paths: Mapping[str, str],
    kind: type[T],
    gone: Callable[[str], None] | None = None,
    **headers: str,
) -> dict[str, list[T]]:
    """Read a relation of many objects in batches: object id to what it lists.

    `paths` maps each object to its path below the version. An object that is not there any more
    has no entry, and `gone` is told; so has one whose answer failed, which marks the reading.
    """
    found: dict[str, list[T]] = {}
    asks = [Ask(about, path, headers) for about, path in paths.items()]
    try:
        for answer in access.each(reading, listed, asks):
            if answer.status == 404:
                if gone is not None:
                    gone(answer.about)
                continue
            found[answer.about] = _listed(access, reading, listed, answer, kind, headers)
            reading.pages += 1
    except Fault as fault:
        reading.failed(fault)
    return found


def together(
    access: Access,
    reading: Reading,
    listed: Operation,
    path: str,
    ids: Sequence[str],
    kind: type[T],
) -> dict[str, T]:
    """Read objects of a list by id, up to three hundred in a call: object id to object.

    `path` is the list's, with its query but for the filter. Whoever is in no answer is left out,
    and so are those whose question was refused as a query: the caller may ask for each alone.
    """
    asks = []
    for start in range(0, len(ids), _AT_ONCE):
        some = ",".join(f"'{one}'" for one in ids[start : start + _AT_ONCE])
        asks.append(Ask(str(start), f"{path}&$filter=id%20in%20({some})"))
    found: dict[str, T] = {}
    try:
        for answer in access.each(reading, listed, asks):
            if answer.status in _NOT_ASKED_SO:
                continue
            for one in _listed(access, reading, listed, answer, kind, {}):
                found[low(getattr(one, "id", None))] = one
            reading.pages += 1
    except Fault as fault:
        reading.failed(fault)
    return found


def _listed(
    access: Access,
    reading: Reading,
    listed: Operation,
    answer: Answer,
    kind: type[T],
    headers: Mapping[str, str],
) -> list[T]:
    if answer.status != 200:
        raise answered(answer.status, answer.body, listed)
    first, link = _page(answer.body)
    found = take(reading, first, kind)
    if link:
        for page in access.pages(reading, listed, link, **headers):
            found += take(reading, page, kind)
    return found


def _page(body: bytes) -> tuple[Iterable[Raw], str | None]:
    """Read an answer as a list, or as the one object that it is."""
    try:
        page = read(body, Page)
    except UnreadableError:
        return (Raw(body),), None
    return page.value, page.next
