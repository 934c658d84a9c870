"""What a person at a shell is told after a run: read from the published warehouse with plain SQL.

Belongs here: queries and their printing. Not here: computing anything; every figure shown can be
had by anyone with the same query.
"""
