"""Which ids of which frameworks a finding speaks of, and how much (governance 2.3)."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

Strength = Literal["primary", "contributing"]
# framework -> ids; a `~` at the end says contributing. Headers of queries are written so too.
Frameworks = dict[str, list[str]]


class Crossing(Struct, frozen=True, kw_only=True):
    """One id that a rule speaks of; `kind` restricts it to findings about that kind of identity."""

    rule: str
    framework: str
    control_id: str
    strength: Strength
    kind: str | None = None


class _Data(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`inherits` names the rule whose ids another has; `ai_agent` adds to rules and families.

    `seed_alias` keeps the names under which the requirements this began from knew a rule.
    """

    rules: dict[str, Frameworks]
    inherits: dict[str, str]
    ai_agent: dict[str, list[str]]
    seed_alias: dict[str, str]


@cache
def _data() -> _Data:
    file = files("nhiscan.matrix").joinpath("catalogs", "crosswalk.json")
    return msgspec.json.decode(file.read_bytes(), type=_Data)


def rules() -> list[str]:
    """List the rules that have ids, inherited ones included."""
    return [*_data().rules, *_data().inherits]


def frameworks(rule: str) -> Frameworks | None:
    """Return the ids of a rule as a query's header has them; None for a rule that is not known."""
    data = _data()
    return data.rules.get(data.inherits.get(rule, rule))


def crossings() -> Iterator[Crossing]:
    """Yield every id of every rule once."""
    for rule in rules():
        for framework, ids in (frameworks(rule) or {}).items():
            for one in ids:
                yield Crossing(
                    rule=rule,
                    framework=framework,
                    control_id=one.removesuffix("~"),
                    strength="contributing" if one.endswith("~") else "primary",
                )
        for one in _of_agents(rule):
            yield Crossing(
                rule=rule, framework="ai_rmf", control_id=one, strength="primary", kind="ai_agent"
            )


def _of_agents(rule: str) -> list[str]:
    added = _data().ai_agent
    return [*added.get(rule.partition("-")[0], ()), *added.get(rule, ())]
