"""What can go wrong with the state database, in words.

Belongs here: the exceptions this package raises. Not here: business exceptions.
"""


class StateError(RuntimeError):
    """The state cannot be read or written as asked; says what and what to do."""


class StaleDecisionError(StateError):
    """A person decided on an exception that has moved on since they looked at it."""
