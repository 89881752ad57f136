"""Runs things side by side in a way that can be left at once."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager


@contextmanager
def left_on_error(pool: Executor) -> Iterator[Executor]:
    """Yield `pool` and wait for its work at the end, but after an error or Ctrl-C for nothing.

    A `with` over the pool itself would wait even then, for as long as the slowest cloud takes.
    """
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
