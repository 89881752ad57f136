"""A small MSP with two clients, as records: each query of the library finds something in it.

Records go through real spool files and the store's own merge. What the resolver would conclude is
given as tables (`tests.queries.conclusions`), so that each query is tested by itself.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from nhiscan import spool
from nhiscan.records import (
    Account,
    AnyRecord,
    Claim,
    Coverage,
    Credential,
    CredentialKind,
    Grant,
    Identity,
    Trust,
    Usage,
    public_id,
)
from nhiscan.store.revision import Revision

NOW = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
ACME, BETA, MSP, ORGANIZATION = "111122223333", "222233334444", "999900000001", "o-north"
DETAILS, REPORT, SPECIFIC = (
    "iam.authorization_details",
    "iam.credential_report",
    "iam.service_specific_credentials",
)
SUMMARY, SECRETS, CREATORS = "iam.account_summary", "secretsmanager.secrets", "cloudtrail.creators"
REGIONAL = frozenset({SECRETS, "ssm.parameters"})
SOURCES = (
    "sts.identity",
    DETAILS,
    REPORT,
    SPECIFIC,
    SUMMARY,
    SECRETS,
    "ssm.parameters",
    "ec2.regions",
    CREATORS,
    "account.contacts",
    "iam.oidc_providers",
    "iam.saml_providers",
    "iam.ssh_keys",
    "iam.access_keys",
)
COMMON_SUBJECT = "ab" * 32


def ago(days: float, now: datetime = NOW) -> datetime:
    """Return the time so many days before."""
    return now - timedelta(days=days)


def identity_id(tenant: str, account: str, key: str) -> str:
    """Derive an identity's public id as the store does."""
    return public_id("nhi", tenant, "aws", account, key)


class Unit(Struct):
    """The records of one account under construction; `owners` is what the resolver would say."""

    tenant: str
    account: str
    records: list[AnyRecord] = []
    owners: dict[str, dict[str, Any]] = {}

    def identity(
        self,
        name: str,
        kind: Literal["user", "role", "root", "secret", "app", "delegation", "api_key"] = "user",
        *,
        class_: Any = "machine",
        created: float = 1000,
        used: float | None = 1,
        usage: Any = "known",
        note: str | None = None,
        owner: str = "declared",
        source: str = DETAILS,
        region: str = "global",
        **fields: Any,
    ) -> None:
        """Add an identity, its use (days ago) and its ownership status."""
        types = {"secret": "aws.secretsmanager.secret", "api_key": "azure.storage_account"}
        self.records += [
            Identity(
                key=name,
                kind=kind,
                native_type=types.get(kind, f"aws.iam.{kind}"),
                native_id=f"arn:aws:iam::{self.account}:{kind}/{name}",
                name=name,
                class_=class_,
                class_rule="aws-A5-00",
                class_evidence="said by the test",
                created_at=ago(created),
                source=source,
                region=region,
                **fields,
            ),
            Usage(
                subject="identity",
                key=name,
                usage=usage,
                last_used_at=None if used is None else ago(used),
                window_days=400 if kind == "role" else None,
                note=note,
                source=source,
                region=region,
            ),
        ]
        self.owners[name] = {
            "owner_status": owner,
            "owner_id": "dana" if owner == "declared" else None,
            "last_known_owner_id": "lea" if owner == "orphaned" else None,
        }

    def credential(
        self,
        holder: str,
        name: str,
        kind: CredentialKind = "access_key",
        *,
        age: float | None = 30,
        used: float | None = 1,
        usage: Any = "known",
        source: str = REPORT,
        region: str = "global",
        **fields: Any,
    ) -> None:
        """Add a credential made `age` days ago, and its use."""
        self.records += [
            Credential(
                key=f"{holder}/{name}",
                identity=holder,
                kind=kind,
                public_id=f"…{name}",
                created_at=None if age is None else ago(age),
                source=source,
                region=region,
                **{"status": "active", **fields},
            ),
            Usage(
                subject="credential",
                key=f"{holder}/{name}",
                usage=usage,
                last_used_at=None if used is None else ago(used),
                source=source,
                region=region,
            ),
        ]

    def grant(self, name: str, role: str, via: str, **fields: Any) -> None:
        """Add a right, to read unless said otherwise."""
        self.records.append(
            Grant(
                identity=name,
                role=role,
                via=via,
                source=DETAILS,
                **{"scope": "/", "action_class": "read", "verdict": "granted", **fields},
            )
        )

    def trust(self, role: str, principal: str, kind: Any, **fields: Any) -> None:
        """Add one way into a role."""
        self.records.append(
            Trust(
                identity=role,
                principal=principal,
                principal_kind=kind,
                reason="said by the test",
                source=DETAILS,
                **{"guard": "none", "verdict": "open", **fields},
            )
        )


def acme() -> Unit:
    """Build the client that has one of everything."""
    unit = Unit(tenant="acme", account=ACME)
    _users(unit)
    _roles(unit)
    _guests(unit)
    unit.identity("db", "secret", created=500, source=SECRETS, region="us-east-1", privilege="none")
    unit.credential("db", "value", "secret", age=400, source=SECRETS, region="us-east-1")
    unit.records.append(
        Claim(
            subject="account",
            key=ACME,
            reference="ops@acme.example",
            signal="S12",
            role="accountable",
            evidence="operations contact",
            source="account.contacts",
        )
    )
    return unit


def _users(unit: Unit) -> None:
    unit.identity("deploy", privilege="admin")
    unit.credential("deploy", "AAAA", age=400)
    unit.credential("deploy", "BBBB", age=60)
    unit.records.append(
        Grant(
            identity="deploy",
            scope="*",
            role="AdministratorAccess",
            action_class="admin",
            verdict="granted",
            via="attached",
            actions=["*"],
            source=DETAILS,
        )
    )
    unit.identity("old", used=200, owner="orphaned", privilege="write")
    unit.credential("old", "CCCC", age=300, used=200)
    unit.identity("fresh", created=1, owner="unowned")
    unit.credential("fresh", "DDDD", age=1, used=None, usage="never")
    unit.identity("idle", created=60, used=None, usage="never", owner="unowned", privilege="read")
    unit.credential("idle", "EEEE", age=60, used=None, usage="never")
    unit.identity("bedrock", used=None, usage="unknown", owner="conflict")
    unit.credential(
        "bedrock",
        "FFFF",
        "service_specific",
        age=40,
        used=None,
        usage="unsupported",
        expires_at=ago(10),
        source=SPECIFIC,
    )
    unit.identity("console", class_="mixed", owner="team_only")
    unit.credential("console", "password", "password", age=500, used=2)
    unit.credential("console", "GGGG", expires_at=ago(-10))
    unit.identity("dana", class_="human", owner="unowned", used=300)
    unit.credential("dana", "password", "password", age=500, used=300)
    unit.identity("off", enabled=False, owner="unowned", used=300)
    unit.identity("root", "root", class_="human", privilege="admin", source=REPORT)
    unit.credential("root", "HHHH", age=900)


def _roles(unit: Unit) -> None:
    unit.identity("ci", "role")
    unit.trust("ci", "https://ci.example repo:acme/*", "oidc", verdict="weak")
    unit.credential(
        "ci", "federated", "federated_trust", fingerprint=COMMON_SUBJECT, source=DETAILS, age=None
    )
    unit.identity("monitoring", "role")
    unit.trust("monitoring", "464622532012", "account", principal_account="464622532012")
    unit.identity("backup", "role")
    unit.trust("backup", "333300000003", "account", verdict="guarded", guard="sts:ExternalId")
    unit.identity("open", "role")
    unit.trust("open", "*", "public", relation="public")
    unit.identity("managed", "role")
    unit.trust("managed", f"arn:aws:iam::{MSP}:role/tool", "role", verdict="guarded")
    unit.identity("AWSServiceRoleForX", "role", class_="platform", used=None, usage="never")
    unit.identity(
        "quiet",
        "role",
        created=500,
        used=None,
        usage="unknown",
        note="not in the last 400 days",
    )
    unit.trust("quiet", "ec2.amazonaws.com", "service", relation="platform", verdict="guarded")


def _guests(unit: Unit) -> None:
    """Add what others bring along: applications, partners, and what they leave behind."""
    unit.credential("deploy", "RRRR", "client_secret", age=200)
    unit.credential("deploy", "NNNN", "certificate", age=500)
    unit.credential("deploy", "MMMM", "certificate", age=500, attributes={"managed": True})
    unit.grant("old", "Mail.Read", "app role")
    unit.grant("quiet", "Files.Read", "delegated, all users")
    unit.grant("deploy", "User.Read", "app role")
    unit.grant("idle", "Reader", "role assignment")
    gone: dict[str, Any] = {"principal": "an-object-id", "created_at": ago(900)}
    unit.grant("ghost", "Contributor", "role assignment", **gone)
    unit.identity("mailer", "app", home_account="888877776666")
    unit.trust("mailer", "app-1", "application", verdict="guarded")
    unit.credential("mailer", "QQQQ", "client_secret")
    unit.credential("AWSServiceRoleForX", "PPPP", "client_secret")
    unit.credential("AWSServiceRoleForX", "OOOO", "certificate", attributes={"managed": True})
    unit.identity("suite", "app", home_account="888877776666")
    unit.trust("suite", "app-2", "application", verdict="guarded")
    unit.identity("lodge", "delegation")
    unit.trust("lodge", "somebody", "organization", verdict="guarded")
    unit.identity("former", "delegation")
    unit.trust("former", "oldvend", "organization", verdict="guarded")
    unit.identity("leftover", "role", attributes={"workload": "gone"})
    unit.identity("spare", "role", attributes={"workload": "unattached"})
    unit.credential("spare", "outside", "federated_trust", fingerprint="cd" * 32, source=DETAILS)
    unit.identity("alive", "role", attributes={"workload": "present"})
    unit.credential("alive", "UUUU", "client_secret", expires_at=ago(-5))
    unit.identity("billing", owner="unowned", privilege="write", used=None, usage="never")
    unit.identity("registration", "app", part_of="billing", owner="unowned", privilege="write")
    unit.credential("registration", "TTTT", "client_secret", age=20, used=3)


def beta() -> Unit:
    """Build the client where all is well, but for what it shares with the other."""
    unit = Unit(tenant="beta", account=BETA)
    unit.identity("dispatch", "role")
    unit.trust("dispatch", f"arn:aws:iam::{ACME}:role/ci", "role", verdict="guarded")
    unit.identity("deploy")
    unit.credential("deploy", "ZZZZ")
    unit.identity("ci", "role")
    unit.trust("ci", "https://ci.example repo:beta/app:ref:x", "oidc", verdict="guarded")
    unit.credential(
        "ci", "federated", "federated_trust", fingerprint=COMMON_SUBJECT, source=DETAILS, age=None
    )
    return unit


def msp() -> Unit:
    """Build the MSP's own account: the role of a tool that clients trust."""
    unit = Unit(tenant="northwind", account=MSP)
    unit.identity("tool", "role")
    return unit


def coverage(denied: Collection[str] = ()) -> Iterator[Coverage]:
    """Say of every source how it was read."""
    for source in SOURCES:
        yield Coverage(
            source=source,
            region="us-east-1" if source in REGIONAL else "global",
            state="denied" if source in denied else "complete",
            reason="AccessDenied" if source in denied else None,
        )


def merge(revision: Revision, folder: Path, unit: Unit, denied: Collection[str] = ()) -> None:
    """Merge a unit by way of a spool file; nothing that a denied source feeds is in it."""
    records = [one for one in unit.records if getattr(one, "source", None) not in denied]
    _merge(revision, folder, unit.tenant, unit.account, "collect", [*records, *coverage(denied)])


def merge_plan(revision: Revision, folder: Path, denied: Collection[str] = ()) -> None:
    """Merge the MSP's plan, which found one account that belongs to no client."""
    accounts = "organizations.accounts"
    found = [
        Account(native_id=ACME, tenant_id="acme", state="active", source=accounts),
        Account(native_id="555500000005", name="lost", state="unmapped", source=accounts),
    ]
    state: Any = "denied" if accounts in denied else "complete"
    records: list[AnyRecord] = [] if accounts in denied else list(found)
    records.append(Coverage(source=accounts, state=state))
    _merge(revision, folder, "northwind", ORGANIZATION, "plan", records)


def _merge(
    revision: Revision,
    folder: Path,
    tenant: str,
    account: str,
    part: Literal["plan", "collect"],
    records: list[AnyRecord],
) -> None:
    path = folder / f"{account}.jsonl.gz"
    header = spool.Header(
        tool="test",
        scan_id=f"scan-{revision.at:%Y%m%d}",
        part=part,
        tenant_id=tenant,
        provider="aws",
        account=account,
        started_at=revision.at,
        sliding=[CREATORS],
    )
    spool.write(path, header, records, finished_at=lambda: revision.at)
    counts = revision.merge_unit(path)
    assert counts.skipped is None
