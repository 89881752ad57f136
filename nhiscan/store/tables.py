"""The versioned tables, described once: what identifies a row and what may change in place.

Everything generic (closing, inserting, digests) is driven by these descriptions, so a new kind of
record costs one table in a migration, one line here and one function in `nhiscan.store.rows`.
"""

from typing import NamedTuple


class Versioned(NamedTuple):
    """One `<name>_version` table.

    `key` columns identify a row over time. `volatile` columns are updated in place and kept out of
    the digest: a change in them alone is not history.
    """

    name: str
    key: tuple[str, ...]
    volatile: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """Name the table."""
        return f"{self.name}_version"


RECORDS = {
    table.name: table
    for table in (
        Versioned("account", ("account_id",)),
        Versioned("identity", ("identity_id",)),
        Versioned("credential", ("credential_id",)),
        Versioned("grant", ("grant_id",)),
        Versioned("trust", ("trust_id",)),
        Versioned("claim", ("claim_id",)),
    )
}

DERIVED = {
    table.name: table
    for table in (
        Versioned("tenant", ("tenant_id",)),
        Versioned("party", ("party_id",)),
        Versioned("trust_relation", ("trust_id",)),
        Versioned("ownership_claim", ("claim_key",)),
        Versioned("resolution", ("identity_id",), ("owner_confidence", "explanation")),
        Versioned("reach", ("identity_id", "target_tenant_id", "via")),
        Versioned("shared", ("level", "key")),
        Versioned("finding", ("finding_id",), ("last_seen", "evidence")),
    )
}

HISTORY = ("digest", "valid_from", "valid_to")
