"""Checks that a spool file from elsewhere is whole and speaks for nobody but its own tenant."""

from collections.abc import Mapping
from pathlib import Path

from nhiscan import spool
from nhiscan.config.model import Config
from nhiscan.errors import SpoolError
from nhiscan.records import Account


class Vouching:
    """Knows whose each account is: by the configuration, else by what the store has read.

    `known` maps account ids to tenants. Files that are merged together must agree as well.
    """

    def __init__(self, config: Config, known: Mapping[str, str]) -> None:
        self._config = config
        self._owners = dict(known) | _named(config)

    def check(self, file: Path) -> spool.Header:
        """Read a whole file; SpoolError names it and says what does not fit."""
        with spool.read(file) as reader:
            head = reader.header
            tenant = self._config.tenant(head.tenant_id)
            if tenant is None:
                raise SpoolError(
                    f"{file}: speaks of tenant {head.tenant_id!r}, which {self._config.path} does"
                    " not know",
                    hint="add the tenant to the configuration, or leave the file out",
                )
            if head.part == "collect":
                self._claim(file, f"{head.provider}:{head.account}", tenant.id)
            for record in reader:
                if isinstance(record, Account):
                    self._account(file, head, record, sees_others=tenant.kind == "msp")
        return head

    def _account(
        self, file: Path, head: spool.Header, record: Account, *, sees_others: bool
    ) -> None:
        """Only the MSP's own plans may give accounts to tenants other than the file's."""
        owner = record.tenant_id or head.tenant_id
        if owner != head.tenant_id and (not sees_others or self._config.tenant(owner) is None):
            raise SpoolError(f"{file}: gives account {record.native_id} to tenant {owner!r}")
        if record.state != "unmapped":
            self._claim(file, f"{head.provider}:{record.native_id}", owner)

    def _claim(self, file: Path, account: str, tenant: str) -> None:
        owner = self._owners.setdefault(account, tenant)
        if owner != tenant:
            raise SpoolError(
                f"{file}: account {account} belongs to tenant {owner}, not {tenant}",
                hint="if it moved, change nhiscan.yaml and scan it once before merging",
            )


def _named(config: Config) -> dict[str, str]:
    """Return the accounts that the configuration itself gives to a tenant, by account id."""
    named: dict[str, str] = {}
    for tenant in config.tenants:
        for entry in tenant.providers:
            mapped: dict[str, str] = getattr(entry.options, "map", {})
            listed: tuple[str, ...] = getattr(entry.options, "accounts", ())
            given = mapped or dict.fromkeys(listed, tenant.id)
            named |= {f"{entry.type}:{account}": owner for account, owner in given.items()}
    return named
