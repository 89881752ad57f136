"""Links that replies give: where they lead, and whether they lead there once more."""

import re

from nhiscan.ledger import Fault
from nhiscan_providers.azure.calls import Operation
from nhiscan_providers.azure.faults import ForeignHostError

# No list is longer: it would hold ten million objects.
MOST_PAGES = 10_000
_PLAIN = re.compile(
    r"https://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?=[/?]|\Z)",
    re.IGNORECASE,
)


def place(url: str) -> tuple[str, int]:
    r"""Return host and port: what a token is bound to; ForeignHostError if that is not plain.

    `https://one.example\@other.example/` is on other.example for urllib and on one.example for
    requests: nothing may stand where two readers could see two hosts.
    """
    found = _PLAIN.match(url)
    if found is None:
        raise ForeignHostError("a link does not plainly say its host; it was not followed")
    return found["host"].lower(), int(found["port"] or 443)


class Trail:
    """The links of one list: one that comes again would be followed for ever."""

    def __init__(self, listed: Operation) -> None:
        self._listed = listed
        self._links: set[str] = set()

    def once(self, link: str | None) -> str | None:
        """Return a link that is new, or null; Fault for one that was followed before."""
        if not link:
            return None
        if link in self._links or len(self._links) >= MOST_PAGES:
            raise Fault(
                "partial", f"{self._listed.title}: its pages go in a circle, or have no end"
            )
        self._links.add(link)
        return link
