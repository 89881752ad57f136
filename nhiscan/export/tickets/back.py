"""How a ticket system's own export calls what `nhiscan import tickets` reads."""

from nhiscan.export.tickets.profile import load


def mapping(profile: str) -> dict[str, str]:
    """Map fp, ticket_ref, status and closed_at to that system's columns, as far as known."""
    return dict(load(profile).back)
