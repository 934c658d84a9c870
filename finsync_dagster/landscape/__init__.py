"""What the company looks like: legal entities, systems, owners, calendars, tolerances.

Belongs here: the validated model of the landscape YAML. Not here: reaching the systems it names.
"""
