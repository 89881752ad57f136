"""`nhiscan permissions`: what to ask a client for."""

import click

from nhiscan.errors import UsageError

EPILOG = """\b
Examples:
  nhiscan permissions aws > policy.json
  nhiscan permissions aws --form stackset   a role for every account of an organization
"""


@click.command("permissions", epilog=EPILOG)
@click.argument("provider")
@click.option("--form", help="Which form of it, if not the first; a hint on stderr lists them.")
def command(provider: str, form: str | None) -> None:
    """Print the least-privilege policy that PROVIDER's adapter needs: all it calls, nothing else.

    It is generated from the table that the adapter's calls are made from, so it cannot fall behind.
    """
    from nhiscan import plugins

    adapter = plugins.provider(provider)
    forms = list(adapter.permission_forms())
    if form is not None and form not in forms:
        raise UsageError(
            f"{provider} has no form {form!r}",
            hint=f"forms: {', '.join(forms)} (the first is used)",
        )
    click.echo(adapter.permissions(form))
    if form is None and len(forms) > 1:
        click.echo(f"hint: other forms with --form: {', '.join(forms[1:])}", err=True)
