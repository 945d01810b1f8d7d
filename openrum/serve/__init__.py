"""What OpenRUM shows: the JSON API, health, and the web client's files. Everything it shows is handed in.

console.py       the routes, on one screen
api.py           /api/v1: the ledger; and what stands before every endpoint
questions_api.py /api/v1: questions, SQL, and what there is to ask about
question_forms.py  questions as they are sent
data_api.py      /api/v1: exports, and who is forgotten
replay_api.py    /api/v1/replay: a session's recording, part by part
answers.py       how all of them answer
forms.py         small forms as JSON
guard.py         who may ask: whoever is signed in, or an access key; and no page of another site
sign_in.py       /api/v1: sign in and out, change one's password
attempts.py      how often a password may be tried
users_api.py     /api/v1/users, for admins
monitors_api.py  /api/v1/monitors: what a monitor is set to, and its changes
monitor_forms.py   its forms, and the control room's words in ours
metrics_api.py   /api/v1/monitors/{name}/metrics
keys_api.py      /api/v1/keys, for admins
changes.py       how a change is made: off the loop, noted, known to every door
health.py        /healthz, /readyz, /metrics
prometheus.py      the text of Prometheus, for those and for answers
client_files.py  /client/<version>/cwr.js
console_files.py /console/
ports.py         what this room is handed
"""
