"""Tries every permission with the cheapest call that needs it."""

from collections.abc import Iterator, Mapping
from typing import Any

from nhiscan.errors import ProviderError
from nhiscan.ledger import Reading
from nhiscan.provider import Check, Context, Unit
from nhiscan.records import GLOBAL, Coverage
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.calls import TITLES, Operation, of_source
from nhiscan_providers.aws.faults import MISSING, Fault
from nhiscan_providers.aws.options import Options
from nhiscan_providers.aws.plan import plan_entry
from nhiscan_providers.aws.sources.account import REGIONS, read_regions
from nhiscan_providers.aws.wire import Wire

_ENTRY = "sts.identity"
# What cannot exist: asking for it costs little, and "no such thing" shows that asking is allowed.
_NOBODY = "nhiscan-check"
# Answers that only a permitted caller gets.
_ALLOWED = MISSING | {
    "ReportNotPresent", "ReportInProgress", "ReportExpired", "LimitExceeded",
    "InvalidInput", "ValidationError",
}  # fmt: skip


def check_entry(wire: Wire, options: Options, context: Context) -> Iterator[Check]:
    """Yield one Check per account, source and region; an entry that cannot be used is one too."""
    try:
        plan = plan_entry(wire, options, context)
    except ProviderError as error:
        account = options.role.account if options.role else "entry"
        yield Check(
            account=account,
            source=_ENTRY,
            region=GLOBAL,
            state="denied" if error.state == "denied" else "unreachable",
            reason=error.message,
            missing=("sts:AssumeRole",)
            if options.role and error.state == "denied" and not error.hint
            else (),
            grant=error.hint or _grant("scanner"),
        )
        return
    if options.organization:
        rows = (record for record in plan.records if isinstance(record, Coverage))
        yield from (_planned(plan.label, row) for row in rows)
    for unit in plan.units:
        context.progress(f"{unit.account}: trying permissions")
        yield from _unit(wire, options, unit)


def _planned(label: str, row: Coverage) -> Check:
    denied = row.state == "denied"
    missing = tuple(one.permission for one in of_source(row.source)) if denied else ()
    return Check(
        account=label,
        source=row.source,
        region=row.region,
        state=row.state,
        reason=row.reason,
        missing=missing,
        grant=_grant("payer") if denied else None,
    )


def _unit(wire: Wire, options: Options, unit: Unit) -> Iterator[Check]:
    with Access(wire, options, unit.params.get("role_arn")) as access:
        reading = Reading(_ENTRY)
        try:
            if access.enter(reading) != unit.account:
                raise Fault("unreachable", "the credentials lead into another account")
        except (Fault, ProviderError) as error:
            state = error.state if isinstance(error, Fault) else "denied"
            denied = state == "denied" and bool(access.role_arn) and not error.hint
            yield Check(
                account=unit.account,
                source=_ENTRY,
                region=GLOBAL,
                state=state,
                reason=str(error),
                missing=("sts:AssumeRole",) if denied else (),
                grant=_grant("stackset") if denied else error.hint,
            )
            return
        yield Check(account=unit.account, source=_ENTRY, region=GLOBAL, state="complete")
        regions = _regions(access, options)
        for name, title in TITLES.items():
            if name == _ENTRY or name.startswith("organizations.") or _skipped(name, options):
                continue
            for region in regions if title.regional else (None,):
                yield _source(access, unit.account, name, region)


def _skipped(source: str, options: Options) -> bool:
    return (
        (source == "account.contacts" and not options.contacts)
        or (source == "iam.access_keys" and options.key_ids == "never")
        or (source == REGIONS and bool(options.regions))
        or (source == "cloudtrail.creators" and options.creators_pages == 0)
    )


def _regions(access: Access, options: Options) -> tuple[str, ...]:
    if options.regions:
        return options.regions
    try:
        return tuple(read_regions(access, Reading(REGIONS)))
    except Fault:
        return (access.home,)  # the refusal itself is the Check of ec2.regions


def _source(access: Access, account: str, source: str, region: str | None) -> Check:
    failed: list[tuple[Operation, Fault]] = []
    for operation in of_source(source):
        try:
            access.call(
                Reading(source),
                operation.service,
                operation.name,
                region,
                **_cheapest(operation, access),
            )
        except Fault as fault:
            if fault.code not in _ALLOWED:
                failed.append((operation, fault))
    missing = tuple(one.permission for one, fault in failed if fault.kind == "denied")
    return Check(
        account=account,
        source=source,
        region=region or GLOBAL,
        state=failed[0][1].state if failed else "complete",
        reason="; ".join(fault.reason for _, fault in failed) or None,
        missing=missing,
        grant=_grant("policy") if missing else None,
    )


def _cheapest(operation: Operation, access: Access) -> Mapping[str, Any]:
    """Return the parameters that make an operation cheap."""
    arn = f"arn:{access.partition}:iam::{access.account}"
    cheap: dict[str, dict[str, Any]] = {
        "GetAccountAuthorizationDetails": {"MaxItems": 1, "Filter": ["Group"]},
        "ListServiceSpecificCredentials": {"MaxItems": 1, "AllUsers": True},
        "ListAccessKeys": {"UserName": _NOBODY},
        "ListSSHPublicKeys": {"UserName": _NOBODY},
        "GetOpenIDConnectProvider": {
            "OpenIDConnectProviderArn": f"{arn}:oidc-provider/{_NOBODY}.invalid"
        },
        "GetSAMLProvider": {"SAMLProviderArn": f"{arn}:saml-provider/{_NOBODY}"},
        "ListSecrets": {"MaxResults": 1},
        "DescribeParameters": {"MaxResults": 1},
        "LookupEvents": {"MaxResults": 1},
        "GetAlternateContact": {"AlternateContactType": "SECURITY"},
    }
    return cheap.get(operation.name, {})


def _grant(form: str) -> str:
    return f"nhiscan permissions aws --form {form}"
