"""Makes the rows of the account itself: root user, identity providers, contacts."""

from collections import Counter
from collections.abc import Iterable, Iterator

from nhiscan.records import AnyRecord, Claim, Credential, CredentialKind, Identity
from nhiscan_providers.aws.reading.classify import classify_root
from nhiscan_providers.aws.rows.user_credentials import from_report, user_usage
from nhiscan_providers.aws.sources.account import CONTACTS, SUMMARY, Contact, Summary
from nhiscan_providers.aws.sources.credential_report import ROOT, Report
from nhiscan_providers.aws.sources.credential_report import SOURCE as REPORT
from nhiscan_providers.aws.sources.federation import OIDC, SAML, Installed


def root(
    account: str, partition: str, report: Report | None, summary: Summary | None
) -> Iterator[AnyRecord]:
    """Describe the root user as the report shows it, else as the account summary does.

    Where the report has no row of it but the summary says that it has keys, one credential stands
    for them.
    """
    row = report.rows.get(ROOT) if report else None
    if row is None and summary is None:
        return
    door = classify_root()
    mfa = row.mfa if row else summary.root_mfa if summary else None
    yield Identity(
        key=ROOT,
        kind="root",
        native_type="aws.iam.root",
        native_id=f"arn:{partition}:iam::{account}:root",
        immutable_id=account,
        name="root",
        class_=door.class_,
        class_rule=door.rule,
        class_evidence=door.evidence,
        enabled=True,
        created_at=row.created if row else None,
        privilege="admin",
        attributes={} if mfa is None else {"mfa": mfa},
        source=REPORT if row else SUMMARY,
    )
    if row and report:
        yield from from_report(ROOT, row, report, None)
        yield user_usage(ROOT, row, report, 0)
    if summary and summary.root_keys and not (row and any(key.active for key in row.keys)):
        yield _some_keys()


def _some_keys() -> Credential:
    return Credential(
        key=f"{ROOT}/access_keys",
        identity=ROOT,
        kind="access_key",
        status="active",
        attributes={"count": "one or two; the account summary does not say"},
        source=SUMMARY,
    )


def providers(
    oidc: Iterable[Installed], saml: Iterable[Installed], trusted: Counter[str] | None
) -> Iterator[Credential]:
    """Describe the installed identity providers; `trusted` counts the roles that trust each.

    Null: the roles were not all read, so nothing is said of who trusts them.
    """
    for one in oidc:
        yield _provider("oidc_provider", OIDC, one, trusted)
    for one in saml:
        yield _provider("saml_provider", SAML, one, trusted)


def contacts(account: str, found: Iterable[Contact]) -> Iterator[Claim]:
    """Give the account's contacts as claims on the whole account."""
    for one in found:
        named = f" ({one.name})" if one.name else ""
        yield Claim(
            subject="account",
            key=account,
            reference=one.email,
            signal="S12",
            role="accountable",
            evidence=f"{one.kind.lower()} contact of the account{named}",
            source=CONTACTS,
        )


def _provider(
    kind: CredentialKind, source: str, one: Installed, trusted: Counter[str] | None
) -> Credential:
    facts: dict[str, object] = {"arn": one.arn}
    if one.url:
        facts["issuer"] = one.url
    if one.audiences:
        facts["audiences"] = list(one.audiences)
    if trusted is not None:
        facts["trusted_by"] = trusted[one.arn]
    return Credential(
        key=one.arn,
        kind=kind,
        public_id=one.arn.rpartition("/")[2],
        fingerprint=one.fingerprint,
        status="active",
        created_at=one.created,
        expires_at=one.expires,
        attributes=facts,
        source=source,
    )
