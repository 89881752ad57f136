"""Puts one folder in another's place in one step, so that nobody ever finds neither."""

import ctypes
import os
from pathlib import Path

# renameat2(2): paths are relative to the current folder; both names stay, their folders change.
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def swap(new: Path, old: Path) -> None:
    """Exchange two folders at once, or, where the system cannot, one after the other.

    Afterwards `old` holds what `new` held, and the other way around. OSError if it cannot be.
    """
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        rename = None  # no Linux, or a C library older than glibc 2.28
    if rename is not None:
        names = os.fsencode(new), os.fsencode(old)
        if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
            return
    aside = new.with_name(new.name + ".aside")
    old.rename(aside)
    new.rename(old)
    aside.rename(new)
