"""How long the adapter waits and how often it tries again."""

from msgspec import Struct


class Patience(Struct, frozen=True, kw_only=True):
    """How long to wait and how often to try; seconds.

    `attempts` counts the first one. A service's own wish to wait is honoured up to `longest_wait`,
    and never more than `budget` in all for one request. `page_restarts` is how often a list is
    begun again whose page token expired.
    """

    attempts: int = 8
    pause: float = 0.5
    longest_wait: float = 60.0
    budget: float = 300.0
    connect: float = 10.0
    read: float = 60.0
    page_restarts: int = 3
