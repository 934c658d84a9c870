"""How a system is told who asks: the words of ``auth``, and each scheme.

Belongs here: signing requests, logging in, renewing. Not here: sending (client.py), hiding secrets
in what is written (redact.py).
"""
