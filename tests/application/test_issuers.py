"""Which external issuers a tenant may choose to trust."""

import json
from uuid import uuid4

import msgspec
import pytest

from queue_server.application.actor import Actor
from queue_server.application.admin_bodies import IssuerBody
from queue_server.settings import Settings
from queue_server.store.db import Database
from scheduling_core.errors import Forbidden, InvalidValue, NotFound
from scheduling_core.permissions import Role
from tests.access_graph import AccessGraph
from tests.factories import Clinic, new_clinic

ISSUER = "https://login.example.org/realm"
JWKS = "https://login.example.org/realm/keys"


def body(**given: object) -> IssuerBody:
    """Return a body that is fine but for what is given."""
    return IssuerBody(**({"issuer": ISSUER, "audience": "desk", "jwks_uri": JWKS} | given))  # type: ignore[arg-type]


async def test_the_issuer_is_set_replaced_and_removed(world: AccessGraph, clinic: Clinic) -> None:
    admin = clinic.actor(Role.ADMIN)
    with pytest.raises(NotFound):
        await world.issuers.get(admin, clinic.tenant)
    for issuer in (ISSUER, ISSUER + "/two"):
        put = await world.issuers.put(admin, clinic.tenant, body(issuer=issuer, algorithms=("ES256", "ES256")))
        assert await world.issuers.get(admin, clinic.tenant) == put
        assert (put.issuer, put.algorithms) == (issuer, ("ES256",))
    await world.issuers.delete(admin, clinic.tenant)
    with pytest.raises(NotFound):
        await world.issuers.delete(admin, clinic.tenant)
    events = await world.events(clinic.tenant)
    assert [type for type, _ in events] == ["issuer_changed", "issuer_changed", "issuer_removed"]
    assert "example.org" not in json.dumps(events)


async def test_only_an_admin_of_the_whole_tenant_chooses(
    world: AccessGraph, clinic: Clinic, database: Database
) -> None:
    async def refused(actor: Actor, error: type[Exception]) -> None:
        with pytest.raises(error):
            await world.issuers.get(actor, clinic.tenant)
        with pytest.raises(error):
            await world.issuers.put(actor, clinic.tenant, body())
        with pytest.raises(error):
            await world.issuers.delete(actor, clinic.tenant)

    await refused(clinic.actor(Role.RECEPTIONIST), Forbidden)
    await refused(clinic.actor(Role.ADMIN, clinics=(clinic.id,)), Forbidden)
    await refused((await new_clinic(database)).actor(Role.ADMIN), NotFound)
    with pytest.raises(NotFound):
        await world.issuers.get(clinic.actor(Role.ADMIN), uuid4())


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("jwksUri", {"jwks_uri": "http://login.example.org/keys"}),
        ("jwksUri", {"jwks_uri": "file:///etc/passwd"}),
        ("jwksUri", {"jwks_uri": "ftp://127.0.0.1/keys"}),
        ("jwksUri", {"jwks_uri": "https:///keys"}),
        ("jwksUri", {"jwks_uri": "https://user:word@login.example.org/keys"}),
        ("jwksUri", {"jwks_uri": "https://login.example.org/keys#part"}),
        ("jwksUri", {"jwks_uri": "https://[::1/keys"}),
        ("jwksUri", {"jwks_uri": "no address"}),
        ("issuer", {"issuer": "clinic-queue-server"}),
        ("issuer", {"issuer": "https://login.example.org/\0"}),
        ("audience", {"audience": " "}),
        ("algorithms", {"algorithms": ("HS256",)}),
        ("algorithms", {"algorithms": ("RS256", "none")}),
        ("algorithms", {"algorithms": ("rs256",)}),
    ],
)
async def test_what_is_not_safe_is_refused_by_field(
    world: AccessGraph, clinic: Clinic, field: str, given: dict[str, object]
) -> None:
    with pytest.raises(InvalidValue) as refused:
        await world.issuers.put(clinic.actor(Role.ADMIN), clinic.tenant, body(**given))
    assert refused.value.field == field


LOCAL = [
    "https://127.0.0.1/keys",
    "http://localhost:9000/keys",
    "https://idp.localhost/keys",
    "https://[::1]/keys",
    "https://[::ffff:127.0.0.1]/keys",
    "https://0.0.0.0/keys",
    "https://169.254.169.254/keys",
]


@pytest.mark.parametrize("uri", LOCAL)
async def test_a_public_server_never_asks_itself(
    settings: Settings, database: Database, clinic: Clinic, uri: str
) -> None:
    public = msgspec.structs.replace(settings, public_url="https://queue.example.org")
    world = AccessGraph(public, database)
    with pytest.raises(InvalidValue):
        await world.issuers.put(clinic.actor(Role.ADMIN), clinic.tenant, body(jwks_uri=uri))
    await world.close()
