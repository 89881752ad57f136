"""Reads a whole list page by page: empty pages go on, a refused token begins it anew."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.calls import operation
from nhiscan_providers.gcp.faults import Fault

_RESTARTS = 3
# An empty page may come with the token that asked for it: the server took too long to find a row.
_EMPTY = 10

Take = Callable[[dict[str, Any]], None]


class Listing(Struct, frozen=True, kw_only=True):
    """One list: which call, where, with what; `most` bounds its pages (null: all of them)."""

    api: str
    name: str
    places: Mapping[str, str] = {}
    params: Mapping[str, Any] = {}
    most: int | None = None


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
    listed = operation(listing.api, listing.name)
    asked: dict[str, Any] = dict(listing.params)
    if listed.size:
        asked[listed.size[0]] = listed.size[1]
    seen: Counter[str] = Counter()
    while True:
        if listing.most is not None and pages[0] >= listing.most:
            return False
        page = _page(access, reading, listing, asked)
        rows = page.get(listed.items or "") or ()
        for row in rows:
            if not isinstance(row, dict):
                raise Fault("cut", f"{listed.asked}: a row is no object")
            try:
                take(row)
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                # its text may quote the row
                what = type(error).__name__
                raise Fault("cut", f"{listed.asked}: a row is not as described ({what})") from None
        pages[0] += 1
        reading.pages += 1
        token = page.get("nextPageToken")
        if not token:
            return True
        if seen[token] >= (1 if rows else _EMPTY):
            raise Fault("cut", f"{listed.asked}: the list does not go on")
        seen[token] += 1
        asked["pageToken"] = token


def _page(
    access: Access, reading: Reading, listing: Listing, asked: Mapping[str, Any]
) -> dict[str, Any]:
    if operation(listing.api, listing.name).verb == "POST":
        return access.call(reading, listing.api, listing.name, listing.places, body=asked)
    return access.call(reading, listing.api, listing.name, listing.places, params=asked)
