"""What AWS defines and its doors here speak: signatures, policy documents, bodies, answers. Knows no room.

sigv4.py      is the request signed by who it says?
policy.py     resource policy documents, parsed when put and asked on every unsigned request
bodies.py     a request's body, within its bounds on the wire and unpacked
media_type.py what a body says it is
answers.py    rest-json answers, errors among them
"""
