"""What can go wrong between the tables and the warehouse.

Belongs here: the exceptions of this package. Not here: findings about the business.
"""


class PublishError(RuntimeError):
    """The publication did not happen; what was published before is untouched and readable."""


class WarehouseError(PublishError):
    """The warehouse cannot be read: not there yet, unreachable, or the query is wrong."""
