"""What can go wrong with the sandbox's Tryton.

Belongs here: the error type. Not here: when it is raised.
"""

from __future__ import annotations


class TrytonError(RuntimeError):
    """The sandbox's Tryton cannot be installed, built or served; the message says the way out."""
