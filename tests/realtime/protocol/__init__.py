"""The rules of Engine.IO v4, Socket.IO v5 and RFC 6455, each as a test over TCP against `create_socket_server`."""
