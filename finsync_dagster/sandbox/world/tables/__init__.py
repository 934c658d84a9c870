"""The tables of the world, by what they tell of.

Belongs here: one module a subject. Not here: how the rows come about (the generator's modules).
"""
