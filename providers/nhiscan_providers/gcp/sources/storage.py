"""Reads the HMAC keys of Cloud Storage: names and states, never secrets."""

from typing import Any

from nhiscan.ledger import Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.facts import HmacKey
from nhiscan_providers.gcp.lists import Listing, read_pages
from nhiscan_providers.gcp.sources import shapes


def read_hmac_keys(access: Access, reading: Reading, project: str) -> list[HmacKey]:
    """List the HMAC keys of a project's service accounts; those of people cannot be listed."""
    found: list[HmacKey] = []

    def take(row: dict[str, Any]) -> None:
        found.append(shapes.hmac_key(row))

    listing = Listing(api="storage", name="ListHmacKeys", places={"project": f"projects/{project}"})
    read_pages(access, reading, listing, take, found.clear)
    return found
