"""Pure functions on events: what was sent goes in, what is known comes out. No files, no sockets, no clocks.

    pipeline.py           Batch → Events: the literal list of steps, and who may end an event's way
    owners_wish.py        the monitor's own setting: are custom types taken? was it deleted? is it too old?
    times.py              the time that answers go by
    contents.py           details and metadata: JSON objects within their bounds, or quarantine
    event_types.py        the details of every type, as structs; xray.py, those of traces
    typed_details.py      details, read into the struct of their type, field by field where one does not fit
    metadata.py           what surrounds an event: merged with the session's, split, made into columns
    attributes.py         custom attributes by the service's rules
    user_agent.py         what a User-Agent says, where the client did not
    names.py              one name per browser, system and device
    bots.py               who is no person: declared crawlers, headless browsers, an impossible pace
    row.py                Event → Row
    columns.py            details → columns, a function a type
    routes.py             page ids and URLs → routes (route_….py are its parts)
    error_groups.py       JavaScript errors → groups: stacks.py, wordings.py, volatile.py
    scrub.py              what is nobody's business, out of every text
    replays.py            session replays → chunks, apart
    raw_form.py           an event as GetAppMonitorData gives it, quoting what was sent
    rules.py              what the monitor's owner decides

A step never raises for what a stranger sent. Should one raise all the same, that event alone is quarantined as poison.
"""
