"""Engine.IO of our own: sessions over long-polling and websockets, written to without a task or a queue in between.

`frames` and `packets` only turn bytes into values and back. `handshake` and `websocket` are the protocol class for
uvicorn, `session` one client, `heartbeats` the clock of all of them, `polling` the requests of those without a
websocket, `engine` the ASGI application over it all.

Of other projects' insides this relies on, held by tests/realtime/protocol/test_internals.py:

- uvicorn makes its `ws` class with `config`, `server_state` and `app_state`, calls `connection_made` before
  `transport.set_protocol`, and hands the whole head of the request to `data_received` in one piece, header names in
  lower case and separated from values by ": "; it stops by `shutdown()` on what is in `server_state.connections`.
- uvicorn's HTTP protocol keeps its parser in `parser`, which refers back to it.
- The transport of uvloop and of asyncio counts all that it was given and has not written in `get_write_buffer_size()`,
  writes nothing while that is 0, and with a high-water mark of 0 says so at once when it is not and when it is again.
- It closes its socket only after `connection_lost` (or `eof_received`) has returned: until then the descriptor is ours.
"""
