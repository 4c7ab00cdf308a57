"""The gate: whether a new model may take the place of the one before, decided on nothing but what was measured."""

import math
from dataclasses import dataclass
from typing import Any

WORSE_ERROR = 1.03  # times the earlier model's error on the night's logins, which neither has seen
WORSE_RECALL = 0.05  # share of planted attacks that may be missed beyond what others miss: one of thirty is noise
LEAST_OVERLAP = 0.7  # share of the night's flags that both models agree on


@dataclass(frozen=True)
class Measured:
    """What is known of one model on one night."""

    run: str
    error: float  # mean reconstruction error of the night's logins, in nats
    recall: float | None  # share of planted attacks within the budget; None where none could be planted
    finite: bool
    schema: str


@dataclass(frozen=True)
class Check:
    """One comparison, as the console shows it."""

    name: str
    value: float
    bound: float
    passed: bool
    text: str


@dataclass(frozen=True)
class Decision:
    """What the gate decided; `scored_by` is the run whose model scores the night."""

    promoted: bool
    scored_by: str
    checks: tuple[Check, ...]

    def as_dict(self) -> dict[str, Any]:
        """For the record of the run."""
        return {
            "promoted": self.promoted,
            "scored_by": self.scored_by,
            "checks": [vars(check) for check in self.checks],
        }

    @property
    def reason(self) -> str:
        """One sentence: why."""
        failed = [check.text for check in self.checks if not check.passed]
        if self.promoted:
            return "The new model passed every check." if not failed else f"There is no older model. {' '.join(failed)}"
        return f"The model {self.scored_by} stays. {' '.join(failed)}"


def decide(
    candidate: Measured, incumbent: Measured | None, baselines: dict[str, float], overlap: float | None
) -> Decision:
    """Promotes `candidate` if it passes every check; else the incumbent scores.

    `baselines`: their recalls of the planted attacks; `overlap`: share of flags that both models agree on, None where
    neither has any. Without an incumbent a candidate of finite weights is promoted whatever else it does: there is
    nothing else to score with, and its failed checks are on record.
    """
    checks = [_finite(candidate)]
    if incumbent is not None:
        checks += [_schema(candidate, incumbent), _error(candidate, incumbent)]
        if candidate.recall is not None and incumbent.recall is not None:
            checks.append(_recall(candidate.recall, incumbent.recall))
    if candidate.recall is not None and baselines:
        checks.append(_baseline(candidate.recall, baselines))
    if incumbent is not None and overlap is not None:
        checks.append(_overlap(overlap))
    passed = all(check.passed for check in checks)
    if incumbent is None:
        return Decision(candidate.finite, candidate.run if candidate.finite else "", tuple(checks))
    return Decision(passed, candidate.run if passed else incumbent.run, tuple(checks))


def _finite(candidate: Measured) -> Check:
    text = "All weights are finite numbers." if candidate.finite else "The new model's weights are not finite numbers."
    return Check("weights", float(candidate.finite), 1.0, candidate.finite, text)


def _schema(candidate: Measured, incumbent: Measured) -> Check:
    same = candidate.schema == incumbent.schema
    text = "Both models read the same fields." if same else "The models read different fields."
    return Check("schema", float(same), 1.0, same, text)


def _error(candidate: Measured, incumbent: Measured) -> Check:
    bound = WORSE_ERROR * incumbent.error
    passed = math.isfinite(candidate.error) and (candidate.error <= bound or not math.isfinite(bound))
    text = (
        f"It takes {candidate.error:.2f} nats to tell a login of this night, the model before {incumbent.error:.2f}; "
        f"at most {bound:.2f} are allowed."
    )
    return Check("error", candidate.error, bound, passed, text)


def _recall(mine: float, before: float) -> Check:
    bound = before - WORSE_RECALL
    text = (
        f"It finds {mine:.0%} of the planted attacks, the model before {before:.0%}; at least {bound:.0%} are needed."
    )
    return Check("recall", mine, bound, mine >= bound - 1e-9, text)


def _baseline(mine: float, baselines: dict[str, float]) -> Check:
    name, best = max(baselines.items(), key=lambda pair: pair[1])
    bound = best - WORSE_RECALL
    text = (
        f"It finds {mine:.0%} of the planted attacks, the best simple method ({name}) {best:.0%}; "
        f"at least {bound:.0%} are needed."
    )
    return Check("baseline", mine, bound, mine >= bound - 1e-9, text)


def _overlap(overlap: float) -> Check:
    text = f"Both models agree on {overlap:.0%} of the flags; at least {LEAST_OVERLAP:.0%} are needed."
    return Check("overlap", overlap, LEAST_OVERLAP, overlap >= LEAST_OVERLAP - 1e-9, text)
