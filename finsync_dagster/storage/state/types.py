"""Column types that are equally exact on PostgreSQL and SQLite.

Belongs here: how an amount and a moment are kept in either database. Not here: which columns there
are (tables.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

PRECISION = 38
SCALE = 4

_STEP = Decimal(1).scaleb(-SCALE)
# Refuses instead of rounding, and what has more than 38 digits at four decimals.
_EXACT = Context(prec=PRECISION, traps=[Inexact, InvalidOperation])


class ExactAmount(TypeDecorator[Decimal]):
    """NUMERIC(38,4); on SQLite, whose numbers are floats beyond 64 bits, its digits as text.

    The text does not sort or sum as a number: amounts are computed in Polars or the warehouse.
    """

    impl = sa.Numeric(PRECISION, SCALE)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """Text on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String())
        return dialect.type_descriptor(sa.Numeric(PRECISION, SCALE))

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Any:
        """The Decimal with four decimals; ValueError if it is none or has more."""
        if value is None:
            return None
        exact = _exact(value)
        return format(exact, "f") if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        """Always a Decimal with four decimals."""
        return None if value is None else Decimal(value)


class UtcTimestamp(TypeDecorator[datetime]):
    """TIMESTAMPTZ; on SQLite ISO 8601 text in UTC with microseconds, which sorts in time."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """Text on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """The moment in UTC; ValueError if it does not say its time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without time zone: {value!r}")
        moment = value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """Always aware, in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


def _exact(value: object) -> Decimal:
    if not isinstance(value, Decimal):
        raise ValueError(f"an amount is a Decimal, not {type(value).__name__}: {value!r}")
    try:
        return value.quantize(_STEP, context=_EXACT)
    except (Inexact, InvalidOperation):
        raise ValueError(f"{value} does not fit NUMERIC({PRECISION},{SCALE})") from None
