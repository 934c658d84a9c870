"""Groups of subcommands of `finsync`, one module each; cli.py registers them.

Belongs here: arguments, what is printed, exit codes. Not here: the work itself.
"""
