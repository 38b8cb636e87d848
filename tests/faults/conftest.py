"""The long forms (`python -m pytest tests/faults --full-faults`, or `make faults FULL=1`)."""

import os

import pytest

_LONG = {
    "LIKEWISE_FAULTS_EVENTS": "1000000",  # T1b: events
    "LIKEWISE_FAULTS_KILLS": "1000",  # T3: workers killed
    "LIKEWISE_FAULTS_TEXTS": "20000",  # T18: texts of a tenant, while the provider fails
    "LIKEWISE_FAULTS_VICTIMS": "10000",  # T1: postmasters, backends, servers and workers killed
    "LIKEWISE_FAULTS_LOADS": "200",  # loads killed
    "LIKEWISE_FAULTS_SEARCHES": "1000000",  # T9: searches beside churn
    "LIKEWISE_FAULTS_EXPIRIES": "100000",  # T10: values that expire before a crowd
    "LIKEWISE_FAULTS_ARRIVALS": "20000",  # T15: requests at each rate
    "LIKEWISE_FAULTS_SENDERS": "1000",  # T3 of the inbox: processes killed that send answers
    "LIKEWISE_FAULTS_STRIKES": "1000",  # T1 and T4 of the inbox: kills, restarts and cuts beside messages and answers
    "LIKEWISE_FAULTS_PEOPLE": "100000",  # what people do to the same clusters at once
    "LIKEWISE_FAULTS_MODES": "all",  # T12: ways in which each database call fails
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-faults", action="store_true", help="run the fault campaigns in their long forms (hours)")


def pytest_configure(config: pytest.Config) -> None:
    """The campaigns read their sizes from the environment; what is set there already stays."""
    if config.getoption("--full-faults"):
        for name, value in _LONG.items():
            os.environ.setdefault(name, value)
