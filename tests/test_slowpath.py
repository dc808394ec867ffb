"""The path that delays every packet, on which the speed of a check is measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from servers.slowpath import alone, obstacle

ROUND_TRIP = 0.05  # seconds

FAR_END = """
import signal
from servers.dnsserver import DnsServer
from servers.faultserver import FaultServer
from servers.scripts import SILENT
from servers.slowpath import FAR

with DnsServer({"mail.example.test": {"A": [FAR]}}, host=FAR, port=53):
    with FaultServer(SILENT, host=FAR, port=25):
        print("ready", flush=True)
        signal.pause()
"""
NEAR_END = """
import json, socket, sys, time
import dns.message, dns.query
from servers.slowpath import FAR, SlowPath

round_trip, far_end = sys.argv[1:]
with SlowPath(float(round_trip), [sys.executable, "-c", far_end]) as path:
    start = time.perf_counter()
    socket.create_connection((FAR, 25), timeout=5).close()
    connected = time.perf_counter()
    dns.query.udp(dns.message.make_query("mail.example.test", "A"), FAR, timeout=5)
    answered = time.perf_counter()
print(json.dumps([path.said, connected - start, answered - connected]))
"""


def test_connections_and_look_ups_take_a_round_trip() -> None:
    """Nothing gets through sooner, whichever protocol it speaks."""
    hindered = obstacle()
    if hindered is not None:
        pytest.skip(hindered)

    done = subprocess.run(
        alone(sys.executable, "-c", NEAR_END, str(ROUND_TRIP), FAR_END),
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        timeout=30,
        check=False,
    )

    assert not done.returncode, done.stderr
    said, connecting, looking_up = json.loads(done.stdout)
    assert said == "ready"
    assert connecting >= ROUND_TRIP
    assert looking_up >= ROUND_TRIP


def test_a_far_end_that_does_not_start_is_an_error() -> None:
    """Nobody measures against nothing."""
    hindered = obstacle()
    if hindered is not None:
        pytest.skip(hindered)

    done = subprocess.run(
        alone(sys.executable, "-c", NEAR_END, str(ROUND_TRIP), "raise SystemExit"),
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        timeout=30,
        check=False,
    )

    assert "did not start" in done.stderr
