"""Our own tokens under attack: only what we signed, for this purpose, and not over, opens anything."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from queue_server.application.tokens import LONGEST_TRACKING_TOKEN, Tokens
from queue_server.settings import Settings, load
from queue_server.store.accounts import Account
from scheduling_core.errors import InvalidTrackingToken, Unauthenticated
from scheduling_core.ids import AccountId, ClinicId, DoctorId, EntryId, TenantId
from scheduling_core.permissions import Role

NEW, OLD = "new-key-" + "0123456789abcdef" * 3, "old-key-" + "fedcba9876543210" * 3
NOW = datetime.now(UTC)
IDS = {"appointmentId": str(uuid4()), "hospitalId": str(uuid4()), "doctorId": str(uuid4())}
GOOD = {
    **IDS,
    "gen": 0,
    "jti": "j",
    "aud": "track",
    "iss": "clinic-queue-server",
    "exp": int((NOW + timedelta(hours=1)).timestamp()),
}


def settings(keys: str = f"2026b:{NEW},2026a:{OLD}") -> Settings:
    """Settings with some keys; nothing here opens the database."""
    return load({"DATABASE_URL": "postgresql://queue_app@localhost/none", "JWT_KEYS": keys})


def forge(claims: dict[str, Any], *, key: str = NEW, headers: dict[str, Any] | None = None) -> str:
    """Return a token signed with one of our own keys, whatever it says."""
    return jwt.encode(claims, key, algorithm="HS256", headers=headers or {"kid": "2026b"})


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    """Return a token put together by hand."""
    parts = (base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in (header, claims))
    return ".".join((*parts, signature))


def without(*names: str) -> dict[str, Any]:
    """Return good claims but for some."""
    return {name: value for name, value in GOOD.items() if name not in names}


def issue(tokens: Tokens, **given: Any) -> str:
    """Return a tracking token."""
    fields: dict[str, Any] = {
        "tenant": TenantId(uuid4()),
        "appointment": EntryId(uuid4()),
        "doctor": DoctorId(uuid4()),
        "generation": 3,
        "now": NOW,
    }
    return tokens.issue_tracking(**(fields | given))


def test_a_tracking_token_says_what_was_signed_and_stays_short() -> None:
    tokens = Tokens(settings())
    tenant, entry, doctor = TenantId(uuid4()), EntryId(uuid4()), DoctorId(uuid4())
    token = issue(tokens, tenant=tenant, appointment=entry, doctor=doctor)
    claims = tokens.verify_tracking(token)
    assert (claims.tenant, claims.appointment, claims.doctor, claims.generation) == (tenant, entry, doctor, 3)
    assert claims.expires_at == (NOW + timedelta(days=14)).replace(microsecond=0)
    assert len(token) < 480
    plain = jwt.decode(token, options={"verify_signature": False})
    assert set(plain) == {"appointmentId", "hospitalId", "doctorId", "gen", "jti", "aud", "iss", "exp"}
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "kid": "2026b"}


def test_a_token_of_the_previous_key_is_good_until_the_key_goes() -> None:
    old = issue(Tokens(settings(f"2026a:{OLD}")))
    assert Tokens(settings()).verify_tracking(old).generation == 3
    with pytest.raises(InvalidTrackingToken):
        Tokens(settings(f"2026b:{NEW}")).verify_tracking(old)


ATTACKS: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "words": lambda: "not a token",
    "dots": lambda: "..",
    "not ASCII": lambda: "ü.ü.ü",
    "NUL": lambda: "\0",
    "lone surrogate": lambda: "\ud800.a.b",
    "five parts": lambda: "a.b.c.d.e",
    "alg none": lambda: unsigned({"alg": "none", "kid": "2026b"}, GOOD),
    "alg None": lambda: unsigned({"alg": "None", "kid": "2026b"}, GOOD, "AA"),
    "no alg": lambda: unsigned({"kid": "2026b"}, GOOD),
    "alg HS512 with our key": lambda: jwt.encode(GOOD, NEW * 2, algorithm="HS512", headers={"kid": "2026b"}),
    "unsigned HS256": lambda: unsigned({"alg": "HS256", "kid": "2026b"}, GOOD),
    "other secret": lambda: forge(GOOD, key="x" * 40),
    "kid of the other key": lambda: forge(GOOD, headers={"kid": "2026a"}),
    "no kid": lambda: jwt.encode(GOOD, NEW, algorithm="HS256"),
    "kid path": lambda: forge(GOOD, key="\0" * 40, headers={"kid": "../../../../dev/null"}),
    "kid SQL": lambda: forge(GOOD, headers={"kid": "2026b' OR '1'='1"}),
    "kid a list": lambda: unsigned({"alg": "HS256", "kid": ["2026b"]}, GOOD, "AA"),
    "kid with other case": lambda: forge(GOOD, headers={"kid": "2026B"}),
    "embedded key": lambda: forge(GOOD, key="y" * 40, headers={"jwk": {"kty": "oct", "k": "eXl5"}, "kid": "2026b"}),
    "crit": lambda: forge(GOOD, headers={"kid": "2026b", "crit": ["exp"], "exp": 1}),
    "detached": lambda: forge(GOOD, headers={"kid": "2026b", "b64": False, "crit": ["b64"]}),
    "expired": lambda: forge(GOOD | {"exp": int(NOW.timestamp()) - 1}),
    "not yet": lambda: forge(GOOD | {"nbf": int(NOW.timestamp()) + 600}),
    "issued in the future": lambda: forge(GOOD | {"iat": int(NOW.timestamp()) + 600}),
    "no exp": lambda: forge(without("exp")),
    "exp infinite": lambda: forge(GOOD | {"exp": float("inf")}),
    "exp a string": lambda: forge(GOOD | {"exp": "never"}),
    "exp beyond time": lambda: forge(GOOD | {"exp": 10**400}),
    "no iss": lambda: forge(without("iss")),
    "wrong iss": lambda: forge(GOOD | {"iss": "somebody-else"}),
    "no aud": lambda: forge(without("aud")),
    "staff aud": lambda: forge(GOOD | {"aud": "staff"}),
    "both auds": lambda: forge(GOOD | {"aud": ["track", "staff"]}),
    "no jti": lambda: forge(without("jti")),
    "no appointment": lambda: forge(without("appointmentId")),
    "appointment no id": lambda: forge(GOOD | {"appointmentId": "1; DROP TABLE"}),
    "no generation": lambda: forge(without("gen")),
    "generation a string": lambda: forge(GOOD | {"gen": "0"}),
    "negative generation": lambda: forge(GOOD | {"gen": -1}),
    "a list": lambda: unsigned({"alg": "HS256", "kid": "2026b"}, [1, 2], "AA"),  # type: ignore[arg-type]
    "deep": lambda: "e30." + base64.urlsafe_b64encode(b"[" * 1500).rstrip(b"=").decode() + ".AA",
    "too long": lambda: forge(GOOD | {"pad": "x" * LONGEST_TRACKING_TOKEN}),
}


def test_the_claims_that_attacks_are_made_from_are_good() -> None:
    assert Tokens(settings()).verify_tracking(forge(GOOD)).jti == "j"


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_on_tracking_is_one_refusal(attack: str) -> None:
    with pytest.raises(InvalidTrackingToken):
        Tokens(settings()).verify_tracking(ATTACKS[attack]())


def test_no_changed_character_goes_unnoticed() -> None:
    tokens = Tokens(settings())
    token = issue(tokens)
    for place in range(len(token)):
        for other in "A-_z=. \n":
            if token[place] != other:
                with pytest.raises(InvalidTrackingToken):
                    tokens.verify_tracking(token[:place] + other + token[place + 1 :])
    for wrapped in (token + "=", " " + token, token + "\n", token + ".", token[:-1]):
        with pytest.raises(InvalidTrackingToken):
            tokens.verify_tracking(wrapped)


def account() -> Account:
    """Return an account that is in no database."""
    return Account(
        tenant=TenantId(uuid4()),
        id=AccountId(uuid4()),
        email="never@example.org",
        name="Never Shown",
        role=Role.DOCTOR,
        clinics=(ClinicId(uuid4()),),
        doctor=DoctorId(uuid4()),
        patient=None,
        disabled=False,
        version=1,
    )


def test_an_access_token_has_the_claims_of_the_contract_and_no_personal_data() -> None:
    tokens, who, session = Tokens(settings()), account(), uuid4()
    token = tokens.issue_access(who, session=session, now=NOW)
    plain = jwt.decode(token, options={"verify_signature": False})
    assert {"sub", "tenantId", "role", "clinicIds", "doctorId", "aud", "iss", "exp", "jti"} <= set(plain)
    assert "never" not in json.dumps(plain).lower()
    claims = tokens.verify_access(token)
    assert (claims.account, claims.tenant, claims.role) == (who.id, who.tenant, Role.DOCTOR)
    assert (claims.clinics, claims.doctor, claims.session) == (who.clinics, who.doctor, session)
    assert claims.expires_at == (NOW + timedelta(minutes=15)).replace(microsecond=0)


def test_one_kind_of_token_is_not_the_other() -> None:
    tokens = Tokens(settings())
    with pytest.raises(InvalidTrackingToken):
        tokens.verify_tracking(tokens.issue_access(account(), now=NOW))
    with pytest.raises(Unauthenticated):
        tokens.verify_access(issue(tokens))


def test_an_access_token_that_is_over_opens_nothing() -> None:
    tokens = Tokens(settings())
    with pytest.raises(Unauthenticated):
        tokens.verify_access(tokens.issue_access(account(), now=NOW - timedelta(minutes=16)))
    with pytest.raises(Unauthenticated):
        tokens.verify_access(tokens.issue_access(account(), now=NOW) + "x" * 9000)


def test_two_tokens_of_one_account_differ() -> None:
    tokens, who = Tokens(settings()), account()
    assert tokens.issue_access(who, now=NOW) != tokens.issue_access(who, now=NOW)
