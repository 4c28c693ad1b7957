"""The namespace of staff and displays: whole queues, patches, commands with acknowledgements, presence of desks."""
