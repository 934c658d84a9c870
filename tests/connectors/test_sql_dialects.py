"""Databases whose package is missing: the message says which to install, and no secret."""

import importlib.util

import pytest

from finsync_dagster.connectors import sql
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.sql_dialects import no_driver
from tests.connectors.databases import LINES

SECRET = "s3cr3t-pa55"


@pytest.mark.parametrize(
    ("kind", "module", "words"),
    [
        ("mssql+pyodbc", "pyodbc", "pip install pyodbc"),
        ("mssql+pymssql", "pymssql", "pip install pymssql"),
        ("mysql", "MySQLdb", "pip install mysqlclient"),
        ("oracle+oracledb", "oracledb", "pip install oracledb"),
        ("hana", "sqlalchemy_hana", "pip install sqlalchemy-hana"),
        ("db2+ibm_db", "ibm_db_sa", "pip install ibm-db-sa"),
        ("snowflake", "snowflake", "pip install snowflake-sqlalchemy"),
        ("nosuchdatabase", "nosuchdatabase", "not known: nosuchdatabase"),
    ],
)
def test_what_to_install(kind, module, words):
    assert importlib.util.find_spec(module) is None, "the test needs it to be missing"
    url = f"{kind}://clerk:{SECRET}@host/erp"
    with pytest.raises(SourceError) as caught, sql.extract("erp", url, "lines", LINES):
        pass
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)
    assert not caught.value.transient


def test_a_driver_that_lacks_a_library_of_the_system():
    error = no_driver("erp", "mssql+pyodbc", ImportError("libodbc.so.2: cannot open shared object"))
    assert "libodbc.so.2" in str(error)
    assert "Install the system library" in str(error)
