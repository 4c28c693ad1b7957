"""The page on which people pay the simulated provider."""

from html import escape

from queue_server.operations.payment_simulator.ledger import IntentStatus, SimulatedIntent

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action *; frame-ancestors 'none'"
_WITHOUT_MINOR = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])

_STYLE = """
:root { color-scheme: light dark; font: 1.05rem/1.5 system-ui, sans-serif }
body { margin: 0; display: grid; place-items: center; min-height: 100vh }
main { max-width: 24rem; padding: 1.5rem; width: 100%; box-sizing: border-box }
.amount { font-size: 2rem; font-weight: 700; margin: 0 0 1rem }
button, a.back { display: block; width: 100%; padding: .9rem; margin: .5rem 0; font: inherit; font-weight: 600;
  border-radius: .6rem; border: 2px solid #0b57d0; text-align: center; box-sizing: border-box; cursor: pointer }
button.pay { background: #0b57d0; color: #fff }
button.decline, a.back { background: Canvas; color: CanvasText }
"""
_SAID = {
    IntentStatus.PAID: "Paid. Thank you.",
    IntentStatus.REFUNDED: "This payment was given back.",
    IntentStatus.FAILED: "The last attempt was declined. You can try again.",
    IntentStatus.CANCELLED: "Nothing is to be paid here any more.",
    IntentStatus.PENDING: "",
}


def page(intent: SimulatedIntent) -> str:
    """Return the page of an intent: to pay or decline while it is open, else the way back."""
    is_open = intent.status in (IntentStatus.PENDING, IntentStatus.FAILED)
    back = f'<a class="back" href="{escape(intent.return_url)}">Back to the clinic</a>'
    form = (
        '<form method="post"><button class="pay" name="choice" value="pay">Pay</button>'
        '<button class="decline" name="choice" value="decline">Decline</button></form>'
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Simulated payment</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        "<body><main><h1>Simulated payment</h1><p>No money moves here.</p>"
        f'<p class="amount">{escape(shown(intent))}</p>'
        f'<p role="status">{_SAID[intent.status]}</p>{form if is_open else back}</main></body></html>'
    )


def shown(intent: SimulatedIntent) -> str:
    """Return the amount in whole units, with its currency."""
    digits = 0 if intent.currency in _WITHOUT_MINOR else 3 if intent.currency in _THOUSANDTHS else 2
    return f"{intent.amount / 10**digits:,.{digits}f} {intent.currency}"
