"""A real-time queue for clinics: HTTP, Socket.IO, screens, and the services around them."""
