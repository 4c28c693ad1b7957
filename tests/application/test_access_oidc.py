"""Tokens of an external issuer, whose keys come from a real HTTP server, under attack."""

import asyncio
import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from queue_server.application.actor import Actor, system
from queue_server.application.admin_bodies import IssuerBody, StaffChange
from queue_server.application.views.accounts import AccountView
from queue_server.store.db import Database
from scheduling_core.errors import Forbidden, InvalidValue, Unauthenticated, Unavailable
from scheduling_core.ids import TenantId
from scheduling_core.permissions import Role
from tests.access_graph import PASSWORD, AccessGraph
from tests.factories import Clinic, new_clinic
from tests.identity_provider import AUDIENCE, IdentityProvider, public_jwk, rsa_key


async def trust(world: AccessGraph, tenant: TenantId, provider: IdentityProvider, **given: Any) -> None:
    """Let a tenant trust the provider."""
    body = {"issuer": provider.issuer, "audience": AUDIENCE, "jwks_uri": provider.jwks_uri, **given}
    await world.issuers.put(system(tenant), tenant, IssuerBody(**body))


@pytest.fixture
async def person(world: AccessGraph, clinic: Clinic, provider: IdentityProvider) -> AccountView:
    """A receptionist of a tenant that trusts the provider."""
    await trust(world, clinic.tenant, provider, algorithms=("RS256", "ES256"))
    return await world.account(clinic.tenant, clinic_ids=(clinic.id,))


def of(provider: IdentityProvider, person: AccountView, **given: Any) -> str:
    """Return a token for a person, named by their verified e-mail address."""
    return provider.token(email=person.email, email_verified=True, **given)


async def test_a_verified_address_opens_the_account_with_our_role(
    world: AccessGraph, clinic: Clinic, provider: IdentityProvider, person: AccountView
) -> None:
    token = of(provider, person, role="admin", clinicIds=[], tenantId=str(uuid4()))
    session = await world.access.session(token)
    assert (session.actor.account, session.actor.tenant) == (person.id, clinic.tenant)
    assert (session.actor.role, session.actor.clinics) == (Role.RECEPTIONIST, (clinic.id,))


async def test_a_subject_that_is_the_accounts_id_opens_it(
    world: AccessGraph, provider: IdentityProvider, person: AccountView
) -> None:
    assert (await world.access.authenticate(provider.token(sub=str(person.id)))).account == person.id


async def test_an_elliptic_key_works_when_its_algorithm_is_pinned(
    world: AccessGraph, clinic: Clinic, provider: IdentityProvider, person: AccountView
) -> None:
    token = of(provider, person, key=provider.ec, algorithm="ES256", kid="ec-1")
    assert (await world.access.authenticate(token)).account == person.id
    await trust(world, clinic.tenant, provider, algorithms=("RS256",))
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(token)


def _segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _confused(provider: IdentityProvider, person: AccountView, secret: bytes, kid: str = "rsa-1") -> str:
    """A token signed by HMAC with what everybody can read: the classic confusion of RS256 and HS256."""
    claims = {"iss": provider.issuer, "aud": AUDIENCE, "sub": "x", "exp": 4102444800, "email": person.email}
    signed = f"{_segment({'alg': 'HS256', 'kid': kid})}.{_segment(claims | {'email_verified': True})}"
    signature = hmac.digest(secret, signed.encode(), sha256)
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _pem(provider: IdentityProvider) -> bytes:
    return provider.rsa.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _unsigned(provider: IdentityProvider, person: AccountView) -> str:
    good = of(provider, person).split(".")
    return f"{_segment({'alg': 'none', 'kid': 'rsa-1'})}.{good[1]}."


def _swapped(provider: IdentityProvider, person: AccountView) -> str:
    mine = provider.token(sub="x").split(".")
    return ".".join((mine[0], of(provider, person).split(".")[1], mine[2]))


OTHER = rsa_key(3)
Attack = Callable[[IdentityProvider, AccountView], str]
ATTACKS: dict[str, Attack] = {
    "alg none": _unsigned,
    "public key as PEM for a secret": lambda idp, who: _confused(idp, who, _pem(idp)),
    "public key as JWK for a secret": lambda idp, who: _confused(idp, who, json.dumps(idp.keys[0]).encode()),
    "modulus for a secret": lambda idp, who: _confused(idp, who, idp.keys[0]["n"].encode()),
    "kid of our own key": lambda idp, who: _confused(idp, who, _pem(idp), kid="test"),
    "claims of another token": _swapped,
    "another key": lambda idp, who: of(idp, who, key=OTHER),
    "another key brought along": lambda idp, who: of(idp, who, key=OTHER, headers={"jwk": public_jwk(OTHER, "rsa-1")}),
    "another key named": lambda idp, who: of(idp, who, key=OTHER, headers={"jku": idp.jwks_uri, "x5u": idp.jwks_uri}),
    "unknown kid": lambda idp, who: of(idp, who, kid="rsa-2"),
    "kid path": lambda idp, who: of(idp, who, kid="../../rsa-1"),
    "no kid": lambda idp, who: of(idp, who, kid=None),
    "kid of a key of another kind": lambda idp, who: of(idp, who, kid="ec-1"),
    "an algorithm that is not pinned": lambda idp, who: of(idp, who, algorithm="RS512"),
    "padding that is not pinned": lambda idp, who: of(idp, who, algorithm="PS256"),
    "expired": lambda idp, who: of(idp, who, lifetime=timedelta(seconds=-31)),
    "not yet": lambda idp, who: of(idp, who, nbf=4102444800),
    "no exp": lambda idp, who: of(idp, who, drop=("exp",)),
    "wrong aud": lambda idp, who: of(idp, who, aud="another-client"),
    "no aud": lambda idp, who: of(idp, who, drop=("aud",)),
    "no sub": lambda idp, who: of(idp, who, drop=("sub",)),
    "no iss": lambda idp, who: of(idp, who, drop=("iss",)),
    "an issuer nobody trusts": lambda idp, who: of(idp, who, iss="https://elsewhere.example"),
    "our own name as issuer": lambda idp, who: of(idp, who, iss="clinic-queue-server"),
    "issuer with NUL": lambda idp, who: of(idp, who, iss=idp.issuer + "\0"),
    "issuer with a slash more": lambda idp, who: of(idp, who, iss=idp.issuer + "/"),
    "issuer very long": lambda idp, who: of(idp, who, iss="https://" + "x" * 600),
    "address not verified": lambda idp, who: idp.token(email=who.email),
    "address said not to be verified": lambda idp, who: idp.token(email=who.email, email_verified=False),
    "address verified by words": lambda idp, who: idp.token(email=who.email, email_verified="yes"),
    "address verified by a number": lambda idp, who: idp.token(email=who.email, email_verified=1),
    "address a list": lambda idp, who: idp.token(email=[who.email], email_verified=True),
    "address as subject": lambda idp, who: idp.token(sub=who.email),
    "an account that is not there": lambda idp, who: idp.token(sub=str(uuid4())),
    "too long": lambda idp, who: of(idp, who, pad="x" * 8192),
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_attack_opens_nothing(
    world: AccessGraph, provider: IdentityProvider, person: AccountView, attack: str
) -> None:
    await world.access.authenticate(of(provider, person))  # what attacks are made from is good
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(ATTACKS[attack](provider, person))


async def test_a_disabled_account_is_out(
    world: AccessGraph, clinic: Clinic, provider: IdentityProvider, person: AccountView
) -> None:
    token = of(provider, person)
    await world.access.authenticate(token)
    await world.staff.update(system(clinic.tenant), person.id, StaffChange(disabled=True))
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(token)


async def test_an_issuer_that_is_no_longer_trusted_opens_nothing(
    world: AccessGraph, clinic: Clinic, provider: IdentityProvider, person: AccountView
) -> None:
    token = of(provider, person)
    await world.access.authenticate(token)
    await world.issuers.delete(system(clinic.tenant), clinic.tenant)
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(token)


async def test_an_issuer_cannot_vouch_for_a_platform_admin(
    world: AccessGraph, clinic: Clinic, provider: IdentityProvider, person: AccountView
) -> None:
    above = await world.account(clinic.tenant, Role.PLATFORM_ADMIN)
    for token in (of(provider, above), provider.token(sub=str(above.id))):
        with pytest.raises(Unauthenticated):
            await world.access.authenticate(token)


async def test_an_issuer_of_one_tenant_opens_nothing_in_another(
    world: AccessGraph, clinic: Clinic, database: Database, provider: IdentityProvider, person: AccountView
) -> None:
    other = await new_clinic(database)
    victim = await world.account(other.tenant)
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(of(provider, victim))
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(of(provider, victim), tenant=other.tenant)
    with pytest.raises(Forbidden):
        await world.access.authenticate(of(provider, person), tenant=other.tenant)
    assert (await world.access.authenticate(of(provider, person), tenant=clinic.tenant)).account == person.id


async def test_another_tenants_keys_for_the_same_issuer_do_not_open_ours(
    world: AccessGraph, clinic: Clinic, database: Database, provider: IdentityProvider, person: AccountView
) -> None:
    other, impostor = await new_clinic(database), IdentityProvider(2)
    await trust(world, other.tenant, provider, jwks_uri=impostor.jwks_uri)
    forged = impostor.token(iss=provider.issuer, email=person.email, email_verified=True)
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(forged)
    mine = await world.account(other.tenant)
    own = impostor.token(iss=provider.issuer, email=mine.email, email_verified=True)
    assert (await world.access.authenticate(own)).tenant == other.tenant
    with pytest.raises(Forbidden):
        await world.access.authenticate(own, tenant=clinic.tenant)
    impostor.stop()


async def test_an_issuer_shared_by_tenants_needs_a_choice_only_for_people_of_both(
    world: AccessGraph, clinic: Clinic, database: Database, provider: IdentityProvider, person: AccountView
) -> None:
    other = await new_clinic(database)
    await trust(world, other.tenant, provider)
    assert (await world.access.authenticate(of(provider, person))).tenant == clinic.tenant
    await world.account(other.tenant, email=person.email)
    with pytest.raises(InvalidValue) as ambiguous:
        await world.access.authenticate(of(provider, person))
    assert ambiguous.value.field == "X-Tenant-Id"
    assert (await world.access.authenticate(of(provider, person), tenant=other.tenant)).tenant == other.tenant


# ---- keys ---------------------------------------------------------------------------------------------------------


async def test_keys_are_fetched_once_for_many(
    world: AccessGraph, provider: IdentityProvider, person: AccountView
) -> None:
    actors = await asyncio.gather(*(world.access.authenticate(of(provider, person)) for _ in range(20)))
    assert all(isinstance(actor, Actor) for actor in actors)
    assert provider.requests == 1


async def test_a_new_key_is_fetched_but_unknown_ids_cannot_make_us_ask_without_end(
    world: AccessGraph, provider: IdentityProvider, person: AccountView
) -> None:
    await world.access.authenticate(of(provider, person))
    provider.keys.append(public_jwk(OTHER, "rsa-2"))
    rotated = of(provider, person, key=OTHER, kid="rsa-2")
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(rotated)
    world.later(31)
    await world.access.authenticate(rotated)
    asked = provider.requests
    for kid in range(20):
        with pytest.raises(Unauthenticated):
            await world.access.authenticate(of(provider, person, kid=f"made-up-{kid}"))
    assert provider.requests == asked


async def test_a_withdrawn_key_is_gone_after_the_set_is_fetched_again(
    world: AccessGraph, provider: IdentityProvider, person: AccountView
) -> None:
    token = of(provider, person, lifetime=timedelta(hours=1))
    await world.access.authenticate(token)
    del provider.keys[0]
    world.later(601)
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(token)


async def test_known_keys_outlive_an_outage_of_the_provider(
    world: AccessGraph, provider: IdentityProvider, person: AccountView
) -> None:
    await world.access.authenticate(of(provider, person))
    provider.status = 503
    world.later(3600)
    await world.access.authenticate(of(provider, person))
    world.later(24 * 3600)
    with pytest.raises(Unavailable):
        await world.access.authenticate(of(provider, person))


BAD_SETS: dict[str, Callable[[IdentityProvider], bytes]] = {
    "no JSON": lambda _: b"<html>",
    "no keys": lambda _: b"{}",
    "keys an object": lambda _: b'{"keys": {}}',
    "deep": lambda _: b'{"keys": [' + b'{"a":' * 50_000,
    "huge": lambda idp: json.dumps({"keys": idp.keys, "pad": "x" * 300_000}).encode(),
}


@pytest.mark.parametrize("name", BAD_SETS)
async def test_what_is_no_key_set_makes_the_provider_unavailable(
    world: AccessGraph, provider: IdentityProvider, person: AccountView, name: str
) -> None:
    provider.body = BAD_SETS[name](provider)
    with pytest.raises(Unavailable):
        await world.access.authenticate(of(provider, person))


async def test_a_redirect_is_not_followed(world: AccessGraph, provider: IdentityProvider, person: AccountView) -> None:
    elsewhere = IdentityProvider()
    provider.status, provider.headers = 302, {"Location": elsewhere.jwks_uri}
    with pytest.raises(Unavailable):
        await world.access.authenticate(of(provider, person))
    assert elsewhere.requests == 0
    elsewhere.stop()


SHORT = rsa.generate_private_key(public_exponent=65537, key_size=1024)
P384 = ec.generate_private_key(ec.SECP384R1())
BAD_KEYS: dict[str, tuple[dict[str, Any], Any, str]] = {
    "a short RSA key": (public_jwk(SHORT, "k"), SHORT, "RS256"),
    "a key for encryption": (public_jwk(OTHER, "k", use="enc"), OTHER, "RS256"),
    "a key for another algorithm": (public_jwk(OTHER, "k", alg="RS512"), OTHER, "RS256"),
    "a symmetric key": (
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "k"},
        OTHER,
        "RS256",
    ),
    "a key without its parts": ({"kty": "RSA", "kid": "k", "use": "sig"}, OTHER, "RS256"),
    "a curve of another algorithm": (public_jwk(P384, "k"), P384, "ES384"),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("name", BAD_KEYS)
async def test_an_unfit_key_verifies_nothing(
    world: AccessGraph, provider: IdentityProvider, person: AccountView, name: str
) -> None:
    jwk, key, algorithm = BAD_KEYS[name]
    provider.keys = [jwk]
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(of(provider, person, key=key, algorithm=algorithm, kid="k"))


async def test_a_key_id_given_twice_is_nobodys(
    world: AccessGraph, provider: IdentityProvider, person: AccountView
) -> None:
    provider.keys = [public_jwk(provider.rsa, "rsa-1"), public_jwk(OTHER, "rsa-1")]
    for key in (provider.rsa, OTHER):
        with pytest.raises(Unauthenticated):
            await world.access.authenticate(of(provider, person, key=key))


async def test_an_own_token_needs_no_provider(
    world: AccessGraph, provider: IdentityProvider, person: AccountView
) -> None:
    provider.status = 503
    signed_in = await world.access.login(person.email, PASSWORD)
    assert (await world.access.authenticate(signed_in.access_token)).account == person.id
    assert provider.requests == 0
