"""Reads a whole list page by page: empty pages go on, a refused token begins it anew."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.calls import Operation, operation
from nhiscan_providers.gcp.faults import Fault

_RESTARTS = 3
# An empty page may come with the token that asked for it: the server took too long to find a row.
_EMPTY = 10
# A server that never comes to an end of its empty pages is not waited for.
_EMPTY_IN_A_ROW = 1000

Take = Callable[[dict[str, Any]], None]


class Listing(Struct, frozen=True, kw_only=True):
    """One list: which call, where, with what; `most` bounds its pages (null: all of them)."""

    api: str
    name: str
    places: Mapping[str, str] = {}
    params: Mapping[str, Any] = {}
    most: int | None = None


@contextmanager
def as_described(asked: str) -> Iterator[None]:
    """Read part of a reply: what is of another type, or lacks a member, is a Fault and no crash."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
        # its text may quote the row
        what = type(error).__name__
        raise Fault("cut", f"{asked}: a row is not as described ({what})") from None


def listed(value: Any) -> list[Any]:
    """Return a list of a reply, where no list means an empty one; raises TypeError for all else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError
    return value


def read_pages(
    access: Access, reading: Reading, listing: Listing, take: Take, restart: Callable[[], None]
) -> bool:
    """Give each row to `take`; return whether all pages were read. Raises Fault.

    Only an empty token ends a list: a page may be empty and still have a next one. A token that is
    refused restarts the list, at most three times, after calling `restart`.
    """
    for _ in range(_RESTARTS + 1):
        pages = [0]
        try:
            return _pages(access, reading, listing, take, pages)
        except Fault as fault:
            if fault.kind != "invalid" or not pages[0]:
                raise
            restart()
    asked = operation(listing.api, listing.name).asked
    raise Fault(
        "cut", f"{asked}: begun {_RESTARTS + 1} times, its page token was refused each time"
    )


def _pages(
    access: Access, reading: Reading, listing: Listing, take: Take, pages: list[int]
) -> bool:
    called = operation(listing.api, listing.name)
    asked: dict[str, Any] = dict(listing.params)
    if called.size:
        asked[called.size[0]] = called.size[1]
    seen: Counter[str] = Counter()
    empty = 0
    while True:
        if listing.most is not None and pages[0] >= listing.most:
            return False
        page = _page(access, reading, listing, asked)
        rows, token = _rows(page, called), page.get("nextPageToken") or ""
        for row in rows:
            with as_described(called.asked):
                take(row)
        pages[0] += 1
        reading.pages += 1
        if not token:
            return True
        empty = 0 if rows else empty + 1
        if seen[token] >= (1 if rows else _EMPTY) or empty > _EMPTY_IN_A_ROW:
            raise Fault("cut", f"{called.asked}: the list does not go on")
        seen[token] += 1
        asked["pageToken"] = token


def _rows(page: Mapping[str, Any], called: Operation) -> list[dict[str, Any]]:
    with as_described(called.asked):
        rows = listed(page.get(called.items or ""))
        if not isinstance(page.get("nextPageToken") or "", str):
            raise TypeError
        if not all(isinstance(row, dict) for row in rows):
            raise TypeError
    return rows


def _page(
    access: Access, reading: Reading, listing: Listing, asked: Mapping[str, Any]
) -> dict[str, Any]:
    if operation(listing.api, listing.name).verb == "POST":
        return access.call(reading, listing.api, listing.name, listing.places, body=asked)
    return access.call(reading, listing.api, listing.name, listing.places, params=asked)
