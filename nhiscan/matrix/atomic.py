"""Writes files whole: beside their place first, then renamed, so that no half of one is seen."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from nhiscan.errors import UsageError


def write_all(texts: Mapping[Path, str], *, mode: int = 0o666) -> None:
    """Write every text to its file; if any cannot be written, none is renamed.

    An existing file keeps its mode; `mode` is that of a new one, less what the umask forbids.
    UsageError names the file that could not be written.
    """
    written: list[tuple[Path, Path]] = []
    try:
        for file, text in texts.items():
            partial = file.with_name(f".{file.name}.{os.getpid()}.part")
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                written.append((partial, file))
                handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
                with os.fdopen(handle, "wb") as stream:
                    stream.write(text.encode())
                if file.exists():
                    partial.chmod(file.stat().st_mode & 0o777)
            except OSError as error:
                raise UsageError(f"{file}: {error.strerror}") from error
        for partial, file in written:
            try:
                partial.replace(file)
            except OSError as error:
                raise UsageError(f"{file}: {error.strerror}") from error
    finally:
        for partial, _ in written:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
