"""`rivermouth screening …`: the lists that customers are compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from rivermouth.commands.serving import Data, fail, serving

screening = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Lists of names that must not be served.",
)


@screening.command("import")
def import_list(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV in UTF-8: ref,name,aliases,born,note; aliases separated by ;", exists=True, dir_okay=False
        ),
    ],
    name: Annotated[str, typer.Option(help="Which list this is a version of")] = "sanctions",
    version: Annotated[str | None, typer.Option(help="Its version; default the beginning of its sha256")] = None,
    tenant: Annotated[UUID | None, typer.Option(help="Default: the house")] = None,
    data: Data = None,
) -> None:
    """Take a list in as the current version, and compare every customer with it."""
    from kernel.errors import DomainError

    with serving("engine", data):
        from rivermouth import screening_tools

        try:
            done = screening_tools.import_file(file, name=name, version=version, tenant=tenant)
        except DomainError as error:
            fail(str(error))
    raise typer.Exit(0 if done else 1)
