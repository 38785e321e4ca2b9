"""`rivermouth ledger …`: the books, for those who run them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rivermouth.commands.serving import Data, data_of, serving

ledger = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Verify, rebuild, close and archive the books.",
)


@ledger.command("verify")
def verify(
    data: Data = None,
    archive: Annotated[Path | None, typer.Option(help="Folder of archived months to check as well")] = None,
) -> None:
    """Recompute the chain of seals; a row that differs is named. Exit 0 only when nothing does."""
    with serving("engine", data):
        from rivermouth import ledger_tools

        intact = ledger_tools.verify(data_of(data) / "seals", archive)
    raise typer.Exit(0 if intact else 1)


@ledger.command("rebuild")
def rebuild(data: Data = None) -> None:
    """Build all balances anew from the journal and the open holds, and say how many were wrong."""
    with serving("engine", data):
        from rivermouth import ledger_tools

        ledger_tools.rebuild()


@ledger.command("snapshot")
def snapshot(data: Data = None) -> None:
    """Close the days that are over, and publish the head of the chain."""
    with serving("engine", data):
        from rivermouth import ledger_tools

        ledger_tools.snapshot(data_of(data) / "seals")


@ledger.command("partitions")
def partitions(
    data: Data = None,
    ahead: Annotated[int, typer.Option(min=0, max=24, help="Months to have ready after this one")] = 2,
    archive: Annotated[str | None, typer.Option(help="Month to archive, as 2026-01: the oldest one")] = None,
    into: Annotated[Path | None, typer.Option(help="Folder for its files; default <data>/archive")] = None,
) -> None:
    """Make months ahead, list what is there, and archive the oldest month."""
    with serving("engine", data):
        from rivermouth import ledger_tools

        done = ledger_tools.partitions(ahead=ahead, archive=archive, into=into or data_of(data) / "archive")
    raise typer.Exit(0 if done else 1)
