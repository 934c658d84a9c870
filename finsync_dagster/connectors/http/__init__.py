"""Reaching a system over HTTP: REST, OData, JSON-RPC and the like, described in YAML.

Belongs here: everything of the protocol ``http``. The words of its YAML are in model.py, one
reading of an object in read.py, one request in client.py. Not here: landing, nor what records mean.
"""
