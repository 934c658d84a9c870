"""What databases other than SQLite and PostgreSQL need: a package, and how to see one state.

Belongs here: facts of a dialect of SQLAlchemy. Not here: how values are read (sql_values.py).

A database that is not named here is read with the transaction its driver begins. If records change
while it is read, count or totals differ from what was stated before: the extract is taken again,
and if they differ once more it is kept as incomplete.
"""

from __future__ import annotations

import sqlalchemy as sa

from finsync_dagster.connectors.errors import SourceError

_PACKAGES = {
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "databricks": "databricks-sqlalchemy",
    "db2": "ibm-db-sa",
    "duckdb": "duckdb-engine",
    "firebird": "sqlalchemy-firebird",
    "hana": "sqlalchemy-hana",
    "ibm_db_sa": "ibm-db-sa",
    "redshift": "sqlalchemy-redshift",
    "snowflake": "snowflake-sqlalchemy",
    "teradatasql": "teradatasqlalchemy",
    "trino": "trino",
    "vertica": "vertica-sqlalchemy-dialect",
}
# Modules whose package has another name.
_MODULES = {"MySQLdb": "mysqlclient", "cx_Oracle": "cx-Oracle", "psycopg": "psycopg[binary]"}


def no_dialect(system: str, drivername: str) -> SourceError:
    """SQLAlchemy does not know the kind of database that an address names."""
    package = _PACKAGES.get(drivername.split("+", maxsplit=1)[0])
    if package is None:
        return SourceError(
            system,
            "",
            f"its address names a database or driver that is not known: {drivername}",
            "Correct the address, or install the package with SQLAlchemy's dialect for it",
        )
    return SourceError(
        system,
        "",
        f"the Python package for databases of kind {drivername} is not installed",
        f"Install it: pip install {package}",
    )


def no_driver(system: str, drivername: str, error: ImportError) -> SourceError:
    """The dialect is known, and the driver it calls cannot be loaded."""
    module = (error.name or "").split(".")[0]
    if not isinstance(error, ModuleNotFoundError) or not module:
        return SourceError(
            system,
            "",
            f"the driver of {drivername} is installed and cannot be loaded ({error})",
            "Install the system library that it needs",
        )
    return SourceError(
        system,
        "",
        f"the Python package {module}, which {drivername} needs, is not installed",
        f"Install it: pip install {_MODULES.get(module, module.replace('_', '-'))}",
    )


def begin_snapshot(connection: sa.Connection) -> None:
    """One state for all queries, and no writing, as far as the database offers it."""
    kind = connection.dialect.name
    if kind in ("mysql", "mariadb"):
        connection.execution_options(isolation_level="REPEATABLE READ")
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        # Otherwise a moment would be spelled in the server's own zone.
        connection.exec_driver_sql("SET SESSION time_zone = '+00:00'")
    elif kind == "oracle":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    elif kind == "mssql":
        allowed = connection.exec_driver_sql(
            "SELECT snapshot_isolation_state FROM sys.databases WHERE name = DB_NAME()"
        ).scalar()
        connection.rollback()
        if allowed == 1:
            # REPEATABLE READ would be one state too, and lock out those who work in the system.
            connection.execution_options(isolation_level="SNAPSHOT")
