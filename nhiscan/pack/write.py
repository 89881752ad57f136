"""Puts a pack into a folder as a whole: nothing half-written is ever there under its name."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from nhiscan.errors import UsageError
from nhiscan.spool import sync

_MARK = "manifest.json"


def write(target: Path, files: Mapping[str, bytes]) -> None:
    """Make `target` hold exactly these files.

    A folder that is there is replaced if it is an earlier pack or empty, else refused. The new one
    is written and synced beside it, then renamed. UsageError if it cannot be.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 - a symlink is a name of its own
    if target.exists() and (not target.is_dir() or _is_foreign(target)):
        raise UsageError(f"{target}: is no earlier pack", hint="name a new folder with --to")
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    former = target.with_name(f".{target.name}.{os.getpid()}.old")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _fill(partial, files)
        if target.exists():
            target.rename(former)
        partial.rename(target)
        sync(target.parent)
    except OSError as error:
        raise UsageError(f"{error.filename or target}: {error.strerror}") from error
    finally:
        for leftover in (partial, former):
            shutil.rmtree(leftover, ignore_errors=True)


def _is_foreign(target: Path) -> bool:
    return any(target.iterdir()) and not (target / _MARK).is_file()


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(mode=0o700)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
