"""The last clicks of every walk from a number to the raw event: of a list of sessions the first, and of that an event."""

import re


def raw_event_of_a_listed_session(console):
    """Two clicks from the list of sessions: the JSON of the first event of the first of them, as it was sent."""
    _listed(console).locator("td").nth(6).click()
    return raw_event_of_the_session(console)


def raw_error_of_a_listed_session(console):
    """Two clicks as well: the number of errors in the list leads to them."""
    _listed(console).locator("a.bad").first.click()
    console.wait_for_state(kinds="error")
    return raw_event_of_the_session(console)


def raw_event_of_the_session(console):
    """One click from a session."""
    console.panel("timeline").wait_for()
    console.settled()
    console.panel("timeline").locator("[data-row] button.line").first.click()
    code = console.page.locator("aside").get_by_role("region", name="Raw JSON of the event")
    code.wait_for()
    return code.inner_text()


def _listed(console):
    console.page.wait_for_url(re.compile("/console/[^/]+/sessions"))
    console.panel("sessions").locator("tbody tr").first.wait_for()
    console.settled()
    return console.panel("sessions").locator("tbody tr").first
