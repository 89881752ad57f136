"""What a checked configuration is (DESIGN 6). Reading and checking it is `nhiscan.config.load`."""

from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

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


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Thresholds by name, in days unless said otherwise; defaults from governance 3.4."""

    dormant_days: int = 90
    never_used_days: int = 30
    unowned_grace_hours: int = 72
    access_key_max_age: int = 90
    client_secret_max_age: int = 180
    service_account_key_max_age: int = 90
    certificate_max_age: int = 397
    service_specific_max_age: int = 90
    ssh_key_max_age: int = 90
    secret_max_age: int = 365
    token_max_age: int = 90
    api_key_max_age: int = 90
    roster_max_age: int = 7
    expiring_days: int = 30
    due_days_critical: int = 7
    due_days_high: int = 30
    due_days_medium: int = 60
    due_days_low: int = 90


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
    """A whole checked configuration. Relative paths in it are relative to `path`'s folder."""

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

    def tenant(self, tenant_id: str) -> Tenant | None:
        """Find a tenant by id."""
        return next((t for t in self.tenants if t.id == tenant_id), None)
