"""`rivermouth tenants …`: the houses of this deployment, which only its operator makes."""

from __future__ import annotations

from typing import Annotated

import typer

from rivermouth.commands.serving import Data, fail, serving

tenants = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Make and list the houses of this deployment.")


@tenants.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What customers call the house")],
    admin: Annotated[str, typer.Option(help="E-mail of its first administrator")],
    password: Annotated[
        str,
        typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="RIVERMOUTH_ADMIN_PASSWORD"),
    ],
    host: Annotated[list[str] | None, typer.Option(help="A name its pages lie under; as often as wanted")] = None,
    data: Data = None,
) -> None:
    """Make a new house with its first administrator."""
    from kernel.errors import DomainError
    from rivermouth import tenant_tools

    with serving("engine", data):
        try:
            tenant_tools.create(name, hosts=host or [], admin=admin, password=password)
        except DomainError as error:
            fail(str(error))


@tenants.command("list")
def show(data: Data = None) -> None:
    """Every house, its host names, and what it does not offer."""
    from rivermouth import tenant_tools

    with serving("engine", data):
        tenant_tools.show()
