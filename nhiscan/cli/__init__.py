"""The `nhiscan` command: finds subcommands by name, turns errors into messages and codes."""

import errno
import sys
from difflib import get_close_matches
from importlib import import_module

import click

from nhiscan import __version__
from nhiscan.errors import Exit, NhiscanError, UsageError

# name -> module of nhiscan.cli that defines a click command of that name; imported when used,
# so that --help stays fast and no SDK is loaded before it is needed.
COMMANDS = {
    "demo": "demo",
    "init": "init",
    "check": "check",
    "scan": "scan",
    "collect": "collect",
    "merge": "merge",
    "status": "status",
    "gaps": "gaps",
    "query": "query",
    "sql": "sql",
    "shell": "shell",
    "explain": "explain",
    "why": "why",
    "lifecycle": "lifecycle",
    "path": "path",
    "blast": "blast",
    "absent": "absent",
    "diff": "diff",
    "matrix": "matrix",
    "link": "link",
    "evidence": "evidence",
    "review": "review",
    "exception": "exception",
    "attest": "attest",
    "import": "import_",
    "resolve": "resolve",
    "export": "export",
    "report": "report",
    "permissions": "permissions",
    "providers": "providers",
}

SHORT_HELP = {
    "demo": "Start a sample MSP estate, scan it, and show what to look at.",
    "init": "Write a commented starter configuration.",
    "check": "Validate the configuration and test every permission before a scan.",
    "scan": "Collect from every client's cloud, merge, and resolve owners and findings.",
    "collect": "Collect one tenant into spool files, without a store.",
    "merge": "Merge spool files that `collect` wrote, here or elsewhere.",
    "status": "Show the last scans and what could not be read, and why.",
    "gaps": "List the open findings.",
    "query": "List, show and run the library of questions.",
    "sql": "Run one read-only SQL statement.",
    "shell": "Ask SQL questions interactively, read-only.",
    "explain": "Tell all that is known about one identity, and from where.",
    "why": "Tell why an identity has this owner, and what would settle it.",
    "lifecycle": "Show what is proven of an identity's life, and what is missing.",
    "path": "Show how one identity can act as another, hop by hop.",
    "blast": "Tell which controls stop or lose proof with an identity.",
    "absent": "List what is uncovered without a person, a vendor, or the MSP.",
    "diff": "Show what appeared, changed or went between two dates.",
    "exception": "Accept findings until a day, and list what was accepted.",
    "review": "Freeze what a monthly review has before it, and record its decisions.",
    "evidence": "Add, list and verify the evidence that controls operated.",
    "attest": "Record that an identity is somebody's, or is not.",
    "import": "Import a register of owners.",
    "resolve": "Read rosters, matrix and policy again and conclude anew.",
    "matrix": "Check, format and exchange the control matrix.",
    "link": "List, confirm and reject links of identities to control instances.",
    "export": "Write gap lists for the people who must act, or the graph for tools.",
    "report": "Write a page to look at, and packs for auditors, reviews and clients.",
    "permissions": "Print the least-privilege policy to give a client.",
    "providers": "List installed adapters, what they read, and their versions.",
}

# A full disk or quota is the machine's, and no fault of ours.
_FULL = (errno.ENOSPC, errno.EDQUOT)


class LazyGroup(click.Group):
    """A group whose commands are modules, imported by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"nhiscan.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        _name_variables(command, f"NHISCAN_{cmd_name}")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one; click would only know those already loaded."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "nhiscan --help lists them"
            raise UsageError(f"no command {args[0]!r}", hint=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command list without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, SHORT_HELP[name]) for name in COMMANDS])


def _name_variables(command: click.Command, prefix: str) -> None:
    """Give each option its variable, named as the option is: NHISCAN_EXPORT_GAPS_TO.

    click would name it after the function's argument, which no user ever sees.
    """
    for option in command.params:
        if isinstance(option, click.Option) and option.envvar is None:
            option.envvar = f"{prefix}_{option.opts[0].lstrip('-')}".replace("-", "_").upper()
    if isinstance(command, click.Group):
        for name, sub in command.commands.items():
            _name_variables(sub, f"{prefix}_{name}")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nhiscan")
def nhiscan() -> None:
    """Who answers for every service account, key and token in every client's cloud.

    Data goes to stdout; progress, warnings and hints go to stderr. Exit codes: 0 done and
    complete, 1 findings at or above --fail-on, 2 bad usage or configuration, 3 done but coverage
    is incomplete, 4 a fault of nhiscan itself.
    """


def main() -> None:
    """Run the command line and exit with the code that DESIGN 5 gives."""
    try:
        code = nhiscan.main(standalone_mode=False)
    except NhiscanError as error:
        complain(error.message, error.hint)
        code = error.exit_code
    except click.exceptions.Abort:
        complain("interrupted")
        code = Exit.USAGE
    except click.ClickException as error:
        _relay(error)
        code = Exit.USAGE
    except SystemExit:
        # click ends so, and silently, when the reader of our output has gone: `nhiscan … | head`.
        code = Exit.COMPLETE
    except Exception as error:  # noqa: BLE001 - Python's own code for a crash, 1, would mean findings
        if isinstance(error, OSError) and error.errno in _FULL:
            complain(f"{error.filename or 'output'}: {error.strerror}")
            code = Exit.USAGE
        else:
            confess()
            code = Exit.FAULT
    sys.exit(int(code or 0))


def _relay(error: click.ClickException) -> None:
    """Write what click complains of, which may quote any argument, safe to show on a terminal."""
    from io import StringIO

    from nhiscan.text import printable

    written = StringIO()
    error.show(written)
    for line in written.getvalue().splitlines():
        click.echo(printable(line), err=True)


def confess() -> None:
    """Write the traceback of a fault of ours to stderr; it shows code and no values."""
    from traceback import format_exc

    complain(format_exc().rstrip(), hint="this is a fault of nhiscan: please report it")


def complain(message: str, hint: str | None = None) -> None:
    """Write an error and its next step to stderr, safe to show on a terminal."""
    from nhiscan.text import printable

    for line in message.split("\n"):
        click.echo(f"error: {printable(line)}", err=True)
    if hint:
        click.echo(f"hint: {printable(hint)}", err=True)
