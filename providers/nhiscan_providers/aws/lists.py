"""Reads a whole list page by page: empty pages go on, expired markers begin it anew."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.calls import operation
from nhiscan_providers.aws.faults import Fault

_RESTARTS = 3


class Listing(Struct, frozen=True, kw_only=True):
    """One list: which call, with what, and where its pages say that they go on.

    `token` is the parameter that asks for the next page and `next_token` the member that gives it.
    A list with `truncated` has a next page only if that member is true (IAM).
    """

    service: str
    name: str
    params: dict[str, Any] = {}
    region: str | None = None
    token: str = "NextToken"  # noqa: S105 - a parameter's name
    next_token: str = "NextToken"  # noqa: S105 - a member's name
    truncated: str | None = None


def read_pages(
    access: Access,
    reading: Reading,
    listing: Listing,
    take: Callable[[dict[str, Any]], None],
    restart: Callable[[], None],
) -> None:
    """Give each page to `take`; before the list begins anew, call `restart`.

    On a fault the reading is marked: partial once a page was taken. An expired or refused marker
    restarts the list, which is never resumed, at most three times.
    """
    for _ in range(_RESTARTS + 1):
        reading.pages = 0
        try:
            _pages(access, reading, listing, take)
        except Fault as fault:
            if fault.kind == "token" and reading.pages:
                restart()
                continue
            reading.failed(fault)
        return
    asked = operation(listing.service, listing.name).permission
    reading.mark("partial", f"{asked}: begun {_RESTARTS + 1} times, its marker expired each time")


def iam(name: str, **params: Any) -> Listing:
    """Describe a list of IAM, at 1,000 items a page, the most that IAM gives."""
    return Listing(
        service="iam",
        name=name,
        params={"MaxItems": 1000, **params},
        token="Marker",  # noqa: S106 - a parameter's name
        next_token="Marker",  # noqa: S106 - a member's name
        truncated="IsTruncated",
    )


def _pages(
    access: Access, reading: Reading, listing: Listing, take: Callable[[dict[str, Any]], None]
) -> None:
    params, seen = dict(listing.params), set[str]()
    while True:
        page = access.call(reading, listing.service, listing.name, listing.region, **params)
        try:
            take(page)
        except KeyError as missing:
            asked = operation(listing.service, listing.name).permission
            raise Fault("cut", f"{asked}: an item lacks its member {missing}") from None
        reading.pages += 1
        token = page.get(listing.next_token)
        more = page.get(listing.truncated) if listing.truncated else token
        if not more:
            return
        if not token or token in seen:
            raise Fault("cut", f"{listing.service}:{listing.name}: the list does not go on")
        seen.add(token)
        params[listing.token] = token
