"""What can be wrong with the landing itself.

Belongs here: the error. Not here: defects of a source (connectors.errors).
"""


class LandingError(Exception):
    """Something that was landed is missing, was changed, or cannot be written.

    The message names the file and the remedy.
    """
