"""What an identity can do, and which criteria that suggests it serves (governance 2.5), as data."""

from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from nhiscan.records import ActionClass, Kind


class Capability(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the table of capabilities.

    `actions` narrows the classes to grants that give one of them (globs); grants whose actions are
    not told count by their class. `roles` are names of roles for this and little else. Use of one
    of `services` is an operation seen; use of `also_services`, which serve much else, is not, but
    fits. `issuers` are globs of principals that builds present.
    """

    id: str
    what: str
    criteria: tuple[str, ...]
    action_classes: tuple[ActionClass, ...]
    actions: tuple[str, ...]
    roles: tuple[str, ...]
    services: tuple[str, ...]
    also_services: tuple[str, ...]
    kinds: tuple[Kind, ...] = ()
    issuers: tuple[str, ...] = ()


@cache
def capabilities() -> tuple[Capability, ...]:
    """Read the table that comes with nhiscan."""
    data = files("nhiscan.matrix").joinpath("capabilities.json").read_bytes()
    return msgspec.json.decode(data, type=tuple[Capability, ...])
