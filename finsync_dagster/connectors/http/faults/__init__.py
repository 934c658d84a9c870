"""What went wrong, by what a system answered: one sentence, and who can help.

Belongs here: the words of ``errors``, the shapes of error bodies, kinds and remedies. Not here:
trying again (limits/retrying.py).
"""
