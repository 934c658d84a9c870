"""The database at hand through proteus, Tryton's own client library.

Belongs here: connecting, and the few look-ups every part of the seed needs. Not here: what is
seeded.
"""

from __future__ import annotations

import os
import sqlite3
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from proteus import Model, Wizard, config
from trytond.transaction import Transaction

DATABASE = "p2p"
CENT = Decimal("0.01")
_open: list[sqlite3.Connection] = []


def connect() -> None:
    """Work on the database that TRYTOND_DATABASE__PATH names the folder of, as its administrator.

    Warnings (more received than ordered, a reference seen before) are answered with yes, as the
    people do whose mistakes are seeded.
    """
    os.environ["TRYTOND_DATABASE_URI"] = "sqlite://"
    # While one connection stays open, SQLite need not tidy up its log at the end of each of the
    # thousands of connections that Tryton opens.
    folder = os.environ["TRYTOND_DATABASE__PATH"]
    _open.append(sqlite3.connect(f"{folder}/{DATABASE}.sqlite"))
    _open[0].execute("SELECT count(*) FROM ir_module").fetchone()
    config.set_trytond(f"sqlite:///{DATABASE}").skip_warning = True
    # Tryton begins a transaction anew for each thing it has to lock first, posting an invoice three
    # times over. Nobody else is at work here, and on SQLite these locks do nothing anyway.
    Transaction.lock_table = Transaction.lock_records = lambda self, *what: None
    # Who pressed which button when is of no use here, and takes a tenth of the time.
    Transaction._store_log_records = Transaction._clear_log_records


def keep_company() -> None:
    """From now on work for the company that was just made."""
    current = config.get_config()
    current._context = model("res.user").get_preferences(True, {})


def model(name: str) -> Any:
    """The class of Tryton's records of that name."""
    return Model.get(name)


def wizard(name: str, records: list[Any]) -> Any:
    """A dialogue of Tryton's, opened on these records."""
    return Wizard(name, records)


def create_as_system(name: str, values: dict[str, Any]) -> None:
    """Create a record that only Tryton itself may create."""
    current = config.get_config()
    user, current.user = current.user, 0
    try:
        model(name).create([values], current.context)
    finally:
        current.user = user


def one(name: str, *domain: tuple[str, str, Any]) -> Any:
    """The only record of a model that fits.

    Raises:
        LookupError: none or several do.
    """
    found = model(name).find(list(domain))
    if len(found) != 1:
        raise LookupError(f"{name}: {len(found)} records with {domain}, one is needed")
    return found[0]


def check_no_errors() -> None:
    """See to it that what Tryton does in the background was done: it fails in silence.

    Raises:
        RuntimeError: something was not; with what Tryton noted.
    """
    noted = [f"{error.origin_string}: {error.message}" for error in model("ir.error").find([])]
    if noted:
        raise RuntimeError("Tryton could not do everything: " + "; ".join(noted))


def cents(amount: Decimal) -> Decimal:
    """An amount of money in whole cents, half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def measured(quantity: Decimal) -> float:
    """A quantity the way Tryton's library takes it; it is exact to two digits."""
    return float(quantity)
