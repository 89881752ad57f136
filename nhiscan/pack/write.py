"""Puts a pack into a folder as a whole: nothing half-written is ever there under its name."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from nhiscan.errors import UsageError
from nhiscan.pack.swap import swap
from nhiscan.spool import sync

FORMAT = "nhiscan-pack"
_MARK = "manifest.json"
_SUMS = "SHA256SUMS"
_SHOWN = 3


def write(target: Path, files: Mapping[str, bytes]) -> None:
    """Make `target` hold exactly these files.

    A folder that is there is replaced if it is empty or an earlier pack with nothing added to it,
    else refused. The new one is written and synced beside it, then put in its place in one step.
    UsageError if it cannot be.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 - a symlink is a name of its own
    _refuse_foreign(target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_leftovers(target)
        _fill(partial, files)
        if target.exists():
            swap(partial, target)
        else:
            partial.rename(target)
        sync(target.parent)
    except OSError as error:
        raise UsageError(f"{error.filename or target}: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _refuse_foreign(target: Path) -> None:
    hint = "name a new folder with --to"
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise UsageError(f"{target}: is no folder", hint=hint)
    if not target.exists():
        return
    found = {p.relative_to(target).as_posix() for p in target.rglob("*") if not p.is_dir()}
    if not found:
        return
    if not _is_pack(target / _MARK):
        raise UsageError(f"{target}: holds files, and is no earlier pack", hint=hint)
    added = sorted(found - _listed(target / _SUMS) - {_SUMS})
    if added:
        more = f" and {len(added) - _SHOWN} more" if len(added) > _SHOWN else ""
        raise UsageError(
            f"{target}: somebody added {', '.join(added[:_SHOWN])}{more} to the pack there",
            hint=f"move them away, or {hint}",
        )


def _is_pack(mark: Path) -> bool:
    try:
        found = json.loads(mark.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT


def _listed(sums: Path) -> set[str]:
    try:
        lines = sums.read_text("utf-8", "replace").splitlines()
    except OSError:
        return set()
    return {line[66:] for line in lines}


def _clear_leftovers(target: Path) -> None:
    """Remove what a killed run left beside the pack; a run that is alive keeps its own."""
    prefix = f".{target.name}."
    for path in target.parent.iterdir():
        pid = path.name.removeprefix(prefix).partition(".part")[0]
        is_ours = path.name.startswith(prefix) and ".part" in path.name and pid.isdigit()
        if is_ours and not _is_alive(int(pid)):
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    for place in {file.parent for file in map(folder.joinpath, files)} | {folder}:
        sync(place)
