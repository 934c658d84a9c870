"""What a person at a shell is told: about a run, the landing, quarantine and replays.

Belongs here: queries and their printing. Not here: computing anything; every figure shown can be
had by anyone from the published tables or the landing.
"""
