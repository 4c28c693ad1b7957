"""The newest state of each queue in this process, and whoever waits for it to change.

A state comes from four sides: a commit of this process, another server's commit over the broker, a read because
Postgres told of a version that no snapshot came for, a read because somebody asks. Whatever comes first is taken,
whatever is not newer is dropped: `(epoch, version)` never goes backwards.
"""
