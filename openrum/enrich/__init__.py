"""Pure functions on events: what was sent goes in, what is known comes out. No files, no sockets, no clocks.

    pipeline.py           Batch → Events: the literal list of steps, and who may end an event's way
    owners_wish.py        the monitor's own setting: are custom types taken? was it deleted?
    contents.py           details and metadata: strict JSON objects, or quarantine
    metadata.py           what surrounds an event: merged with the session's, split, made into columns
    attributes.py         custom attributes by the service's rules
    times.py              the time that answers go by
    user_agent.py         what a User-Agent says, where the client did not
    names.py              one name per browser, system and device
    row.py                Event → Row
    raw_form.py           an event as GetAppMonitorData gives it, quoting what was sent
    rules.py              what the monitor's owner decides

A step never raises for what a stranger sent. Should one raise all the same, that event alone is quarantined as poison.
"""
