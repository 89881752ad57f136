"""Reads whole lists and relations of many objects, keeping what was read before a fault."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec
from msgspec import Raw

from nhiscan.ledger import Fault, Reading
from nhiscan_providers.azure.access import Access, Answer, Ask, Page
from nhiscan_providers.azure.calls import Operation
from nhiscan_providers.azure.faults import answered
from nhiscan_providers.azure.shapes.parsing import take

T = TypeVar("T")


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
        page = msgspec.json.decode(body, type=Page)
    except msgspec.DecodeError:
        return (Raw(body),), None
    return page.value, page.next
