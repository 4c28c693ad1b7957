"""Messages to people: each job sends one, through the channel that it is for."""

from jobs.house import House
from queue_server.application.messages.outbox import SEND_JOB
from queue_server.messaging import Transport
from queue_server.messaging.smtp import SmsByMail, SmtpTransport
from queue_server.settings import Settings
from queue_server.store.job_store import Job
from queue_server.store.messages import Channel

KIND = SEND_JOB


async def run(house: House, job: Job) -> None:
    """Send the message, or note why not."""
    assert house.sending is not None
    await house.sending.send(job)


def channels(settings: Settings) -> dict[Channel, Transport]:
    """Return the channels that are set up; what is to go through another one is given up."""
    if settings.smtp_url is None or settings.mail_from is None:
        return {}
    smtp = SmtpTransport(settings.smtp_url, settings.mail_from)
    found: dict[Channel, Transport] = {Channel.EMAIL: smtp}
    if settings.sms_mail_domain is not None:
        found[Channel.SMS] = SmsByMail(smtp, settings.sms_mail_domain)
    return found
