"""The AWS adapter: accounts by role, read with the fewest calls, nothing ever written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct

from nhiscan.provider import Check, Context, Plan, Source, Unit
from nhiscan.records import AnyRecord
from nhiscan_providers.aws import calls, policy
from nhiscan_providers.aws.check import check_entry
from nhiscan_providers.aws.options import Options
from nhiscan_providers.aws.plan import plan_entry
from nhiscan_providers.aws.reading import known_accounts
from nhiscan_providers.aws.unit import collect_unit
from nhiscan_providers.aws.wire import Patience, Wire


class Aws:
    """Reads AWS; one instance shares its SDK session between all accounts it collects."""

    name: ClassVar[str] = "aws"
    title: ClassVar[str] = "Amazon Web Services"
    options: ClassVar[type[Struct]] = Options

    def __init__(self, patience: Patience | None = None) -> None:
        self._wire = Wire(patience or Patience())

    def sources(self) -> Sequence[Source]:
        """Every source, from the table of calls."""
        return calls.sources()

    def plan(self, entry: Options, context: Context) -> Plan:
        """Find the accounts behind an entry; raises ProviderError if it cannot be entered."""
        return plan_entry(self._wire, entry, context)

    def collect(self, entry: Options, unit: Unit, context: Context) -> Iterator[AnyRecord]:
        """Yield the records of one account, then its coverage."""
        return collect_unit(self._wire, entry, unit, context)

    def check(self, entry: Options, context: Context) -> Iterable[Check]:
        """Try every permission of every account behind an entry."""
        return check_entry(self._wire, entry, context)

    def permissions(self, form: str | None = None) -> str:
        """Print what to grant: see `permission_forms`."""
        return policy.render(form)

    def permission_forms(self) -> Sequence[str]:
        """List the forms: a role's policy, a StackSet template, the payer's and our own policy."""
        return policy.FORMS

    def vendors(self) -> Mapping[str, str]:
        """Accounts publicly listed as a vendor's."""
        return known_accounts.known()
