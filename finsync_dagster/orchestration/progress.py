"""Telling a person at a shell what was just done.

Belongs here: the hook that reports finished steps to whoever listens in this process. In a run
started by Dagster nobody listens, and nothing happens.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dagster as dg

_listeners: list[Callable[[str, bool], None]] = []


@contextmanager
def listening(listener: Callable[[str, bool], None]) -> Iterator[None]:
    """While inside, ``listener(step, success)`` is called for every finished step."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def _tell(step: str, success: bool) -> None:
    for listener in _listeners:
        listener(step, success)


@dg.success_hook(name="tell_success")
def tell_success(context: dg.HookContext) -> None:
    """Report a finished step."""
    _tell(context.op.name, True)


@dg.failure_hook(name="tell_failure")
def tell_failure(context: dg.HookContext) -> None:
    """Report a failed step."""
    _tell(context.op.name, False)


HOOKS = {tell_success, tell_failure}
