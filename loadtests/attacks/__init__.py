"""Clients that mean no good, against one server of the product as a process of its own: what it does to them, what they
cost, and what an honest phone on the same server notices.

`clients` are their sockets, `floods`, `slow`, `rubbish` and `sessions` the attacks, `ground` the server and its honest
clients, `figures` what is measured of each attack. The tests in tests/realtime/attacks run the same ones.
"""
