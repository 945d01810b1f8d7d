"""Question → SQL → answer. One vocabulary of measures and dimensions, never column names, whichever engine is below.

What every question is made of:

    scope.py         a monitor, a range, filters
    measures.py      the measures: name, meaning, unit, formula; hints.py: which of their values stand on too few
    weights.py       counts where only some sessions are recorded
    dimensions.py    the dimensions: name, meaning, formula
    times.py         ranges, time zones, borders; buckets.py: the same as an expression
    tree.py          syntax trees over a scope, every value of a stranger bound; clickhouse.py: for the other engine
    documentation.py docs/measures.md and docs/dimensions.md, made of these tables

One table of measures by dimensions:

    question.py      what may be asked: a frozen object, made from JSON, with errors that name what is near
    sources.py       what measures stand over; types_read.py: which events they can see at all
    build.py         the question as a tree; shapes.py: written once for all questions of its shape
    folded.py        the same over rows that are folded by page load and hour, where those will do
    binned.py        percentiles of resources, by how often each value is there
    run.py           the third spine: answer a question

Beyond one table, each a template and what is made of its rows (special.py: their form; catalogue.py: all of them):

    distribution, slowest, waterfall, resources, vital_parts, impact  how fast, and where to begin
    sessions, session_timeline, journeys, funnels, returning        who came, and what they did (sequence.py: in which order)
    event_list                                                      every event, the newest first
    error_groups, http_routes, http_route                           what failed
    correlation (correlation_counts), verdict (verdict_samples)     what stands out, what a release changed …
    statistics, strata, judgement                                   … and the mathematics of both
    events_page.py                                                  where the raw events of GetAppMonitorData stand
    replays.py                                                      the recording of a session

Reads the store, and nothing else.
"""
