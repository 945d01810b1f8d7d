"""What OpenRUM shows: the JSON API, health, and the web client's files. Everything it shows is handed in.

console.py       the routes, on one screen
api.py           /api/v1: questions, the ledger, SQL
data_api.py      /api/v1: exports, and who is forgotten
answers.py       how both answer
basic_auth.py    who may ask: an access key's id and secret
health.py        /healthz, /readyz, /metrics
client_files.py  /client/<version>/cwr.js
ports.py         what this room is handed
"""
