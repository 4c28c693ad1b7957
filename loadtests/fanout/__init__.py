"""Our Socket.IO server beside Node's, stock python-socketio and a bare loop of `send`: `python -m loadtests.fanout`."""
