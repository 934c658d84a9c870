"""Answers in XML as the value that their JSON twin would have.

Belongs here: reading XML from strangers (elements.py), and each shape that servers give it:
OData 2 (atom.py), values with types (typed.py), neither (plain.py). Which it is: reading.py. Not
here: what follows from the value, which is the same as with JSON.
"""
