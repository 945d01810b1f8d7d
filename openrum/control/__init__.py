"""The other operations: monitors, resource policies, access keys. Knows nothing of events' data; no HTTP but its own door.

operations.py    the table: every operation's name, method, path, shapes and role
shapes.py        what goes in and out, with the constraints of the API model
door.py          an ASGI callable that serves the table
service.py       what each operation does
monitors.py      app monitors and their policies, as rows
keys.py          access keys, as rows; secrets sealed
database.py      the tables, and the revision that tells other processes of a change
snapshot.py      monitors and keys in memory, for the doors; works on while the database is away
secrets.py       what keeps secrets at rest and signs tokens
tokens.py        NextToken: opaque, signed, bound to its question
"""
