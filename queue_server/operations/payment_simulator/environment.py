"""What a clinic's server is told of the simulated provider."""

import secrets

NAME = "simulator"
"""What it is called in the settings."""
WEBHOOK = f"/api/payments/webhook/{NAME}"


def settings_for(port: int) -> dict[str, str]:
    """Return what a clinic's environment says of a simulated provider on this port, with keys that nobody has seen."""
    return {
        "PAYMENT_PROVIDER": NAME,
        "PAYMENT_PROVIDER_URL": f"http://127.0.0.1:{port}",
        "PAYMENT_API_KEY": secrets.token_hex(16),
        "PAYMENT_WEBHOOK_SECRET": secrets.token_hex(32),
    }
