"""The tables that are merged into, described once; everything generic is driven by this.

A new kind of record costs a table in a migration, one entry here and one line in
`nhiscan.store.rows`: the columns of a table that are fields of its record fill themselves.
"""

from typing import NamedTuple

from nhiscan.records import (
    Account,
    AnyRecord,
    Claim,
    Coverage,
    Credential,
    Grant,
    Identity,
    Trust,
    Usage,
)


class Staged(NamedTuple):
    """How one record type becomes rows of a table.

    `key` identifies a row among those of its unit. `computed` is the SQL of the columns that are no
    field of the record, over its fields, `_id`, `_owner` and the unit's values as parameters.
    `best` orders rows of one key when a unit holds several: the first is kept, by default the last
    read. `unit` names the columns that are the same in all rows of a unit.
    """

    record: type[AnyRecord]
    table: str
    key: tuple[str, ...]
    computed: dict[str, str]
    best: str = "rowid DESC"
    unit: tuple[str, ...] = ("tenant_id", "provider", "account_id", "unit")


_IDENTITY = {"identity_id": "nullif(_owner, '')"}

RECORDS = {
    "account": Staged(
        Account,
        "account_version",
        ("account_id",),
        {
            "account_id": "$provider || ':' || native_id",
            "tenant_id": "coalesce(tenant_id, $tenant_id)",
        },
        unit=("provider", "unit"),
    ),
    "identity": Staged(
        Identity,
        "identity_version",
        ("identity_id",),
        {"identity_id": "_id", "part_of": "nullif(_owner, '')"},
    ),
    "credential": Staged(
        Credential, "credential_version", ("credential_id",), {"credential_id": "_id"} | _IDENTITY
    ),
    "grant": Staged(Grant, "grant_version", ("grant_id",), {"grant_id": "_id"} | _IDENTITY),
    "trust": Staged(Trust, "trust_version", ("trust_id",), {"trust_id": "_id"} | _IDENTITY),
    "claim": Staged(
        Claim,
        "claim_version",
        ("claim_id",),
        {
            "claim_id": "_id",
            "subject_id": "if(subject = 'account', $provider || ':' || key, _owner)",
        },
    ),
}

# One subject may be spoken of twice in a unit; the latest use is true whatever the others saw, and
# "never" is true only if nobody is less sure.
USAGE = Staged(
    Usage,
    "usage_last",
    ("subject_id",),
    {"subject_id": "_id"},
    best="last_used_at DESC NULLS LAST,"
    " list_position(['unknown', 'known', 'never', 'unsupported'], usage), rowid DESC",
    unit=("tenant_id", "unit"),
)
COVERAGE = Staged(
    Coverage,
    "coverage_read",
    ("source", "region"),
    {
        "optional": "list_contains($optional, source)",
        "read_at": "$started_at",
        "recorded_at": "$at",
    },
    unit=("scan_id", "unit", "tenant_id", "provider", "account_id"),
)
STAGED = RECORDS | {"usage": USAGE, "coverage": COVERAGE}
NAMES = {staged.record: name for name, staged in STAGED.items()}


class Derived(NamedTuple):
    """One table that the resolver, the graph or the findings fill as a whole.

    `key` columns identify a row over time. A change in `volatile` columns alone is no history: the
    current row is updated in place.
    """

    name: str
    key: tuple[str, ...]
    volatile: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """Name the table."""
        return f"{self.name}_version"


DERIVED = {
    table.name: table
    for table in (
        Derived("tenant", ("tenant_id",)),
        Derived("party", ("party_id",)),
        Derived("trust_relation", ("trust_id",)),
        Derived("control", ("framework", "control_id")),
        Derived("crosswalk", ("rule", "framework", "control_id", "kind")),
        Derived("evidence_sla", ("domain",), ("file", "line")),
        Derived("control_instance", ("instance_id",), ("file", "line", "lines")),
        Derived("duty", ("instance_id", "duty"), ("line",)),
        Derived("custody", ("instance_id", "position"), ("line",)),
        Derived("signoff", ("instance_id",), ("line",)),
        Derived("operator", ("instance_id", "position"), ("line",)),
        Derived("identity_name", ("tenant_id", "ref")),
        Derived("exception", ("exception_id",), ("file", "line")),
        Derived("control_link", ("instance_id", "identity_id"), ("confidence", "reasons")),
        Derived("ownership_claim", ("claim_key",), ("weight",)),
        Derived(
            "resolution", ("identity_id",), ("owner_confidence", "explanation", "reach_unread")
        ),
        Derived("reach", ("identity_id", "target_tenant_id", "via")),
        Derived("shared", ("level", "key")),
        Derived("finding", ("finding_id",), ("last_seen", "evidence")),
    )
}

# The columns that a merge itself fills.
HISTORY = ("valid_from", "valid_to")
