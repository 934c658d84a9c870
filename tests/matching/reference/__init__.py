"""A second matcher, written from the rules alone: plain loops over plain values, slow and obvious.

It shares no code with the package it judges. Where the two differ, one of them is wrong.
"""
