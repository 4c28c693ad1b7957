"""The outbox: each message reaches a real mail server once, later if it must, or is given up with a reason."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs import notices
from jobs.house import House as JobsHouse
from jobs.worker import lanes
from queue_server.application.due_work import DueWork
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.outbox import SEND_JOB
from queue_server.application.messages.sending import Sending
from queue_server.application.messages.telling import NOTIFY_JOB, Notice, tell
from queue_server.application.patients.contacts import Contact
from queue_server.messaging import Letter, MessageDelayed
from queue_server.messaging.smtp import SmsByMail, SmtpTransport
from queue_server.operations.mail_catcher import MailCatcher, catching
from queue_server.settings import Settings
from queue_server.store import event_store, job_store
from queue_server.store.db import Database
from queue_server.store.messages import Channel
from tests.access_graph import AccessGraph
from tests.application.patients.house import House, address, phone
from tests.conftest import RunningServices
from tests.factories import Clinic
from tests.graph import Graph

SENDER = "Riverside Clinic <clinic@riverside.example>"


class Post:
    """A worker that sends messages, and the mail server that it speaks to."""

    def __init__(self, house: House, jobs: Database, catcher: MailCatcher, settings: Settings) -> None:
        self.house, self.jobs, self.catcher, self.settings = house, jobs, catcher, settings
        smtp = SmtpTransport(catcher.smtp_url, SENDER)
        self.sending = self.with_channels({Channel.EMAIL: smtp, Channel.SMS: SmsByMail(smtp, "sms.example.org")})

    def with_channels(self, channels: dict[Channel, Any]) -> Sending:
        """Return a sender with these channels."""
        db = self.house.graph.db
        letters, notifying = notices.letters(db, self.settings), notices.notifying(db, self.settings, channels)
        return Sending(db, channels, self.house.codes, letters=letters, notifying=notifying)

    async def work(self, sending: Sending | None = None) -> None:
        """Do what is due of this tenant, once."""
        for job in await job_store.claim(self.jobs, [SEND_JOB], 50, timedelta(seconds=30)):
            if job.tenant == self.house.tenant:
                await (sending or self.sending).send(job)

    async def again(self) -> None:
        """Let what waits for its next attempt be due."""
        await self.house.access.change(self.house.tenant, "UPDATE job SET due_at = now() WHERE state = 'ready'")

    async def ask(self, contact: Contact, language: str = "en") -> str:
        """Ask for a code, and return it."""
        await self.house.sign_in.ask(self.house.tenant, contact, language)
        return await self.house.code(contact.value)

    async def states(self) -> list[tuple[str, str]]:
        """Return how each message stands, and its job."""
        rows = await self.house.rows(
            "SELECT m.state AS message, j.state AS job FROM message m"
            " JOIN job j ON j.kind = 'send_message' AND j.key = m.message_id::text ORDER BY m.created_at"
        )
        return [(row["message"], row["job"]) for row in rows]


class Unreliable:
    """A channel that fails so many times before it works."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.sent: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        """Fail, or keep the letter."""
        if self.failures:
            self.failures -= 1
            raise MessageDelayed("the mail server is asleep")
        self.sent.append(letter)


@pytest.fixture
async def post(
    services: RunningServices, settings: Settings, graph: Graph, world: AccessGraph, clinic: Clinic
) -> AsyncIterator[Post]:
    """A worker beside a mail server."""
    jobs = Database(services.urls["DATABASE_JOBS_URL"], pool_size=2, application="tests-jobs")
    await jobs.open()
    async with catching() as catcher:
        yield Post(House(settings, graph, world, clinic), jobs, catcher, settings)
    await jobs.close()


async def test_a_code_arrives_and_lets_its_reader_in(post: Post) -> None:
    contact = address()
    code = await post.ask(contact)
    await post.work()
    (mail,) = await post.catcher.wait_for(1)
    (row,) = await post.house.rows("SELECT message_id FROM message")
    assert mail.to == (contact.value,)
    assert mail.message["Message-ID"] == f"<{row['message_id']}@riverside.example>"
    assert mail.message["Subject"] == f"{code} is your code for Test tenant"
    assert code in mail.text
    html = mail.message.get_body(("html",))
    assert html is not None
    assert code in html.get_content()
    assert await post.states() == [("sent", "done")]
    assert (await post.house.sign_in.verify(post.house.tenant, contact, code)).access_token


@pytest.mark.parametrize(
    ("language", "word", "direction"),
    [("en", "minutes", "ltr"), ("es-MX", "minutos", "ltr"), ("hi", "मिनट", "ltr"), ("ar", "دقائق", "rtl")],
)
async def test_it_is_written_in_the_readers_language(post: Post, language: str, word: str, direction: str) -> None:
    code = await post.ask(address(), language)
    await post.work()
    (mail,) = await post.catcher.wait_for(1)
    html = mail.message.get_body(("html",))
    assert html is not None
    assert word in mail.text
    assert f'lang="{language[:2]}" dir="{direction}"' in html.get_content()
    assert code in mail.text


async def test_a_phone_is_sent_one_line(post: Post) -> None:
    contact = phone()
    code = await post.ask(contact)
    await post.work()
    (mail,) = await post.catcher.wait_for(1)
    assert mail.to == (f"{contact.value.removeprefix('+')}@sms.example.org",)
    assert mail.text.strip() == f"{code} is your code for Test tenant, good for 10 minutes. Tell it to nobody."


async def test_an_organisations_name_is_text_in_the_mail(post: Post) -> None:
    await post.house.access.change(post.house.tenant, "UPDATE tenant SET name = E'A <b>&\\r\\nBcc: x@y.zz'")
    await post.ask(address())
    await post.work()
    (mail,) = await post.catcher.wait_for(1)
    html = mail.message.get_body(("html",))
    assert html is not None
    assert "A &lt;b&gt;&amp; Bcc: x@y.zz" in html.get_content()
    assert mail.message["Bcc"] is None


async def test_what_could_not_be_sent_is_sent_later_as_the_same_message(post: Post) -> None:
    channel = Unreliable(failures=2)
    sending = post.with_channels({Channel.EMAIL: channel})
    await post.ask(address())
    for attempt in (1, 2):
        before = datetime.now(UTC)
        await post.work(sending)
        (row,) = await post.house.rows(
            "SELECT m.attempts, m.last_error, j.due_at, j.due_at - now() AS pause FROM message m, job j"
            " WHERE j.kind = 'send_message'"
        )
        assert (row["attempts"], row["last_error"]) == (attempt, "the mail server is asleep")
        assert row["due_at"] > before
        assert row["pause"] <= timedelta(seconds=1.25 * 2 ** (attempt - 1))
        await post.again()
    await post.work(sending)
    (row,) = await post.house.rows("SELECT message_id FROM message")
    assert [one.id for one in channel.sent] == [row["message_id"]]
    assert await post.states() == [("sent", "done")]


async def test_after_ten_attempts_it_is_given_up_with_the_reason(post: Post) -> None:
    sending = post.with_channels({Channel.EMAIL: Unreliable(failures=99)})
    await post.ask(address())
    for _ in range(10):
        await post.work(sending)
        await post.again()
    assert await post.states() == [("dead", "dead")]
    (row,) = await post.house.rows("SELECT attempts, last_error FROM message")
    assert (row["attempts"], row["last_error"]) == (10, "the mail server is asleep")


async def test_whom_the_server_refuses_is_not_tried_again(post: Post) -> None:
    post.catcher.verdict = lambda recipient: f"550 no such {recipient}"
    contact = address()
    await post.ask(contact)
    await post.work()
    assert await post.states() == [("dead", "dead")]
    (job,) = await post.house.rows("SELECT j::text AS whole FROM job j WHERE kind = 'send_message'")
    assert contact.value not in job["whole"]


async def test_without_a_channel_it_is_given_up(post: Post) -> None:
    await post.ask(address())
    await post.work(post.with_channels({}))
    (row,) = await post.house.rows("SELECT state, last_error FROM message")
    assert (row["state"], row["last_error"]) == ("dead", "no provider is set up here for email")


async def test_a_code_that_nobody_can_use_any_more_is_not_sent(post: Post) -> None:
    contact = address()
    await post.ask(contact)
    code = await post.ask(contact)  # takes the place of the first
    await post.work()
    (mail,) = await post.catcher.wait_for(1)
    assert code in mail.text
    assert sorted(await post.states()) == [("expired", "done"), ("sent", "done")]
    late = address()
    await post.ask(late)
    await post.house.access.change(post.house.tenant, "UPDATE message SET expires_at = now() WHERE state = 'queued'")
    await post.work()
    assert len(post.catcher.mails) == 1


async def test_nobody_is_told_twice_while_somebody_is_at_it(post: Post) -> None:
    """The lease of a job is shorter than a slow mail server: another worker may come while the first still sends."""
    began, goes_on = asyncio.Event(), asyncio.Event()

    class Slow(Unreliable):
        async def send(self, letter: Letter) -> None:
            began.set()
            await goes_on.wait()
            await super().send(letter)

    slow = Slow(failures=0)
    sending = post.with_channels({Channel.EMAIL: slow})
    await post.ask(address())
    first = asyncio.create_task(post.work(sending))
    await began.wait()
    await post.house.access.change(post.house.tenant, "UPDATE job SET lease_until = now() WHERE kind = 'send_message'")
    await post.work(sending)
    goes_on.set()
    await first
    await post.again()
    await post.work(sending)
    assert len(slow.sent) == 1
    assert await post.states() == [("sent", "done")]


async def test_whatever_a_dead_worker_had_begun_is_sent_by_another(post: Post) -> None:
    await post.ask(address())
    await post.house.access.change(
        post.house.tenant, "UPDATE message SET attempts = 1, sending_until = now() - interval '1 ms'"
    )
    await post.work()
    assert len(await post.catcher.wait_for(1)) == 1


async def test_a_message_whose_patient_was_erased_is_nothing_to_send(post: Post) -> None:
    await post.ask(address())
    await post.house.access.change(post.house.tenant, "DELETE FROM message")
    await post.work()
    (job,) = await post.house.rows("SELECT state FROM job WHERE kind = 'send_message'")
    assert (job["state"], list(post.catcher.mails)) == ("done", [])


async def test_the_worker_sends_them_in_a_lane_of_their_own(post: Post) -> None:
    house = JobsHouse(
        db=post.house.graph.db, jobs=post.jobs, writes=post.house.graph.writes, signer=None, sending=post.sending
    )
    (lane,) = [lane for lane in lanes(house) if SEND_JOB in lane.handlers]
    assert set(lane.handlers) == {SEND_JOB}
    await post.ask(address())
    work = DueWork(post.house.graph.db, post.jobs, [lane])
    while await work.start_due():
        await work.drain(5)
    assert len(await post.catcher.wait_for(1)) == 1


async def test_a_worker_turns_a_notice_into_a_mail_by_itself(post: Post, clinic: Clinic) -> None:
    to = address().value
    patient = await post.house.patient(email=to, name="Marta Lindqvist")
    text = event_store.free_text("The pharmacy has moved")
    async with post.house.graph.db.tenant(post.house.tenant) as tx:
        await event_store.keep_free_text(tx, text, patient)
        await tell(
            tx, Notice(kind=Kind.MANUAL, key="manual", patient=patient, clinic=clinic.id, facts={"textId": text.id})
        )
    db, channels = post.house.graph.db, {Channel.EMAIL: SmtpTransport(post.catcher.smtp_url, SENDER)}
    house = JobsHouse(
        db=db,
        jobs=post.jobs,
        writes=post.house.graph.writes,
        signer=None,
        sending=post.sending,
        notifying=notices.notifying(db, post.settings, channels),
    )
    work = DueWork(db, post.jobs, [lane for lane in lanes(house) if {NOTIFY_JOB, SEND_JOB} & set(lane.handlers)])
    while await work.start_due():
        await work.drain(15)
    (mail,) = [mail for mail in post.catcher.mails if mail.to == (to,)]
    assert "The pharmacy has moved" in mail.text
    assert await post.states() == [("sent", "done")]
