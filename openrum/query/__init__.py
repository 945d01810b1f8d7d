"""Question → SQL → answer. One vocabulary of measures and dimensions, never column names, whichever engine is below.

    question.py      what may be asked: a frozen object, made from JSON, with errors that name what is near
    measures.py      the measures: name, meaning, unit, formula
    dimensions.py    the dimensions: name, meaning, formula
    times.py         ranges, buckets, time zones
    build.py         a question as a syntax tree; every value of a stranger is bound
    run.py           the third spine: answer a question
    events_page.py   where the raw events of GetAppMonitorData stand

Reads the store, and nothing else.
"""
