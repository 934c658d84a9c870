"""How a list is asked for page by page: the words of ``paging``, and each scheme.

Belongs here: which page is next, and when a server goes round in circles. Not here: asking for it
(read.py).
"""
