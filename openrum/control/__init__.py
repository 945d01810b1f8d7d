"""The other operations, and who may do what. Knows nothing of events' data; no HTTP but its own two doors.

operations.py      the table: every operation's name, method, path, shapes and role
shapes.py          what goes in and out, with the constraints of the API model
door.py            an ASGI callable that serves the table
service.py         what each operation on monitors, policies and tags does
metric_service.py  the same for metrics destinations and definitions; metric_rules.py tells good definitions from bad
monitors.py        app monitors and their policies, as rows
metrics.py         metrics destinations and definitions, as rows
keys.py            access keys, as rows; secrets sealed
users.py           the console's users, as rows; passwords.py hashes, and tells a good password from a bad one
console_sessions.py  who of them is signed in: as rows, and in memory for the door
guests.py          credentials of an hour for web pages; guest_door.py gives them out as Cognito and STS do
audit.py           who did what, when, from where; deeds.py carries who is at it into the transaction
database.py        the tables, and the revision that tells other processes of a change
migrations/        the steps that bring the tables up to date
snapshot.py        monitors and keys in memory, for the doors; works on while the database is away
secrets.py         what keeps secrets at rest and signs tokens
tokens.py          NextToken: opaque, signed, bound to its question
dates.py           how the API writes a moment
"""
