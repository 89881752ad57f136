"""What a checked configuration is (DESIGN 6). Reading and checking it is `nhiscan.config.load`."""

from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

OWNER_TAGS = ("owner", "owner-email", "service-owner", "technical-owner", "team", "contact")
PLACEHOLDERS = (
    "todo",
    "tbd",
    "n/a",
    "na",
    "none",
    "unknown",
    "admin",
    "root",
    "owner",
    "changeme",
    "-",
    "?",
    "x",
)

Employment = Literal["active", "leave", "notice", "left", "unknown"]

# Ages and grace periods; a hundred years is more than any of them can mean.
Threshold = Annotated[int, Meta(ge=0, le=36_500)]


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Thresholds by name, in days unless said otherwise; defaults from governance 3.4."""

    dormant_days: Threshold = 90
    never_used_days: Threshold = 30
    unowned_grace_hours: Threshold = 72
    access_key_max_age: Threshold = 90
    client_secret_max_age: Threshold = 180
    service_account_key_max_age: Threshold = 90
    certificate_max_age: Threshold = 397
    service_specific_max_age: Threshold = 90
    ssh_key_max_age: Threshold = 90
    secret_max_age: Threshold = 365
    token_max_age: Threshold = 90
    api_key_max_age: Threshold = 90
    roster_max_age: Threshold = 7
    expiring_days: Threshold = 30
    due_days_critical: Threshold = 7
    due_days_high: Threshold = 30
    due_days_medium: Threshold = 60
    due_days_low: Threshold = 90


class ProviderEntry(Struct, frozen=True, kw_only=True):
    """One `providers:` item. `options` is an instance of the adapter's own options Struct."""

    type: str
    index: int
    options: Any
    line: int


class Tenant(Struct, frozen=True, kw_only=True):
    """One client, the MSP itself, or a subservice. `group` defaults to the tenant's own id."""

    id: str
    name: str
    kind: Literal["client", "msp", "subservice"] = "client"
    group: str
    contacts: dict[str, str] = {}
    providers: tuple[ProviderEntry, ...] = ()


class Party(Struct, frozen=True, kw_only=True):
    """One row of a roster file; `file` and `line` say where it stands."""

    party_id: str
    name: str
    kind: Literal["person", "team", "mailbox", "vendor"] = "person"
    org: str = "msp"
    employment: Employment = "unknown"
    email: str | None = None
    aliases: tuple[str, ...] = ()
    since: str | None = None
    manager: str | None = None
    file: str
    line: int


class Vendor(Struct, frozen=True, kw_only=True):
    """One row of the MSP's own vendor list; it goes before any built-in list."""

    id: str
    name: str
    aws_accounts: tuple[str, ...] = ()
    entra_tenants: tuple[str, ...] = ()
    entra_apps: tuple[str, ...] = ()
    gcp_organizations: tuple[str, ...] = ()
    github_apps: tuple[str, ...] = ()
    agreement: str | None = None


class Config(Struct, frozen=True, kw_only=True):
    """A whole checked configuration. Relative paths in it are relative to `path`'s folder.

    `matrix` is the folder that `nhiscan.matrix.read` reads. `unread_keys` are keys that are
    accepted and whose files this version does not read.
    """

    path: Path
    msp_id: str
    msp_name: str
    store: Path
    tenants: tuple[Tenant, ...]
    parties: tuple[Party, ...] = ()
    roster_read_at: str | None = None
    vendors: tuple[Vendor, ...] = ()
    owner_tags: tuple[str, ...] = OWNER_TAGS
    owner_placeholders: tuple[str, ...] = PLACEHOLDERS
    policy: Policy = Policy()
    matrix: Path | None = None
    unread_keys: tuple[str, ...] = ()

    def tenant(self, tenant_id: str) -> Tenant | None:
        """Find a tenant by id."""
        return next((t for t in self.tenants if t.id == tenant_id), None)
