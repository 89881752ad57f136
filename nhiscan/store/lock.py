"""Keeps two writers of one store apart; the system releases the lock of a process that died."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from nhiscan.errors import LockedError, StoreError


def private_folder(store: Path) -> Path:
    """Return the store's side folder `<store>.d`, readable by its owner only, creating it."""
    folder = store.with_name(store.name + ".d")
    if not store.parent.is_dir():
        raise StoreError(f"{store}: its folder does not exist", hint=f"create {store.parent}")
    try:
        for part in (folder, folder / "work", folder / "scans"):
            part.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}") from error
    return folder


@contextmanager
def store_lock(store: Path, at: datetime) -> Iterator[Path]:
    """Hold the only writer's lock of `store` and yield its side folder.

    LockedError says who holds it.
    """
    folder = private_folder(store)
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"{folder / 'lock'}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()
            raise LockedError(
                f"{store}: another process is writing this store ({holder or 'just started'})",
                hint="wait for it to end, or name another store with --db",
            ) from None
        os.ftruncate(descriptor, 0)
        note = f"process {os.getpid()} on {socket.gethostname()} since {at:%Y-%m-%dT%H:%M:%SZ}\n"
        os.pwrite(descriptor, note.encode(), 0)
        yield folder
    finally:
        os.close(descriptor)
