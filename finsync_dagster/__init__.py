"""finsync: who ordered it, what arrived, who invoiced it, what was paid; where systems disagree.

Nothing is imported here, so that a stage can be used without loading the others.
"""
