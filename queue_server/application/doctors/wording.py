"""The words of a profile while it is changed: new ones are kept apart and get an id, unchanged ones keep theirs."""

from msgspec import UNSET, UnsetType

from queue_server.application.aggregates import Texts
from queue_server.application.doctors.model import texts_of
from queue_server.application.unit import Unit
from queue_server.store import event_store
from scheduling_core.doctors.profile import DoctorProfile
from scheduling_core.ids import TextId


class Wording:
    """The words that a profile refers to, and those that a change says anew."""

    def __init__(self, unit: Unit, known: Texts) -> None:
        self._unit = unit
        self._texts = dict(known)

    @classmethod
    async def of(cls, unit: Unit, profile: DoctorProfile | None) -> "Wording":
        """Return the words of a profile as they are kept."""
        ids = list(texts_of(profile)) if profile is not None else []
        return cls(unit, await event_store.free_texts(unit.tx, ids) if ids else {})

    @property
    def texts(self) -> Texts:
        """Every word known by now, by id."""
        return self._texts

    async def say(self, words: str) -> TextId:
        """Keep words and return their id."""
        text = await self._unit.say(words)
        self._texts[text] = words
        return text

    async def optional(self, words: str) -> TextId | None:
        """Keep words and return their id; None for no words."""
        return await self.say(words) if words else None

    async def name(self, was: TextId, words: str | UnsetType) -> TextId | UnsetType:
        """Return the id of words that replace those of `was`; UNSET where nothing is new."""
        if words is UNSET or self._texts.get(was) == words:
            return UNSET
        return await self.say(words)

    async def changed(self, was: TextId | None, words: str | UnsetType) -> TextId | UnsetType | None:
        """Return the id of words that replace those of `was`, None for no words; UNSET where nothing is new."""
        if words is UNSET:
            return UNSET
        known = self._texts.get(was) if was is not None else ""
        return UNSET if known == words else await self.optional(words)

    async def same_or_new(self, was: TextId | None, words: str) -> TextId:
        """Return `was` if these are its words, else the id of the new ones."""
        if was is not None and self._texts.get(was) == words:
            return was
        return await self.say(words)
