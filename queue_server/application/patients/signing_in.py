"""Signing in by a code that is sent to an e-mail address or a phone.

Asking for a code looks nobody up, so neither the answer nor the time it takes can tell who is known. Only whoever has
read the code learns that, and is then signed in: to the account that the contact opens; else, the first time, as the
patient who alone has this contact in their particulars; else as a new patient. Whoever has a guardian is nobody to sign
in as, and nothing opens an account of theirs.
"""

from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from queue_server.application.access import AccessService
from queue_server.application.actor import Actor
from queue_server.application.messages import outbox
from queue_server.application.messages.kinds import Kind
from queue_server.application.patients.changing import LONGEST_NAME
from queue_server.application.patients.codes import ASKED_WITHIN, DIGITS, LIFETIME, MOST_ASKED, MOST_ATTEMPTS, Codes
from queue_server.application.patients.contacts import Contact
from queue_server.application.patients.views import CodeSentView
from queue_server.application.people import folded
from queue_server.application.plain_text import one_line
from queue_server.application.recorder import Recorder
from queue_server.application.views.accounts import SignedIn
from queue_server.store import accounts, messages, sign_in
from queue_server.store import patients as store
from queue_server.store.accounts import Account, NewAccount
from queue_server.store.db import Database, Transaction
from queue_server.store.messages import Channel, NewMessage
from queue_server.store.patients import Reachable
from scheduling_core.errors import CodeExpired, DomainError, InvalidValue, TooManyRequests, Unauthenticated, WrongCode
from scheduling_core.ids import AccountId, PatientId, TenantId
from scheduling_core.permissions import Role


class CodeSignIn:
    """Sends codes and takes them."""

    def __init__(
        self, *, db: Database, access: AccessService, recorder: Recorder, codes: Codes, texts_per_hour: int | None
    ) -> None:
        """Take `texts_per_hour`, how many codes go to phones for one organisation; None where no texts are sent."""
        self._db = db
        self._access = access
        self._recorder = recorder
        self._codes = codes
        self._texts_per_hour = texts_per_hour

    async def ask(self, tenant: TenantId, contact: Contact, language: str) -> CodeSentView:
        """Send a code to the contact; an earlier one is good no longer.

        Raises `NotFound` for an unknown tenant, `InvalidValue` for a phone where no text messages are sent,
        `TooManyRequests` when as many codes were asked for as a contact is sent in an hour, whoever it is of, or as
        many as an organisation pays texts for.
        """
        if contact.channel is Channel.SMS and self._texts_per_hour is None:
            raise InvalidValue("No text messages are sent here; give an e-mail address.", field="phone")
        message, key = uuid4(), self._codes.contact(tenant, contact.value)
        _, digest = self._codes.new(tenant, message)
        async with self._db.tenant(tenant) as tx:
            if contact.channel is Channel.SMS:
                await self._check_texts(tx)
            ends = await sign_in.issue(
                tx, key, digest, message, lifetime=LIFETIME, most=MOST_ASKED, within=ASKED_WITHIN
            )
            if ends is None:
                wait = await sign_in.seconds_to_next(tx, key, ASKED_WITHIN)
                raise TooManyRequests("Too many codes were asked for; use the last one, or wait.", retry_after=wait)
            new = NewMessage(
                id=message,
                kind=Kind.SIGN_IN_CODE,
                channel=contact.channel,
                recipient=contact.value,
                language=language,
                expires_at=ends,
            )
            await outbox.put(tx, new, ends - LIFETIME)
        return CodeSentView(expires_in=int(LIFETIME.total_seconds()), digits=DIGITS)

    async def _check_texts(self, tx: Transaction) -> None:
        sent = await messages.sent_lately(tx, Kind.SIGN_IN_CODE, Channel.SMS, ASKED_WITHIN)
        if self._texts_per_hour is not None and sent.number >= self._texts_per_hour:
            said = "No more codes are sent to phones at the moment; give an e-mail address, or wait."
            raise TooManyRequests(said, retry_after=sent.seconds_to_fewer)

    async def verify(
        self, tenant: TenantId, contact: Contact, code: str, *, name: str | None = None, language: str = "en"
    ) -> SignedIn:
        """Begin a session of whoever can be reached at the contact; `name` and `language` are of those who are new.

        Raises `WrongCode` (which is counted, whatever else happens at the same moment), `CodeExpired` when no code is
        good any more, `Unauthenticated` when the account is disabled.
        """
        named = one_line(name, "name", longest=LONGEST_NAME) if name is not None else ""
        async with self._db.tenant(tenant) as tx:
            refused = await self._try(tx, contact, code)
            entered = await self._enter(tx, contact, named, language) if refused is None else None
        if entered is None:
            # Raised only now: within the transaction it would take back that the attempt was counted.
            raise refused or Unauthenticated
        return entered

    async def prove(self, tenant: TenantId, contact: Contact, code: str) -> None:
        """Use up the code that was sent to a contact, which shows it to be whoever's this is; raises as `verify`."""
        async with self._db.tenant(tenant) as tx:
            refused = await self._try(tx, contact, code)
        if refused is not None:
            raise refused

    async def _try(self, tx: Transaction, contact: Contact, code: str) -> DomainError | None:
        key = self._codes.contact(tx.tenant, contact.value)
        kept = await sign_in.lock(tx, key, MOST_ATTEMPTS)
        if kept is None or not kept.is_live:
            return CodeExpired("This code is not good any more; ask for a new one.")
        if not self._codes.fits(tx.tenant, kept.message, code, kept.digest):
            await sign_in.count_attempt(tx, key)
            return WrongCode("This is not the code that was sent; look again at the newest message.")
        await sign_in.use(tx, key)
        return None

    async def _enter(self, tx: Transaction, contact: Contact, name: str, language: str) -> SignedIn:
        known = await self._known(tx, contact)
        if known is not None:
            return await self._access.begin(tx, known)
        # Locked, for somebody may show their other contact at the same moment.
        alone = await store.only_one_with(tx, contact.value)
        theirs = await sign_in.account_of_patient(tx, alone.id) if alone is not None else None
        if theirs is not None and not theirs.shown:
            # Nothing opens it since they had a guardian, whom they have no longer.
            known = await self._opened(tx, contact, theirs.id)
        if known is not None:
            return await self._access.begin(tx, known)
        account = await self._first_time(tx, alone if theirs is None else None, contact, name, language)
        await sign_in.give_contact(tx, contact.value, account.id)
        entered = await self._access.begin(tx, account)
        own = Actor(tenant=tx.tenant, account=account.id, role=Role.PATIENT, patient=account.patient)
        event = {"accountId": account.id, "patientId": account.patient}
        await self._recorder.record(tx, own, "patient_account_created", event)
        return entered

    async def _known(self, tx: Transaction, contact: Contact) -> Account | None:
        found = await sign_in.account_of_contact(tx, contact.value)
        if found is None and contact.channel is Channel.EMAIL:
            found = await sign_in.patient_account_by_email(tx, contact.value)
        return await self._opened(tx, contact, found) if found is not None else None

    async def _opened(self, tx: Transaction, contact: Contact, account: AccountId) -> Account | None:
        """Lock an account, let the contact open it, and return it; None while somebody acts for its patient."""
        locked = await accounts.lock(tx, account)
        if locked is None or locked[0].disabled or locked[0].patient is None:
            raise Unauthenticated("This account is closed; please ask the clinic.")
        # Asked under the lock: the desk may just have given them a guardian, which shuts the account.
        patient = await store.patient(tx, locked[0].patient)
        if patient is None or patient.guardian is not None:
            return None
        await sign_in.give_contact(tx, contact.value, account)
        return locked[0]

    async def _first_time(
        self, tx: Transaction, alone: Reachable | None, contact: Contact, name: str, language: str
    ) -> Account:
        """Make the account of the one patient who has this contact and no account yet, or of a new patient.

        A patient with an account is not joined by another contact of theirs: nobody has shown yet whose that one is,
        and a guest writes there what they like.
        """
        if alone is not None:
            return await _account(tx, alone.id, alone.name)
        new = store.NewPatient(
            id=PatientId(uuid4()),
            name=name,
            name_folded=folded(name),
            phone=contact.value if contact.channel is Channel.SMS else None,
            email=contact.value if contact.channel is Channel.EMAIL else None,
            language=language,
        )
        made = await store.insert(tx, new)
        return await _account(tx, made.id, made.name)


async def _account(tx: Transaction, patient: UUID, name: str) -> Account:
    new = NewAccount(
        id=AccountId(uuid7()),
        email=None,
        password_hash=None,
        name=name,
        role=Role.PATIENT,
        clinics=(),
        doctor=None,
        patient=PatientId(patient),
    )
    return await accounts.insert(tx, new)
