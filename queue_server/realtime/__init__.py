"""Socket.IO at the door: the hub of rooms and their members, fan-out, the namespaces of patients and of staff."""
