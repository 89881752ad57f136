"""The Microsoft adapter: Entra directories and the Azure below them, by consent, only read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct

from nhiscan.provider import Check, Context, Plan, Source, Unit
from nhiscan.records import AnyRecord
from nhiscan_providers.azure import calls, policy
from nhiscan_providers.azure.check import check_entry
from nhiscan_providers.azure.options import Options
from nhiscan_providers.azure.patience import Patience
from nhiscan_providers.azure.plan import plan_entry
from nhiscan_providers.azure.unit import collect_unit
from nhiscan_providers.azure.wire import Wire


class Azure:
    """Reads Microsoft; one instance shares credentials between the directories it collects."""

    name: ClassVar[str] = "azure"
    title: ClassVar[str] = "Microsoft Entra ID and Azure"
    options: ClassVar[type[Struct]] = Options

    def __init__(self, patience: Patience | None = None) -> None:
        self._wire = Wire(patience or Patience())

    def sources(self) -> Sequence[Source]:
        """Every source, from the table of calls."""
        return calls.sources()

    def plan(self, entry: Options, context: Context) -> Plan:
        """Name the directories behind an entry; nobody is asked."""
        return plan_entry(entry, context)

    def collect(self, entry: Options, unit: Unit, context: Context) -> Iterator[AnyRecord]:
        """Yield the records of one directory, then its coverage."""
        return collect_unit(self._wire, entry, unit, context)

    def check(self, entry: Options, context: Context) -> Iterable[Check]:
        """Try every permission and licence of every directory behind an entry."""
        return check_entry(self._wire, entry, context)

    def permissions(self, form: str | None = None) -> str:
        """Print what to grant: see `permission_forms`."""
        return policy.render(form)

    def permission_forms(self) -> Sequence[str]:
        """List the forms: the application's manifest, a custom role, and the steps as text."""
        return policy.FORMS

    def vendors(self) -> Mapping[str, str]:
        """No list of vendors' directories is public; the MSP's own names those that it knows."""
        return {}
