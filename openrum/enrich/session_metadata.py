"""The step that merges what a batch says once into each of its events.

before   SessionMetadata {"domain": "a", "title": "x"}, metadata {"title": "y"}
after    metadata {"domain": "a", "title": "y"}: the event's own value wins
"""

from openrum.enrich.rules import Rules
from openrum.events import Event


def merge_session_metadata(event: Event, rules: Rules) -> None:
    """The session's dict is shared by the batch and stays as it is."""
    session = event.envelope.session_metadata
    if session:
        event.metadata = {**session, **event.metadata}
