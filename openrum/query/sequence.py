"""The one order of events, as SQL: by time, then by where they stand in the journal. Clients say whole seconds, so ties are common."""

POSITION = ("day", "block", "record", "index")
"""Where the raw form of an event stands in the journal."""

PLACE = (
    '((((CAST("time" AS HUGEINT) * 65536 + day) * 134217728 + block) * 1048576 + record) * 65536 + "index")'  # 123 bits
)
"""Time and position as one number, to be compared, and taken the least or the greatest of. A block is named by its
millisecond of the day; a body that holds more than 65,536 events puts those behind them elsewhere among events of the
same millisecond, and no farther.
"""

IN_ORDER = '"time", day, block, record, "index"'
IN_REVERSE = '"time" DESC, day DESC, block DESC, record DESC, "index" DESC'
"""The same for ORDER BY."""

BEHIND = (
    '("time" > $time OR ("time" = $time AND (day > $day OR (day = $day AND (block > $block OR (block = $block'
    ' AND (record > $record OR (record = $record AND "index" > $index))))))))'
)
"""The events behind one whose time and position are bound."""

BEFORE = BEHIND.replace(">", "<")
"""Those before it: what is behind it in the reverse order."""
