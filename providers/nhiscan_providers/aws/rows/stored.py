"""Makes the rows of stored secrets and encrypted parameters."""

from collections.abc import Iterator
from datetime import datetime

from nhiscan.records import AnyRecord, Claim, Credential, Identity, Usage
from nhiscan_providers.aws.people import Creator, People
from nhiscan_providers.aws.sources.secrets import PARAMETERS, SECRETS, Stored

# Parameters can have tags, and so an owner, but no call lists them in bulk.
_UNTAGGED: dict[str, object] = {"tags_unread": "ssm:DescribeParameters lists no tags"}


def secret(one: Stored, region: str, now: datetime) -> Iterator[AnyRecord]:
    """Describe a secret of Secrets Manager."""
    attributes: dict[str, object] = {
        "rotation": one.rotation,
        "rotation_days": one.rotation_days,
        "managed_by": one.managed_by,
        "primary_region": one.primary_region,
    }
    facts = {name: value for name, value in attributes.items() if value is not None}
    yield _identity(one, region, SECRETS, "aws.secretsmanager.secret", facts)
    yield _credential(one, region, SECRETS, facts)
    for subject in ("identity", "credential"):
        yield Usage(
            subject=subject,
            key=one.arn if subject == "identity" else f"{one.arn}/value",
            usage="known" if one.accessed else "never",
            last_used_at=one.accessed,
            used_region=region,
            read_at=now,
            note="to the day; reads in this region only",
            source=SECRETS,
            region=region,
        )


def parameter(one: Stored, region: str, people: People) -> Iterator[AnyRecord]:
    """Describe an encrypted parameter and who last wrote it."""
    yield _identity(one, region, PARAMETERS, "aws.ssm.parameter", _UNTAGGED)
    yield _credential(one, region, PARAMETERS, {})
    for subject in ("identity", "credential"):
        yield Usage(
            subject=subject,
            key=one.arn if subject == "identity" else f"{one.arn}/value",
            usage="unsupported",
            note="AWS does not record when a parameter is read",
            source=PARAMETERS,
            region=region,
        )
    if one.writer:
        who: Creator = people.who(one.writer)
        yield Claim(
            subject="identity",
            key=one.arn,
            reference=who.reference,
            signal="S8",
            role="operator",
            observed_at=one.changed,
            by_machine=who.by_machine,
            evidence=f"last written by {who.said}",
            source=PARAMETERS,
            region=region,
        )


def _identity(
    one: Stored, region: str, source: str, native_type: str, facts: dict[str, object]
) -> Identity:
    return Identity(
        key=one.arn,
        kind="secret",
        native_type=native_type,
        native_id=one.arn,
        immutable_id=one.arn if source == SECRETS else None,
        name=one.name,
        class_="platform" if one.managed_by else "machine",
        class_rule="secret",
        class_evidence=(
            f"made and rotated by {one.managed_by}" if one.managed_by else "a stored secret value"
        ),
        enabled=True,
        created_at=one.created,
        privilege="none",
        tags=one.tags,
        attributes=facts,
        source=source,
        region=region,
    )


def _credential(one: Stored, region: str, source: str, facts: dict[str, object]) -> Credential:
    return Credential(
        key=f"{one.arn}/value",
        identity=one.arn,
        kind="secret",
        status="active",
        created_at=one.changed,
        attributes=facts,
        source=source,
        region=region,
    )
