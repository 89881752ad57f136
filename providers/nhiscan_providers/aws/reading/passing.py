"""Tells to which services a statement on iam:PassRole lets roles be passed."""

import re
from collections.abc import Iterable

from msgspec import Struct

from nhiscan_providers.aws.reading.documents import Condition
from nhiscan_providers.aws.reading.patterns import matches_exactly, overlap

_KEY = "iam:passedtoservice"
# operator: (it excludes the values, it takes wildcards, it disregards case). Set quantifiers and
# IfExists change nothing: the key has one value, and is there whenever a role is passed.
_OPERATORS = {
    "stringequals": (False, False, False),
    "stringequalsignorecase": (False, False, True),
    "stringlike": (False, True, False),
    "stringnotequals": (True, False, False),
    "stringnotequalsignorecase": (True, False, True),
    "stringnotlike": (True, True, False),
}


# A region's label before the common end: states.eu-west-1.amazonaws.com
_REGION = re.compile(r"\.[a-z]{2}(-[a-z]+)+-[0-9]+(?=\.amazonaws\.com$)")


def plain_service(name: str) -> str:
    """Give the name of a service without the region or the partition (`.cn`) that some carry."""
    return _REGION.sub("", name.lower().removesuffix(".cn"))


class Passing(Struct, frozen=True):
    """The tests of iam:PassedToService in one statement, all of which must hold."""

    tests: tuple["ServiceTest", ...] = ()

    def may(self, service: str) -> bool:
        """Tell whether the tests may hold for a service, under any name that it has."""
        return all(test.may(service) for test in self.tests)

    def must(self, service: str) -> bool:
        """Tell whether the tests surely hold for a service."""
        return all(test.must(service) for test in self.tests)


class ServiceTest(Struct, frozen=True):
    """One condition: the service is one of the values, or with `excludes` none of them."""

    values: tuple[str, ...]
    excludes: bool
    wild: bool
    anycase: bool

    def may(self, service: str) -> bool:
        """Tell whether the test may hold."""
        return not self._surely(service) if self.excludes else self._possibly(service)

    def must(self, service: str) -> bool:
        """Tell whether the test surely holds."""
        return not self._possibly(service) if self.excludes else self._surely(service)

    def _surely(self, service: str) -> bool:
        return any(self._is(value, service) for value in self.values if "${" not in value)

    def _possibly(self, service: str) -> bool:
        regional = re.sub(r"\.", ".*.", service, count=1)  # states.eu-west-1.amazonaws.com
        return self._surely(service) or any(
            "${" in value or overlap(value if self.wild else _literal(value), regional)
            for value in self.values
        )

    def _is(self, value: str, service: str) -> bool:
        if self.wild:
            return matches_exactly(value, service)
        return (value.lower() if self.anycase else value) == service


def passing(conditions: Iterable[Condition]) -> tuple[Passing, bool]:
    """Read a statement's conditions: the tests of the service, and whether others stand beside."""
    tests, others = [], False
    for one in conditions:
        form = _OPERATORS.get(one.operator) if one.key.lower() == _KEY else None
        if form is None:
            others = True
        else:
            tests.append(ServiceTest(one.values, *form))
    return Passing(tuple(tests)), others


def _literal(value: str) -> str:
    # overlap() has no literal star; a question mark stands for it, which is too wide and never less
    return value.replace("*", "?")
