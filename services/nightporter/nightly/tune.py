"""Tuning: another recipe for training, chosen by the error on held-out days, kept only if it also finds more.

Optuna's TPE proposes, successive halving stops what does not promise anything; the study is a file in the home folder,
so that it can be interrupted and gone on with. The best few are then compared on planted attacks, where a lower error
alone counts for nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.errors import NightError
from nightporter.features.stream import Logins, read_logins
from nightporter.model.detector import fit, fit_with_probe
from nightporter.model.recipe import TUNED, keep_recipe, recipe_of
from nightporter.model.train import Curve, Recipe
from nightporter.nightly.contest import compare
from nightporter.nightly.days import THIN, Split, split_days, split_rows, volumes
from nightporter.settings import Settings

MOST_LOGINS = 300_000  # that one trial learns from
FINALISTS = 2


@dataclass(frozen=True)
class Tuned:
    """What tuning found: errors in nats a login, shares of planted attacks, and the recipe that is used from now on."""

    trials: int
    error: tuple[float, float]  # of the recipe so far, of the best one
    recall: tuple[float, float]
    recipe: Recipe
    kept: bool  # whether the recipe so far stays


def tune(client: Client, settings: Settings, night: date, trials: int, progress: Callable[[str], None]) -> Tuned:
    """Tries `trials` recipes on the days before a night; what is found is used by every later cold start.

    NightError where there are too few days, or where optuna is not installed.
    """
    try:
        import optuna
        from optuna.storages.journal import JournalFileBackend, JournalStorage
    except ImportError as error:
        raise NightError("Tuning needs optuna; install it with `.venv/bin/pip install 'optuna>=4'`.") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    days = [day for day, _ in volumes(client, night, settings.training_window_days)[:-1]]
    learn_from, held_out_from = split_days(days)
    progress(f"reading {days[0]} to {night}")
    logins = read_logins(client, days[0], night + timedelta(days=1), thin=THIN, whole_from=night)
    split = split_rows(logins, learn_from, held_out_from, night)
    usual = recipe_of(settings.home / "models")

    def objective(trial: Any) -> float:
        recipe = replace(
            usual,
            peak_rate=trial.suggest_float("peak_rate", 1e-3, 1.5e-2, log=True),
            batch=trial.suggest_categorical("batch", [512, 1024, 2048]),
            hide=trial.suggest_float("hide", 0.002, 0.1, log=True),
            decay=trial.suggest_float("decay", 1e-3, 1e-1, log=True),
            warm_up=trial.suggest_float("warm_up", 0.05, 0.4),
            most_logins=MOST_LOGINS,
        )

        def watch(curve: Curve) -> None:
            trial.report(curve.held_out[-1], len(curve.held_out))
            if trial.should_prune():
                raise optuna.TrialPruned

        curve = fit(logins, split.early, split.late, seeds=[0], recipe=recipe, watch=watch).curves[0]
        progress(f"recipe {trial.number + 1}: {min(curve.held_out):.3f} nats a held-out login")
        return min(curve.held_out)

    storage = JournalStorage(JournalFileBackend(str(settings.home / "tuning.journal")))
    study = optuna.create_study(
        study_name=f"{night}", storage=storage, load_if_exists=True, sampler=optuna.samplers.TPESampler(seed=0),
        pruner=optuna.pruners.SuccessiveHalvingPruner(),
    )  # fmt: skip
    if not study.trials:
        study.enqueue_trial({name: getattr(usual, name) for name in TUNED})
    done = sum(trial.state.is_finished() for trial in study.trials)
    study.optimize(objective, n_trials=max(trials - done, 0))
    finished = sorted(
        (trial for trial in study.trials if trial.value is not None), key=lambda trial: trial.value or 0.0
    )
    best = [replace(usual, **{name: trial.params[name] for name in TUNED}) for trial in finished[:FINALISTS]]
    return _final(client, settings, logins, split, night, days[0], usual, best, len(study.trials), progress)


def _final(
    client: Client, settings: Settings, logins: Logins, split: Split, night: date, since: date, usual: Recipe,
    best: list[Recipe], trials: int, progress: Callable[[str], None],
) -> Tuned:  # fmt: skip
    """Compares finalists with the usual recipe as the gate does, and keeps the first that is no worse in anything."""
    detector = fit_with_probe(logins, split.early, split.late, seed=0, recipe=usual, progress=progress)[0]
    errors, recalls = (float("nan"), float("nan")), (float("nan"), float("nan"))
    for recipe in [recipe for recipe in best if recipe != usual]:
        other = fit_with_probe(logins, split.early, split.late, seed=0, recipe=recipe, progress=progress)[0]
        contest = compare(
            client,
            logins,
            split,
            night,
            since,
            settings.review_budget,
            ("tuned", other),
            ("usual", detector),
            None,
            progress,
        )
        errors = detector.error(logins, split.night), other.error(logins, split.night)
        recalls = (contest.canaries["incumbent"] or 0.0, contest.canaries["recall"] or 0.0)
        if errors[1] < errors[0] and recalls[1] >= recalls[0]:
            keep_recipe(settings.home / "models", recipe)
            return Tuned(trials, errors, recalls, recipe, False)
    return Tuned(trials, errors, recalls, usual, True)
