"""Weighs what names, paths, tags, groups and MFA suggest about who uses an identity."""

import re
from collections.abc import Collection, Mapping
from typing import Literal

from msgspec import Struct

from nhiscan.records import Class

Confidence = Literal["hard", "high", "medium", "low"]

_STEPS: tuple[Confidence, ...] = ("low", "medium", "high")
_MACHINE_WORDS = frozenset(
    {
        "svc", "service", "bot", "ci", "cd", "cicd", "deploy", "deployer", "deployment",
        "terraform", "jenkins", "backup", "monitor", "monitoring", "sa", "automation", "pipeline",
    }
)  # fmt: skip
_PEOPLE_GROUPS = frozenset({"admin", "admins", "administrators", "developers", "developer"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PERSON = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[a-z]+\.[a-z]+", re.IGNORECASE)


class Hints(Struct, frozen=True):
    """What speaks for a machine and what for a person, in words."""

    machine: tuple[str, ...] = ()
    person: tuple[str, ...] = ()

    def texts(self) -> tuple[str, ...]:
        """Say each hint with the side it is on."""
        return (
            *(f"hint for a machine: {text}" for text in self.machine),
            *(f"hint for a person: {text}" for text in self.person),
        )


def hints_of(
    name: str,
    path: str,
    tags: Mapping[str, str],
    groups: Collection[str] | None = None,
    *,
    mfa: bool | None = None,
) -> Hints:
    """Collect the hints in what is known of an identity."""
    machine: list[str] = []
    person: list[str] = []
    words = sorted({word.lower() for word in _WORD.findall(name[:512])} & _MACHINE_WORDS)
    if words:
        machine.append(f"its name has {', '.join(words)}")
    if "/service/" in path.lower():
        machine.append("its path has /service/")
    if any(
        key.lower() in ("kind", "type") and value.lower() == "service"
        for key, value in tags.items()
    ):
        machine.append("a tag calls it a service")
    if _PERSON.fullmatch(name[:512]) and not words:
        person.append("its name is like a person's")
    if _PEOPLE_GROUPS & {group.lower() for group in groups or ()}:
        person.append("it is in a group of people")
    if mfa:
        person.append("it has an MFA device")
    return Hints(tuple(machine), tuple(person))


def moved(confidence: Confidence, class_: Class, hints: Hints) -> Confidence:
    """Raise the confidence one step where the hints agree with the class, lower it where not."""
    lean = bool(hints.machine) - bool(hints.person)
    if confidence == "hard" or class_ not in ("machine", "human"):
        return confidence
    step = lean if class_ == "machine" else -lean
    return _STEPS[min(max(_STEPS.index(confidence) + step, 0), len(_STEPS) - 1)]
