"""PutRumEvents, the door: what comes in, who may send it, and the answer. Journal, control and store are handed in.

put_rum_events.py    the spine: take a batch
origin.py            is the browser's page one of the monitor's?
quota.py             is it the monitor's turn?
authenticate.py      who sends, and may they?
structure.py         is it a batch?
cors.py              what browsers must be told
ports.py             what the door asks of other rooms
"""
