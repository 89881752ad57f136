"""Knows which AWS accounts are publicly listed as a vendor's or as AWS's own.

The claim is "listed publicly as X", never "is X".
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


def known() -> Mapping[str, str]:
    """Map account ids of vendors to the name they are listed under; AWS's own are not in it."""
    return _read()[0]


def aws_owned() -> frozenset[str]:
    """List the account ids that are listed as those of an AWS service."""
    return _read()[1]


def services() -> Mapping[str, str]:
    """Map account ids of AWS services to the name they are listed under."""
    return _read()[2]


@cache
def _read() -> tuple[Mapping[str, str], frozenset[str], Mapping[str, str]]:
    # read once: the list is part of the program, not of anybody's input
    text = files(__package__).joinpath("known_accounts.json").read_text(encoding="utf-8")
    vendors: dict[str, str] = {}
    owned: dict[str, str] = {}
    for name, kind, accounts in json.loads(text)["entries"]:
        (owned if kind == "aws" else vendors).update(dict.fromkeys(accounts, name))
    return MappingProxyType(vendors), frozenset(owned), MappingProxyType(owned)
