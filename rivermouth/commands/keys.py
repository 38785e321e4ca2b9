"""`rivermouth keys …`: the master keys that secrets are sealed under."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from rivermouth.commands.serving import Data, data_of, serving

keys = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Master keys: make one, see which are in use, seal everything anew.",
)


@keys.command("new")
def new() -> None:
    """Print a fresh master key, as an entry for RIVERMOUTH_MASTER_KEYS."""
    from kernel import crypto

    print(crypto.new_entry())


@keys.command("show")
def show(data: Data = None) -> None:
    """How many secrets each master key opens. Exit 0 only when every key that is needed is there."""
    with serving("engine", data):
        from rivermouth import key_tools

        os.environ["RIVERMOUTH_DATA_DIR"] = str(data_of(data))  # a sandbox keeps its own list there
        complete = key_tools.show()
    raise typer.Exit(0 if complete else 1)


@keys.command("rotate")
def rotate(
    data: Data = None,
    new: Annotated[bool, typer.Option("--new", help="Sandbox: put a fresh key in front of the own list first")] = False,
) -> None:
    """Seal every secret anew under the first master key; may be stopped and repeated. Exit 0 only when all are."""
    with serving("engine", data):
        from rivermouth import key_tools

        os.environ["RIVERMOUTH_DATA_DIR"] = str(data_of(data))  # a sandbox keeps its own list there
        done = key_tools.rotate(fresh=new)
    raise typer.Exit(0 if done else 1)
