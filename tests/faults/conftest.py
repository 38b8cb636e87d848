"""The long forms (`python -m pytest tests/faults --full-faults`, or `make faults FULL=1`), and the campaigns' lines."""

import os

import pytest
from tests.faults.campaign import PROPERTY

_LONG = {
    "LIKEWISE_FAULTS_EVENTS": "1000000",  # T1b: events
    "LIKEWISE_FAULTS_KILLS": "1000",  # T3: workers killed
    "LIKEWISE_FAULTS_TEXTS": "20000",  # T18: texts of a tenant, while the provider fails
    "LIKEWISE_FAULTS_VICTIMS": "10000",  # T1: postmasters, backends, servers and workers killed
    "LIKEWISE_FAULTS_MODES": "all",  # T12: ways in which each database call fails
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-faults", action="store_true", help="run the fault campaigns in their long forms (hours)")


def pytest_configure(config: pytest.Config) -> None:
    """The campaigns read their sizes from the environment; what is set there already stays."""
    if config.getoption("--full-faults"):
        for name, value in _LONG.items():
            os.environ.setdefault(name, value)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What each campaign says of itself."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    lines = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == PROPERTY]
    if lines:
        terminalreporter.section("fault campaigns")
        for line in sorted(set(lines)):
            terminalreporter.write_line(line)
