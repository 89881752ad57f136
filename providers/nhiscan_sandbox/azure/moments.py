"""Times as Microsoft's services write them, which is not always the same way."""

from datetime import datetime, timedelta, timezone

from nhiscan_sandbox.azure.guids import guid

_NEVER = "2299-12-31T00:00:00Z"


class Calendar:
    """Turns days into times relative to `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def ago(self, days: float, salt: str = "") -> str:
        """Write the time `days` ago; `salt` chooses between no and seven fractional digits."""
        moment = self.now - timedelta(days=days)
        digits = int(guid("digits", salt)[0], 16) % 8 if salt else 0
        fraction = f".{guid('fraction', salt).translate(_DIGITS)[:digits]}" if digits else ""
        return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"

    def ahead(self, days: int | None) -> str:
        """Write the time in `days`; null means the far end of the calendar."""
        return _NEVER if days is None else self.ago(-days)

    def reported(self, days: float | None) -> str | None:
        """Write a time as reports do: with an offset, and its hour without a leading zero."""
        if days is None:
            return None
        west = timezone(timedelta(hours=-8))
        return f"{(self.now - timedelta(days=days)).astimezone(west):%Y-%m-%dT%H:%M:%S}-8:00"


_DIGITS = {ord(letter): str(number % 10) for number, letter in enumerate("abcdef-", start=3)}
