"""A provider of texts and WhatsApp messages, and a push service, that deliver to nobody: for the demo and for tests.

It speaks as Twilio and as push services do, misbehaves as its modes say, and keeps what it was given: a page shows that
together with the mail of `queue_server.operations.mail_catcher`, and `/messages.json` tells it.
"""
