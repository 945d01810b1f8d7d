"""OpenRUM: Real User Monitoring that speaks Amazon CloudWatch RUM's API, on your own machine.

The path of one event, and what each step promises:

    browser, SDK, CLI ── POST /appmonitors/{id} ──▶ receive/put_rum_events.py     the first spine: take a batch
                                                    │  origin, quota, body, signature or policy, structure
                                                    ▼
                                                    journal/                      one fsync for all who wait …
    ◀── 200 ────────────────────────────────────────┘                             … and only then the answer
                                                    │
                                                    ▼
                                                    drain.py                      the second spine: drain a block
                                                    │  enrich/  decode → metadata → routes → groups → …  (pure)
                                                    │  store/   duplicates out; rows, ledger and position
                                                    ▼           in one transaction: each event exactly once
    question ── POST /api/v1/query ───────────────▶ query/run.py                  the third spine: answer a question
                GetAppMonitorData ────────────────▶ readback.py                   the raw form, from the journal

The journal is the truth: an event answered with 200 is in it, fsynced. The store is a projection: delete it, and
`openrum rebuild` makes the same one again. An event ends in exactly one outcome of `outcomes.py`, counted in the ledger.

The rooms, each of which opens with what it is for and what it may not do (import-linter holds the arrows):

    errors, outcomes, limits, events, days, vitals,
    strict_json, durable_files, event_patterns,
    threads                                           the base: what every room shares
    aws/         what both AWS doors speak: SigV4, rest-json, policy documents, bodies
    receive/     PutRumEvents: the door
    journal/     make durable, read back
    enrich/      pure functions on events
    store/       rows, and folded by page load and session; duplicates, replays, ledger: DuckDB, a file a day; ClickHouse, to be read
    control/     the other operations: monitors, policies, access keys, users of the console
    query/       question → SQL → answer, one tree for either engine
    serve/       the JSON API, sign-in, health, the files of the console and of the web client
    demo/        the demo shop, and a synthetic population
    drain, make_rows, row_workers                     the middle: from the journal to the store, …
    readback, export                                  … from a row back to what was sent, …
    keeping, learning, forget, upkeep                 … and what is kept, learned, forgotten, made anew
    app, cli, cli_…, settings                         join the rooms; the only readers of clock and environment
    answering, turns                                  who answers questions, in what order, how many at once
    bridges, bounded_http, places, client_address,
    geo_database, canary, receipts, cloudwatch_logs,
    import_logs, export_folder, running_server,
    data_directory, snippet, trial_event, logs,
    terminal_chart, process                           small parts that app and cli join them with
"""

import os

__version__ = "0.1.0"

# The engine's allocator reads this once, as the engine is loaded, and so before anything of it is imported. What it keeps of
# the address space that a question had still counts under the bound on memory (`process.bound_memory`): nothing was left for
# others then, long after that question had failed.
os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "retain:false")
