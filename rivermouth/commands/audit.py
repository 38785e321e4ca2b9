"""`rivermouth audit …`: who did what, verified from outside."""

from __future__ import annotations

from typing import Annotated

import typer

from rivermouth.commands.serving import Data, data_of, serving

audit = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Verify who did what, and show the keys that sign it.",
)


@audit.command("verify")
def verify(
    data: Data = None,
    public_keys: Annotated[
        str | None,
        typer.Option(help="`id:base64,…` to believe; default those of this deployment (`rivermouth audit keys`)"),
    ] = None,
) -> None:
    """Recompute the chain of the audit and its signed checkpoints; the first broken entry is named. Exit 0 only when nothing is."""
    with serving("engine", data):
        from rivermouth import audit_tools

        intact = audit_tools.verify(data_of(data), public_keys)
    raise typer.Exit(0 if intact else 1)


@audit.command("keys")
def keys(data: Data = None) -> None:
    """Print the public keys that checkpoints are verified by; needs no database."""
    from rivermouth import audit_tools

    raise typer.Exit(0 if audit_tools.show_keys(data_of(data)) else 1)
