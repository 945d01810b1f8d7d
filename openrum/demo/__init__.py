"""The demo: a small shop that misbehaves on purpose, and a population that visited it. Knows no other room.

catalogue.py    what the shop sells; shop and population speak of the same pages
shop.py         the pages, the slow pictures and the failing API, as Starlette routes
site/           what the pages are made of
world.py        who visits: countries, browsers, clients, hours
details.py      what each type of event says; errors.py and requests.py, what breaks and what fails
recording.py    what a recorded session did, as rrweb tells it; recorded_pages.py, the pages; screens.py, where things are on them
population.py   visitors → sessions → pages → events → the batches that a client would have sent
"""
