"""Reads estate files: YAML, or anything that is already plain data."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from nhiscan_sandbox.estate.model import Estate

SAMPLE = Path(__file__).with_name("sample")


def sample() -> Estate:
    """Load the sample estate of Northwind MSP and its clients."""
    return load(sorted(SAMPLE.glob("*.yaml")))


def load(files: Iterable[Path]) -> Estate:
    """Read files and join them into one estate; a wrong key or type is an error that names it."""
    import yaml

    loader = _loader()
    parts = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        # JSON is YAML, but for a large estate its own reader is far faster.
        loaded = (
            msgspec.json.decode(text) if file.suffix == ".json" else yaml.load(text, loader)  # noqa: S506 a SafeLoader
        )
        try:
            parts.append(msgspec.convert(loaded, Estate))
        except msgspec.ValidationError as error:
            raise ValueError(f"{file.name}: {error}") from error
    return Estate(
        base_role=next((part.base_role for part in parts if part.base_role), None),
        statements={name: made for part in parts for name, made in part.statements.items()},
        accounts=tuple(account for part in parts for account in part.accounts),
        organizations=tuple(org for part in parts for org in part.organizations),
        directories=tuple(one for part in parts for one in part.directories),
        google_base=next((part.google_base for part in parts if part.google_base), None),
        google_permissions={
            name: made for part in parts for name, made in part.google_permissions.items()
        },
        google=tuple(one for part in parts for one in part.google),
        google_projects=tuple(one for part in parts for one in part.google_projects),
    )


def _loader() -> Any:
    """Make a safe loader that knows `!repeat [text, n]`, a fast one where libyaml is built in."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Adds one tag, for texts too long to write out."""

    def repeat(made: Any, node: Any) -> str:
        text, times = made.construct_sequence(node)
        return str(text) * int(times)

    Loader.add_constructor("!repeat", repeat)
    return Loader
