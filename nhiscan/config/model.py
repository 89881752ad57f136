"""What a checked configuration is (DESIGN 6). Reading and checking it is `nhiscan.config.load`."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

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

_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_WORD}(\.{_WORD})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")

Employment = Literal["active", "leave", "notice", "left", "unknown"]

# Ages and grace periods; a hundred years is more than any of them can mean.
Threshold = Annotated[int, Meta(ge=0, le=36_500)]
# Weights, and what their sums are measured against.
Share = Annotated[float, Meta(ge=0, le=1)]
# The signals of ownership (governance 3.1).
SIGNALS = tuple(f"S{number}" for number in range(1, 21))


class SignalPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a policy says of one signal; a `half_life` of null lets it never age, in days."""

    weight: Share | UnsetType = UNSET
    half_life: Annotated[int, Meta(ge=1, le=36_500)] | UnsetType | None = UNSET


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
    attestation_days: Threshold = 180
    attestation_privileged_days: Threshold = 90
    signoff_months: Threshold = 12
    backup_max_instances: Threshold = 15
    provisioning_days: Threshold = 365
    provisioning_grace_hours: Threshold = 0
    revocation_days: Threshold = 5
    revocation_privileged_days: Threshold = 1
    lifecycle_days: Threshold = 180
    collector_silent_days: Threshold = 7
    triage_hours: Threshold = 24
    incident_open_days: Threshold = 30
    owner_accountable: Share = 0.60
    owner_suggested: Share = 0.40
    owner_margin: Share = 0.15
    owner_cap: Share = 0.85
    signals: dict[str, SignalPolicy] = {}

    def numbers(self) -> dict[str, Any]:
        """Return the thresholds by name, as queries take them; signals are no thresholds."""
        return {name: value for name, value in asdict(self).items() if name != "signals"}


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


class Accepted(Struct, frozen=True, kw_only=True):
    """One row of exceptions.yaml: a finding that somebody accepted until a day (exclusive).

    Without `identity` (id, native id or name) and `instance_id` it is about the tenant as a whole.
    """

    exception_id: str
    tenant_id: str
    rule: str
    identity: str | None = None
    instance_id: str | None = None
    reason: str
    requested_by: str | None = None
    accepted_by: str
    granted_at: date
    expires_at: date
    compensating_control: str | None = None
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


class Naming(Struct, frozen=True, kw_only=True):
    """Whoever owns what is named so: `match` is a pattern such as `svc-noc-*`, in any case."""

    match: str
    owner: str


class GapLists(Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    """Addresses of the mails with gap lists: from whom, where answers go, and who gets nobody's."""

    sender: str | None = None
    reply_to: str | None = None
    unassigned: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no address."""
        for name, key in (("sender", "from"), ("reply_to", "reply_to"), ("unassigned",) * 2):
            value = getattr(self, name)
            if value is not None and not is_address(value):
                raise ValueError(f"{key}: {value[:60]!r} is no mail address")


def is_address(text: str) -> bool:
    """Say whether a text is a plain mail address (RFC 5322, without comments and quotes)."""
    return len(text) <= 254 and bool(_ADDRESS.fullmatch(text))


class RosterFile(Struct, frozen=True, kw_only=True):
    """One roster file and when it was written (ISO 8601); who stands in it is as old as that."""

    file: str
    written_at: str


class Config(Struct, frozen=True, kw_only=True):
    """A whole checked configuration. Relative paths in it are relative to `path`'s folder.

    `parties` holds one row per party, as it stands today. `matrix` is the folder that
    `nhiscan.matrix.read` reads. `warnings` are what looks wrong in the files and stops nothing.
    """

    path: Path
    msp_id: str
    msp_name: str
    store: Path
    tenants: tuple[Tenant, ...]
    parties: tuple[Party, ...] = ()
    roster_read_at: str | None = None
    rosters: tuple[RosterFile, ...] = ()
    vendors: tuple[Vendor, ...] = ()
    owner_tags: tuple[str, ...] = OWNER_TAGS
    owner_placeholders: tuple[str, ...] = PLACEHOLDERS
    naming: tuple[Naming, ...] = ()
    policy: Policy = Policy()
    matrix: Path | None = None
    exceptions: tuple[Accepted, ...] = ()
    exceptions_file: Path | None = None
    gap_lists: GapLists = GapLists()
    warnings: tuple[str, ...] = ()

    def tenant(self, tenant_id: str) -> Tenant | None:
        """Find a tenant by id."""
        return next((t for t in self.tenants if t.id == tenant_id), None)
