import pytest

from finsync_dagster.sandbox.column_types import Kind, kind_of


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-20", None], Kind.INTEGER),
        (["08803922", "1"], Kind.TEXT),  # the zero means something
        (["+1"], Kind.TEXT),
        (["1234567890123456789"], Kind.DECIMAL),  # might not fit 64 bits
        (["1", ".00", "-5.5"], Kind.DECIMAL),
        (["1e5"], Kind.TEXT),
        (["2013-01-02", None], Kind.DATE),
        (["2013-01-02", "2013-01-02 07:00:00"], Kind.TIMESTAMP),
        (["2014-02-08 10:17:21.510000000"], Kind.TIMESTAMP),
        (["2014-02-08 10:17:21.510000001"], Kind.TEXT),  # PostgreSQL would lose the last digit
        (["2013-02-30"], Kind.TEXT),  # no such day
        (["True"], Kind.TEXT),
        ([None, None], Kind.TEXT),
        ([], Kind.TEXT),
    ],
)
def test_narrowest_kind_that_loses_nothing(values, kind):
    assert kind_of(values) is kind
