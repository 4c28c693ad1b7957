"""A payment provider that moves no money: for the demo and for tests.

It takes intents and refunds as a provider does, shows people a page to pay on, and tells of what has happened by signed
notices – late, doubled, out of order, forged or lying, as it is told to.
"""
