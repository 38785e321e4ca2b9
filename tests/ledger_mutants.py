"""The ledger's SQL functions with one thing wrong each, for a test that must notice.

A mutant is made from the function as the database has it: a fragment is replaced, and a fragment that is not there fails the test, so
that a rewritten function cannot quietly escape its mutants.
"""

from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from kernel import roles


@dataclass(frozen=True)
class Mutant:
    """`changes`: function, fragment, what stands there instead."""

    name: str
    changes: tuple[tuple[str, str, str], ...]


_EARLY = """PERFORM set_config('mutant.w', (SELECT f.w::text FROM payments.fold_state f WHERE f.stream = 'ledger'), true);
    PERFORM 1 FROM payments.balances b WHERE b.account_id = p_account"""
_LATE = """(SELECT b.posted + coalesce(sum(e.amount), 0) AS posted, b.held + coalesce(sum(e.held_delta), 0) AS held, b.floor
              FROM payments.balances b LEFT JOIN payments.entries e
                ON e.account_id = b.account_id AND e.xid >= current_setting('mutant.w')::xid8
             WHERE b.account_id = p_account GROUP BY b.account_id) x"""

MUTANTS = {
    mutant.name: mutant
    for mutant in (
        Mutant("fold by id", (("fold", "pg_snapshot_xmin(", "pg_snapshot_xmax("),)),
        Mutant(
            "drop the sort",
            (
                (
                    "post_batch",
                    "ORDER BY b.account_id FOR NO KEY UPDATE",
                    "ORDER BY array_position(p_accounts, b.account_id) FOR NO KEY UPDATE",
                ),
            ),
        ),
        Mutant(
            "drop the payer lock", (("post_batch", "ORDER BY b.account_id FOR NO KEY UPDATE", "ORDER BY b.account_id"),)
        ),
        Mutant("capture twice", (("hold_capture", "IF v_hold.state <> 'open'", "IF false"),)),
        Mutant("book a capture twice", (("check_captures", "IF FOUND THEN", "IF false THEN"),)),
        Mutant("omit held_delta", (("post_batch", "CASE WHEN p.pays THEN t.amount ELSE t.held END", "t.held"),)),
        Mutant("skip a hold delta in the fold", (("fold", "held = b.held + g.held_delta", "held = b.held"),)),
        Mutant(
            "drop the scale check",
            (("post_batch", "t.amount <> round(t.amount, s.scale)", "false"),),
        ),
        Mutant(
            "read w before the lock",
            (
                ("hold_open", "PERFORM 1 FROM payments.balances b WHERE b.account_id = p_account", _EARLY),
                ("hold_open", "payments.exact(ARRAY[p_account]) x", _LATE),
            ),
        ),
    )
}


@contextmanager
def mutated(database, name):
    """The database's own functions with this mutant, and then again without."""
    with psycopg.connect(roles.conninfo(database.superuser), autocommit=True) as superuser:
        originals = []
        for function, fragment, instead in MUTANTS[name].changes:
            definition = _definition(superuser, function)
            assert fragment in definition, f"{name}: payments.{function} has no {fragment!r}; write the mutant anew"
            originals.append(definition)
            superuser.execute(definition.replace(fragment, instead))
        try:
            yield
        finally:
            for definition in reversed(originals):
                superuser.execute(definition)


def _definition(superuser, function):
    return superuser.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'payments'::regnamespace AND proname = %s",
        (function,),
    ).fetchone()[0]
