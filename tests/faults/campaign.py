"""What every fault campaign says of itself, in one form."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec

__all__ = ["PROPERTY", "Campaign", "commit", "tell"]

PROPERTY = "campaign"
_CONFIDENCE_95 = 3.0  # nothing seen in n trials: with 95 % confidence it happens in fewer than 3 of n


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign's figures. `worst_ms`: the longest time one fault kept the promise's owner from going on."""

    promise: str
    trials: int
    faults: int
    acknowledged: int
    lost: int
    duplicated: int
    leaked: int
    worst_ms: float
    seed: int

    def line(self) -> str:
        """One line for people and for grep."""
        harm = self.lost + self.duplicated + self.leaked
        bound = "broken" if harm else f"< {_CONFIDENCE_95 / self.trials:.2g}" if self.trials else "unknown"
        return (
            f"{self.promise}: trials {self.trials}, faults {self.faults}, acknowledged {self.acknowledged},"
            f" lost {self.lost}, duplicated {self.duplicated}, leaked {self.leaked}, worst {self.worst_ms:.0f} ms,"
            f" harm per trial (95 %) {bound}, seed {self.seed}, commit {commit()}"
        )


def commit() -> str:
    """The commit that is tested; `+` where the tree has changed since."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def tell(campaign: Campaign, record_property: Callable[[str, object], None]) -> None:
    """Hand the line to pytest; conftest.py prints it at the end, also where several processes run the tests."""
    record_property(PROPERTY, campaign.line())
