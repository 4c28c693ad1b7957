"""The waitlist of one clinic under load: joins at a pace, promotions beside them, many who promote one entry."""
