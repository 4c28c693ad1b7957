"""Which budgets a request draws on: those of its address, its account and its tenant.

Addresses are bounded by the installation, for strangers belong to no tenant; a tenant may bound them further for its
own. Patients and staff draw on different budgets, so that a phone in the waiting room cannot stop the desk.
"""

import ipaddress
from hashlib import blake2b
from uuid import UUID

from queue_server.application.tenant_limits import TenantLimits
from queue_server.rate_limits.gcra import Draw, Rate
from queue_server.settings import Settings
from queue_server.store.rate_limits import ChosenLimits
from scheduling_core.ids import TenantId

NETWORK_BITS = 64
"""Of an IPv6 address: what follows each household and each phone makes up as it likes."""
FEWEST_AT_ONCE = 10
GUEST_HOLDS_AT_ONCE = 5
"""Minutes' worth of holds that may come at once: a waiting room whose next month has just been opened."""


def rate(per_minute: int, *, share: int = 6) -> Rate:
    """Return a rate of which a `share`-th of a minute's number, but at least ten, may come at once."""
    return Rate(per_minute, max(per_minute // share, FEWEST_AT_ONCE))


def counted_as(address: str) -> str:
    """Return the address, or the /64 network of an IPv6 address, by which requests are counted."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, NETWORK_BITS), strict=False))


class Budgets:
    """Makes the draws of requests. Their keys are keyed digests: who reads Redis learns no address and no id."""

    def __init__(self, settings: Settings, tenants: TenantLimits) -> None:
        self._tenants = tenants
        self._secret = blake2b(settings.jwt_keys[0].secret, person=b"rate-limits", digest_size=32).digest()
        self._granted = tenants.granted
        self._sign_ins = rate(settings.sign_ins_per_minute, share=2)
        holds = settings.guest_holds_per_minute
        self._guest_holds = Rate(holds, max(holds * GUEST_HOLDS_AT_ONCE, FEWEST_AT_ONCE))

    def sign_in(self, address: str) -> list[Draw]:
        """Return what an attempt to sign in draws on."""
        return [self._of_address("sign-in", address, self._sign_ins)]

    def read(self, address: str, tenant: TenantId | None = None) -> list[Draw]:
        """Return what a request of the public draws on; `tenant` only when a genuine link names it."""
        draws = [self._of_address("address-reads", address, rate(self._granted["address_reads"]))]
        if tenant is not None:
            chosen, group = self._tenants.of(tenant), self._group(tenant)
            draws.append(self._of_tenant(group, "tenant-reads", chosen))
            if chosen.address_reads is not None:
                draws.append(self._of_tenant(group, "address-reads", chosen, counted_as(address)))
        return draws

    def account_read(self, tenant: TenantId, account: UUID, *, address: str | None = None) -> list[Draw]:
        """Return what a read of an account draws on; with `address` also on that one's, as the public's reads do."""
        own = self._of_tenant(self._group(tenant), "user-reads", self._tenants.of(tenant), str(account))
        return [own, *(self.read(address) if address is not None else ())]

    def write(self, address: str, tenant: TenantId, account: UUID) -> list[Draw]:
        """Return what a write of an account draws on."""
        chosen, group = self._tenants.of(tenant), self._group(tenant)
        draws = [
            self._of_address("address-writes", address, rate(self._granted["address_writes"])),
            self._of_tenant(group, "tenant-writes", chosen),
            self._of_tenant(group, "user-writes", chosen, str(account)),
        ]
        if chosen.address_writes is not None:
            draws.append(self._of_tenant(group, "address-writes", chosen, counted_as(address)))
        return draws

    def booking(self, address: str) -> list[Draw]:
        """Return what a write of the public draws on: strangers belong to no tenant."""
        return [self._of_address("address-writes", address, rate(self._granted["address_writes"]))]

    def holding(self, address: str) -> list[Draw]:
        """Return what it costs somebody without an account to keep a time."""
        return [*self.booking(address), self._of_address("guest-holds", address, self._guest_holds)]

    def setting(self, address: str, tenant: TenantId, account: UUID) -> list[Draw]:
        """Return what setting limits draws on: the installation's budgets, so that nobody can lock themselves out."""
        group = self._group(tenant)
        return [
            self._of_address("address-writes", address, rate(self._granted["address_writes"])),
            self._of_tenant(group, "user-settings", ChosenLimits(), str(account), field="user_writes"),
        ]

    def _of_address(self, policy: str, address: str, at: Rate) -> Draw:
        group = "a" + self._digest("address", counted_as(address))
        return _draw(policy, group, "", at)

    def _of_tenant(
        self, group: str, policy: str, chosen: ChosenLimits, who: str = "", *, field: str | None = None
    ) -> Draw:
        name = field or policy.replace("-", "_")
        per_minute = getattr(chosen, name) or self._granted[name]
        return _draw(policy, group, self._digest(group, who) if who else "", rate(per_minute))

    def _group(self, tenant: TenantId) -> str:
        return "t" + self._digest("tenant", str(tenant))

    def _digest(self, kind: str, text: str) -> str:
        return blake2b(f"{kind}\0{text}".encode(), key=self._secret, digest_size=12).hexdigest()


def _draw(policy: str, group: str, who: str, at: Rate) -> Draw:
    # By its rate, too: a limit that was changed is another budget, for levels mean nothing at another rate.
    return Draw(policy, group, f"limit:{{{group}}}:{policy}:{at.per_minute}:{who}", at)
