"""Reads whole lists and relations of many objects, keeping what was read before a fault."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from msgspec import Raw

from nhiscan.ledger import Fault, Reading
from nhiscan_providers.azure.access import BATCH, Access, Answer, Ask, Page
from nhiscan_providers.azure.calls import Operation
from nhiscan_providers.azure.faults import answered, error_code
from nhiscan_providers.azure.shapes.parsing import UnreadableError, low, read, take

T = TypeVar("T")

# How a service says that it does not take such a question.
_NOT_ASKED_SO = frozenset({400, 404, 405, 501})

# An `in` of a $filter takes at most so many values (microsoft-graph-docs #21098).
_AT_ONCE = 15
# Faults that the next place would meet too.
LASTING = frozenset({"not_licensed", "throttled", "unreachable"})


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
                found[low(getattr(one, "id", None)) or len(found)] = one
    except Fault as fault:
        reading.failed(fault)
    return list(found.values())


def gather_each(
    access: Access, reading: Reading, listed: Operation, paths: Mapping[str, str], kind: type[T]
) -> dict[str, list[T]]:
    """Read one list of each of several places: place to what it lists.

    What one place refuses does not hide the others; the reading is then partial. A service that
    does not answer is asked no further.
    """
    found: dict[str, list[T]] = {}
    failed: list[Fault] = []
    for about, path in paths.items():
        attempt = Reading(reading.source)
        found[about] = gather(access, attempt, listed, path, kind)
        reading.calls += attempt.calls
        reading.pages += attempt.pages
        if attempt.fault is not None:
            failed.append(attempt.fault)
            if attempt.fault.state in LASTING:
                break
        elif not attempt.complete:
            reading.mark(attempt.state, attempt.reason or "")
    if failed:
        reading.failed(failed[0])
    return found


def related(
    access: Access,
    reading: Reading,
    listed: Operation,
    paths: Mapping[str, str],
    kind: type[T],
    gone: Callable[[str], None] | None = None,
    *,
    single: bool = False,
    **headers: str,
) -> dict[str, list[T]]:
    """Read a relation of many objects in batches: object id to what it lists.

    Who is not there any more has no entry, and `gone` is told; nor has one whose answer failed,
    which marks the reading. `paths` are below the version; `single` answers are no lists.
    """
    found: dict[str, list[T]] = {}
    failed: list[Fault] = []
    try:
        asks = [Ask(about, path, headers) for about, path in paths.items()]
        for answer in access.each(reading, listed, asks):
            if _gone(answer):
                (gone or _nobody)(answer.about)
                continue
            try:
                if single:
                    found[answer.about] = _one(reading, listed, answer, kind)
                else:
                    found[answer.about] = _listed(access, reading, listed, answer, kind, headers)
                reading.pages += 1
            except Fault as fault:
                failed.append(fault)
                if len(failed) >= BATCH and not found:
                    break  # what is refused to twenty is refused to all
    except Fault as fault:
        failed.append(fault)
    if failed:
        reading.failed(failed[0])
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
    failed: list[Fault] = []
    try:
        for answer in access.each(reading, listed, asks):
            if answer.status in _NOT_ASKED_SO:
                continue
            try:
                for one in _listed(access, reading, listed, answer, kind, {}):
                    found[low(getattr(one, "id", None))] = one
                reading.pages += 1
            except Fault as fault:
                failed.append(fault)
    except Fault as fault:
        failed.append(fault)
    if failed:
        reading.failed(failed[0])
    return found


def _nobody(about: str) -> None:
    """Tell nobody that an object is gone."""


def _gone(answer: Answer) -> bool:
    """Tell whether Graph itself says that an object is not there; a 404 alone may mean a path."""
    return answer.status == 404 and error_code(answer.body).endswith("ResourceNotFound")


def _one(reading: Reading, listed: Operation, answer: Answer, kind: type[T]) -> list[T]:
    if answer.status != 200:
        raise answered(answer.status, answer.body, listed)
    return take(reading, (Raw(answer.body),), kind)


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
    try:
        first = read(answer.body, Page)
    except UnreadableError:
        raise Fault("unreachable", f"{listed.title}: a reply is no list") from None
    found = take(reading, first.value, kind)
    if first.next:
        for page in access.pages(reading, listed, first.next, **headers):
            found += take(reading, page, kind)
    return found
