"""Messages to people: put into the outbox with the change that is told, sent by a job."""
