"""A problem and its legs as JSON, every decimal as a string: what is stored of a plan, enough to find its legs again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from broker.routing.rules import Leg
from broker.routing.split import Offer, Problem
from kernel.money import canonical
from venues.grids import Grid


def problem(given: Problem) -> dict[str, Any]:
    return {
        "side": given.side,
        "quantity": canonical(given.quantity),
        "min_saving_bps": canonical(given.min_saving_bps),
        "worst_effective": _text(given.worst_effective),
        "named": given.named,
        "blind": given.blind,
        "whole": given.whole,
        "offers": [_offer(offer) for offer in given.offers],
    }


def read_problem(stored: dict[str, Any]) -> Problem:
    return Problem(
        side=stored["side"],
        quantity=Decimal(stored["quantity"]),
        min_saving_bps=Decimal(stored["min_saving_bps"]),
        worst_effective=_number(stored["worst_effective"]),
        named=stored["named"],
        blind=stored["blind"],
        whole=stored.get("whole", False),
        offers=tuple(_read_offer(offer) for offer in stored["offers"]),
    )


def legs(given: Sequence[Leg]) -> list[dict[str, Any]]:
    return [
        {
            "venue": leg.venue,
            "quantity": canonical(leg.quantity),
            "limit_price": canonical(leg.limit_price),
            "venue_fee_rate": canonical(leg.venue_fee_rate),
            "effective_price": _text(leg.effective_price),
            "seen": canonical(leg.seen),
        }
        for leg in given
    ]


def read_legs(stored: Sequence[dict[str, Any]]) -> tuple[Leg, ...]:
    return tuple(
        Leg(
            venue=leg["venue"],
            quantity=Decimal(leg["quantity"]),
            limit_price=Decimal(leg["limit_price"]),
            venue_fee_rate=Decimal(leg["venue_fee_rate"]),
            effective_price=_number(leg["effective_price"]),
            seen=Decimal(leg["seen"]),
        )
        for leg in stored
    )


def _offer(offer: Offer) -> dict[str, Any]:
    grid = offer.grid
    return {
        "venue": offer.venue,
        "levels": [[canonical(price), canonical(size)] for price, size in offer.levels],
        "worst_limit": canonical(offer.worst_limit),
        "best": _text(offer.best),
        "fee": canonical(offer.fee),
        "fee_on_top": canonical(offer.fee_on_top),
        "skew": canonical(offer.skew),
        "haircut": canonical(offer.haircut),
        "usable": _text(offer.usable),
        "grid": {
            "tick": _text(grid.tick),
            "significant_digits": grid.significant_digits,
            "step": canonical(grid.step),
            "min_quantity": canonical(grid.min_quantity),
            "min_notional": canonical(grid.min_notional),
        },
    }


def _read_offer(stored: dict[str, Any]) -> Offer:
    grid = stored["grid"]
    return Offer(
        venue=stored["venue"],
        levels=tuple((Decimal(price), Decimal(size)) for price, size in stored["levels"]),
        worst_limit=Decimal(stored["worst_limit"]),
        best=_number(stored["best"]),
        fee=Decimal(stored["fee"]),
        fee_on_top=Decimal(stored["fee_on_top"]),
        skew=Decimal(stored["skew"]),
        haircut=Decimal(stored["haircut"]),
        usable=_number(stored["usable"]),
        grid=Grid(
            tick=_number(grid["tick"]),
            significant_digits=grid["significant_digits"],
            step=Decimal(grid["step"]),
            min_quantity=Decimal(grid["min_quantity"]),
            min_notional=Decimal(grid["min_notional"]),
        ),
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else canonical(value)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
