"""How gently a system is asked: rates, slots, attempts, the circuit, maintenance windows.

Belongs here: the words for them and keeping to them. Not here: the request itself (client.py).
"""
