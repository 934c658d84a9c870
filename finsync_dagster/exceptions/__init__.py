"""One list of what is wrong: findings become exceptions with severity, owner, deadline, history.

Belongs here: reasons, severity, deadlines, lifecycle. Not here: finding anything (matching,
reconciliation, spend), nor storing the register (storage/state).
"""
