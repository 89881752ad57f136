"""The Google Cloud adapter: organizations read in bulk, projects one by one, nothing written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct

from nhiscan.provider import Check, Context, Plan, Source, Unit
from nhiscan.records import AnyRecord
from nhiscan_providers.gcp import calls, policy
from nhiscan_providers.gcp.check import check_entry
from nhiscan_providers.gcp.options import Options
from nhiscan_providers.gcp.plan import plan_entry
from nhiscan_providers.gcp.survey import Surveys
from nhiscan_providers.gcp.unit import collect_unit
from nhiscan_providers.gcp.wire import Patience, Wire


class Gcp:
    """Reads Google Cloud; one instance shares connections and each organization's survey."""

    name: ClassVar[str] = "gcp"
    title: ClassVar[str] = "Google Cloud"
    options: ClassVar[type[Struct]] = Options

    def __init__(self, patience: Patience | None = None) -> None:
        self._surveys = Surveys(Wire(patience or Patience()))

    def sources(self) -> Sequence[Source]:
        """Every source, from the table of calls."""
        return calls.sources()

    def plan(self, entry: Options, context: Context) -> Plan:
        """Find the projects behind an entry; raises ProviderError if it cannot be entered."""
        return plan_entry(self._surveys.access(entry), context)

    def collect(self, entry: Options, unit: Unit, context: Context) -> Iterator[AnyRecord]:
        """Yield the records of one project or organization, then its coverage."""
        return collect_unit(self._surveys, entry, unit, context)

    def check(self, entry: Options, context: Context) -> Iterable[Check]:
        """Try every permission of everything behind an entry."""
        return check_entry(self._surveys.access(entry), context)

    def permissions(self, form: str | None = None) -> str:
        """Print what to grant: see `permission_forms`."""
        return policy.render(form)

    def permission_forms(self) -> Sequence[str]:
        """List the forms: a custom role, Terraform, and roles for payer and caller."""
        return policy.FORMS

    def vendors(self) -> Mapping[str, str]:
        """No public list of vendors' organizations is known."""
        return {}
