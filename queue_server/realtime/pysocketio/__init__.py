"""python-socketio on our engine: a server for custom handlers, strict to the protocol and written to directly.

`engineio_server` gives the engine the face that python-socketio knows, `packets` reads and writes Socket.IO packets,
`manager` keeps clients and rooms and sends, `server` puts them together.
"""
