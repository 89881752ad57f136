"""Which source is no more whole than another: what it is asked of, that one lists."""

from nhiscan.ledger import Ledger
from nhiscan_providers.azure.sources import (
    applications,
    authorization,
    people,
    permissions,
    principals,
    resources,
    roles,
)

_NO_APPLICATIONS = "app registrations were not all read"
_NO_PRINCIPALS = "service principals were not all read"
_NO_ROLES = "the groups that hold roles are not all known"
_NO_OWNERS = "the people to look up are not all known"
# Rows that cannot be given to anybody are missing, and a source that was whole would close them.
# In the order of reading: a gap that follows from one may itself leave another.
_RESTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        applications.APPLICATIONS,
        _NO_APPLICATIONS,
        (applications.FEDERATED, applications.OWNERS, principals.OWNERS, principals.AGENTS),
    ),
    (
        principals.PRINCIPALS,
        _NO_PRINCIPALS,
        (
            permissions.APP_ROLES,
            permissions.DELEGATED,
            roles.ROLES,
            roles.ELIGIBLE,
            applications.OWNERS,
            principals.OWNERS,
            principals.AGENTS,
        ),
    ),
    *((source, _NO_ROLES, (roles.GROUPS,)) for source in (roles.ROLES, roles.ELIGIBLE)),
    *(
        (source, _NO_OWNERS, (people.PEOPLE,))
        for source in (applications.OWNERS, principals.OWNERS, principals.AGENTS)
    ),
)
_IN_AZURE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        principals.PRINCIPALS,
        _NO_PRINCIPALS,
        (resources.ASSIGNMENTS, authorization.ELIGIBLE, resources.FEDERATED),
    ),
    *(
        (source, _NO_ROLES, (roles.GROUPS,))
        for source in (resources.ASSIGNMENTS, authorization.ELIGIBLE)
    ),
)
# Where there is nothing to read, nothing is missing.
_WHOLE = frozenset({"complete", "not_available", "not_licensed"})


def admit_gaps(ledger: Ledger, *, azure: bool) -> None:
    """Mark what rests on a source that was not read whole; `azure`: whether Azure was asked."""
    for above, reason, below in (*_RESTS, *(_IN_AZURE if azure else ())):
        if ledger.open(above).state not in _WHOLE:
            for source in below:
                ledger.open(source).mark("partial", reason)
