"""Everything Dagster: thin assets over the stages' functions, checks, jobs, schedules, sensors.

Belongs here: reading, calling a stage, writing, and telling Dagster. Not here: any rule of
purchasing or accounting; no stage imports this package.
"""
