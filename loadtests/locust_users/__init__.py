"""Locust's users: phones that follow a link, phones that poll, desks, and a storm of phones that all come back.

Importing Locust patches the whole process for gevent. So nothing but Locust itself imports `crowd`, `phones`, `desks`
and `storms`; the other modules stand on the standard library's sockets, which block here and give way to others there.
"""
