"""A result on its way to a report: names, rows, and the notes that belong beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct


class Table(Struct, frozen=True, kw_only=True):
    """`columns` name the values of each row; `notes` are what a reader must know (coverage gaps).

    `name` tells a page of many tables which one this is; `title` is for people. `choices` are the
    values that a person may fill into a column.
    Values are None, bool, int, float, str, aware datetime, date, list or dict.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    title: str = ""
    name: str = ""
    notes: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = {}
