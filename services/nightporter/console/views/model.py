"""Model: whether last night's scores can be trusted; what was measured, and what the model cannot see."""

from typing import Any

import streamlit as st

from nightporter.console import charts, plain, words
from nightporter.console.panel import empty, panel, table_height
from nightporter.console.plain import visible
from nightporter.console.questions.models import Run
from nightporter.console.questions.models import runs as runs_of
from nightporter.console.views import models
from nightporter.console.visit import Visit
from nightporter.features.fields import BY_NAME

CANNOT_SEE = (
    "an attacker who uses a person's own device, at their hours, on their servers, for one login",
    "what happens after a login, unless sudo, su or cron logs it",
    "servers that send nothing: see Health",
    "names and servers in their first days, before anything is usual for them",
    "habits that were already an attacker's while the model learned",
)


def show(visit: Visit) -> None:
    """The page."""
    visit.opened("opened", "the page of the model")
    runs = runs_of(visit.client)
    if not runs:
        empty(
            "No model has been trained yet.",
            "A night learns from the days before it: load some weeks of logins, then run one.",
            "nightporter night --date YYYY-MM-DD",
        )
        return
    nights = [run.night for run in runs]
    chosen = st.selectbox("Night (UTC)", range(len(runs)), key="run", format_func=lambda n: words.night(nights[n]))
    run = runs[chosen or 0]
    found = f"{words.count(run.logins, 'login')} scored, {words.count(run.flags, 'flag')}"
    plain.text(f"Run {run.model_run}: {found}.", "muted-run")
    with panel():
        _gate(run)
    left, right = st.columns(2, gap="large")
    with left, panel(height=240):
        _canaries(run)
    with right, panel(height=240):
        _curves(run)
    with panel():
        _drift(run)
    with panel(height=200):
        models.show(visit, runs)
    with panel(height=200):
        _history(visit, runs)
    st.subheader("What it cannot see", anchor=False)
    st.markdown("\n".join(f"- {text}" for text in CANNOT_SEE))


def _gate(run: Run) -> None:
    st.subheader("The gate", anchor=False)
    gate = run.part("gate")
    if not gate:
        st.caption("This run has no record of a gate.")
        return
    scored_by = str(gate.get("scored_by") or run.model_run)
    if gate.get("promoted"):
        st.markdown("**The new model passed and scored this night.**")
    else:
        st.markdown("**The new model did not pass: an earlier one scored this night.**")
        st.text(f"Scored by {visible(scored_by)}.")
    checks = [check for check in gate.get("checks", []) if isinstance(check, dict)]
    if checks:
        st.dataframe(
            {
                "passed": ["✓ passed" if check.get("passed") else "✗ failed" for check in checks],
                "text": [visible(str(check.get("text", ""))) for check in checks],
                "value": [_number(check.get("value")) for check in checks],
                "bound": [_number(check.get("bound")) for check in checks],
            },
            hide_index=True,
            height=table_height(len(checks)),
            column_config={
                "passed": st.column_config.TextColumn("Check", width=90),
                "text": st.column_config.TextColumn("What was found", width=800),
                "value": st.column_config.NumberColumn("Value", format="%.4g"),
                "bound": st.column_config.NumberColumn("Bound", format="%.4g"),
            },
            alt="Checks of the gate",
        )


def _canaries(run: Run) -> None:
    st.subheader("Planted attacks that were found", anchor=False)
    canaries = run.part("canaries")
    kinds = canaries.get("kinds") if isinstance(canaries.get("kinds"), dict) else {}
    if not kinds:
        st.caption("Nothing was planted in this night.")
        return
    recalls = {"this model": canaries.get("recall"), "the model before": canaries.get("incumbent")}
    recalls |= {str(name): value for name, value in (canaries.get("baselines") or {}).items()}
    known = {name: float(value) for name, value in recalls.items() if isinstance(value, int | float)}
    st.dataframe(
        {
            "kind": [visible(words.technique_of(kind)) for kind in kinds],
            "found": [f"{part.get('found', 0)} of {part.get('planted', 0)}" for part in kinds.values()],
        },
        hide_index=True,
        height=table_height(len(kinds), 10),
        column_config={"kind": "Kind of attack", "found": "Found within the budget"},
        alt="Planted attacks by kind",
    )
    told = ", ".join(f"{name} {value:.0%}" for name, value in known.items())
    plain.text(f"Of all planted: {told}.", "muted-planted")


def _curves(run: Run) -> None:
    st.subheader("How it learned", anchor=False)
    curve = run.part("curve")
    rows = [
        {"epoch": number, "loss": float(loss), "of": name}
        for key, name in (("train", "training days"), ("held_out", "held-out days"))
        for number, loss in enumerate(curve.get(key) or [], 1)
        if isinstance(loss, int | float)
    ]
    if not rows:
        st.caption("This run has no learning curve.")
        return
    if len(rows) == len({row["of"] for row in rows}):  # it went on from the model of the night before
        told = ", ".join(f"{row['loss']:.2f} nats on {row['of']}" for row in rows)
        st.caption(f"It went on from the model before and passed once over the data: surprise per login {told}.")
        return
    st.altair_chart(charts.curves(rows, charts.ink()), key="curve", alt="Surprise per login after each pass")
    st.caption("The two lines should fall together; a growing gap means it learns by heart.")


def _drift(run: Run) -> None:
    st.subheader("Stability and drift", anchor=False)
    overlap, drift = run.part("stability").get("overlap"), run.part("drift")
    if overlap is None and not drift:
        st.caption("This run has no record of stability and drift.")
        return
    boxes = st.columns(3)
    if isinstance(overlap, int | float):
        boxes[0].metric("Flags both models agree on", f"{overlap:.0%}")
    if isinstance(drift.get("nll"), int | float):
        boxes[1].metric("Surprise per login", f"{drift['nll']:.2f} nats")
    unknown = {
        str(k): float(v) for k, v in (drift.get("oov") or {}).items() if k in BY_NAME and isinstance(v, int | float)
    }
    if unknown:
        worst = max(unknown, key=lambda name: unknown[name])
        boxes[2].metric(f"Unknown values of {words.respect(worst)}", f"{unknown[worst]:.1%}")
    checks = [check for check in run.summary.get("checks") or [] if isinstance(check, dict)]
    for check in checks:
        if check.get("level") != "ok":
            st.text(f"{check.get('level')}: {visible(str(check.get('text', '')))}")


def _history(visit: Visit, runs: list[Run]) -> None:
    st.subheader("All nights", anchor=False)
    st.dataframe(
        {
            "night": [run.night for run in runs],
            "logins": [run.logins for run in runs],
            "flags": [run.flags for run in runs],
            "gate": [_verdict(run) for run in runs],
            "recall": [models.share(run.part("canaries").get("recall")) for run in runs],
            "finished": [visit.clock(run.finished) for run in runs],
            "run": [visible(run.model_run) for run in runs],
        },
        hide_index=True,
        height=table_height(len(runs), 8),
        column_config={
            "night": "Night",
            "logins": "Logins",
            "flags": "Flags",
            "gate": "Gate",
            "recall": "Planted attacks found",
            "finished": visit.heading("Finished"),
            "run": "Run",
        },
        alt="Runs of all nights, newest first",
    )


def _verdict(run: Run) -> str:
    gate = run.part("gate")
    return "" if not gate else "passed" if gate.get("promoted") else "did not pass: the model before scored"


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
