"""The proxy's configuration, as far as it can be held to something without a proxy."""

from pathlib import Path

CONFIGURATION = (Path(__file__).parent.parent / "deploy" / "haproxy.cfg").read_text()


def test_metrics_are_refused_in_every_spelling_that_servers_understand() -> None:
    (rule,) = [line.strip() for line in CONFIGURATION.splitlines() if "/metrics" in line]
    # Servers decode /%6detrics to /metrics, so the proxy must compare what is decoded.
    assert rule == "http-request deny deny_status 404 if { path,url_dec -m end /metrics }"
