"""Accounts as clients see them."""

from queue_server.application.views.accounts import AccountView
from queue_server.store.accounts import Account


def account_view(account: Account) -> AccountView:
    """Return the account without anything secret."""
    return AccountView(
        id=account.id,
        tenant_id=account.tenant,
        email=account.email or "",
        name=account.name,
        role=account.role,
        clinic_ids=account.clinics,
        doctor_id=account.doctor,
        patient_id=account.patient,
        disabled=account.disabled,
        version=account.version,
    )
