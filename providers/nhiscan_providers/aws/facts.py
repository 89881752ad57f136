"""Everything that is read of one account before its rows are made, and how completely."""

from collections.abc import Iterable

from msgspec import Struct

from nhiscan.ledger import Ledger, Reading, attempt
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.sources import account, authorization, credential_report, federation
from nhiscan_providers.aws.sources.account import Contact, Summary
from nhiscan_providers.aws.sources.authorization import Details
from nhiscan_providers.aws.sources.credential_report import Report
from nhiscan_providers.aws.sources.federation import Installed
from nhiscan_providers.aws.sources.user_credentials import (
    SERVICE_SPECIFIC,
    Listed,
    read_service_specific,
)


class Facts(Struct):
    """What was read. A list that stands beside a reading is whole only if that is complete."""

    details: Details
    details_reading: Reading
    report: Report | None
    report_reading: Reading
    service_specific: dict[str, list[Listed]]
    service_specific_reading: Reading
    oidc: list[Installed]
    oidc_reading: Reading
    saml: list[Installed]
    saml_reading: Reading
    summary: Summary | None
    contacts: list[Contact]


def read_facts(access: Access, ledger: Ledger) -> Facts:
    """Read all that takes a fixed number of calls; faults are in the ledger."""
    oidc, saml = ledger.open(federation.OIDC), ledger.open(federation.SAML)
    details, report = ledger.open(authorization.SOURCE), ledger.open(credential_report.SOURCE)
    specific, summary = ledger.open(SERVICE_SPECIFIC), ledger.open(account.SUMMARY)
    return Facts(
        oidc=attempt(oidc, lambda: federation.read_oidc(access, oidc), []),
        oidc_reading=oidc,
        saml=attempt(saml, lambda: federation.read_saml(access, saml), []),
        saml_reading=saml,
        details=attempt(details, lambda: authorization.read_details(access, details), Details()),
        details_reading=details,
        report=attempt(report, lambda: credential_report.read_report(access, report), None),
        report_reading=report,
        service_specific=by_user(
            attempt(specific, lambda: read_service_specific(access, specific), [])
        ),
        service_specific_reading=specific,
        summary=attempt(summary, lambda: account.read_summary(access, summary), None),
        contacts=_contacts(access, ledger),
    )


def by_user(found: Iterable[Listed]) -> dict[str, list[Listed]]:
    """Group credentials by the name of their user."""
    grouped: dict[str, list[Listed]] = {}
    for one in found:
        grouped.setdefault(one.user, []).append(one)
    return grouped


def _contacts(access: Access, ledger: Ledger) -> list[Contact]:
    reading = ledger.open(account.CONTACTS)
    if not access.options.contacts:
        reading.note("not asked: `contacts` is false")
        return []
    return attempt(reading, lambda: account.read_contacts(access, reading), [])
