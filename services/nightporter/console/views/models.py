"""The models that are kept; an admin makes another one the current one: two steps, a reason, a record."""

from typing import Any

import streamlit as st

from nightporter.console import plain, words
from nightporter.console.panel import empty, table_height
from nightporter.console.plain import visible
from nightporter.console.questions.models import Run
from nightporter.console.visit import Visit
from nightporter.errors import ReviewError
from nightporter.store import models
from nightporter.store.models import Choice, Model

WANTED, SAID = "wanted model", "said about a model"
STATES = {
    models.ASKED: "waits for the worker of the nights: a few minutes while it runs, else until the next night",
    models.DONE: "done",
    models.REFUSED: "refused",
}


def show(visit: Visit, runs: list[Run]) -> None:
    """Which models are kept, which is current, what was asked; for admins the way to another one."""
    st.subheader("Models that are kept", anchor=False)
    kept = models.models(visit.client)
    if not kept:
        empty("Nothing is known of the models yet.", "The next night tells which are kept.")
        return
    _table(kept, runs)
    said = st.session_state.pop(SAID, "")
    if said:
        with st.container(border=True, key="model-said"):
            plain.text(said)
    asked = models.choices(visit.client)
    if visit.person.may("configure") and not any(choice.state == models.ASKED for choice in asked):
        _choose(visit, kept)
    _requests(visit, asked[:5], kept)


def _table(kept: list[Model], runs: list[Run]) -> None:
    found = {run.model_run: run.part("canaries").get("recall") for run in runs}
    st.dataframe(
        {
            "state": ["✓ current" if model.state == models.CURRENT else "" for model in kept],
            "night": [model.night for model in kept],
            "gate": ["passed" if model.passed else "did not pass" for model in kept],
            "recall": [share(found.get(model.run)) for model in kept],
            "fits": ["yes" if model.fits else "no: made by another version" for model in kept],
            "run": [visible(model.run) for model in kept],
        },
        hide_index=True,
        height=table_height(len(kept)),
        column_config={
            "state": st.column_config.TextColumn("In use", width=90),
            "night": "Of the night",
            "gate": "Gate",
            "recall": "Planted attacks found",
            "fits": "Can be used",
            "run": "Run",
        },
        alt="Models that are kept, newest first",
    )


def _choose(visit: Visit, kept: list[Model]) -> None:
    """First which and why, then whether that is meant."""
    others = [model for model in kept if model.state != models.CURRENT and model.fits]
    if WANTED in st.session_state:
        _confirm(visit, kept)
    elif others:
        earlier = next((n for n, model in enumerate(others) if model.passed), 0)
        # going back is what this is for: the last one that was good enough is proposed
        with st.expander("Use another model", key="other-model"), st.form("other-model", border=False):
            chosen = st.selectbox("Model", others, index=earlier, format_func=_name)
            reason = st.text_input("Because", max_chars=500, placeholder="what was wrong with the current one; ticket")
            if st.form_submit_button("Go on …"):
                st.session_state[WANTED] = (chosen, reason)
                st.rerun()
    else:
        st.caption("There is no other model that could be used: the next nights make some.")


def _confirm(visit: Visit, kept: list[Model]) -> None:
    wanted, reason = st.session_state[WANTED]
    now = next((_name(model) for model in kept if model.state == models.CURRENT), "none")
    with st.container(border=True, key="confirm-model"):
        plain.text(f"Use {_name(wanted)} instead of {now}?")
        st.caption(
            "The next night goes on from it, and its new model has to be better than this one. Nights that are over "
            "keep their flags. It is used until a newer model passes the gate."
        )
        with st.container(horizontal=True):
            st.button("Use it", type="primary", on_click=_ask, args=(visit, wanted, reason))
            st.button("Leave it", on_click=_leave)


def _leave() -> None:
    st.session_state.pop(WANTED, None)


def _ask(visit: Visit, wanted: Model, reason: str) -> None:
    _leave()
    try:
        models.choose(visit.client, visit.person.name, wanted.run, reason)
    except ReviewError as error:
        st.session_state[SAID] = str(error)
        return
    visit.record("model chosen", wanted.run, reason)


def _requests(visit: Visit, asked: list[Choice], kept: list[Model]) -> None:
    names: dict[str, Any] = {model.run: _name(model) for model in kept}
    for choice in asked:
        with st.container(gap=None):
            wanted = names.get(choice.run, choice.run)
            plain.text(f"{visit.clock(choice.asked)}  {choice.who} asked for {wanted}: {STATES[choice.state]}")
            plain.text(f"{choice.reason} {choice.text if choice.state == models.REFUSED else ''}", f"muted-{choice.id}")


def _name(model: Model) -> str:
    return f"the model of {words.night(model.night)} ({visible(model.run)})"


def share(value: Any) -> str:
    """A share as a text; nothing where it was not measured."""
    return f"{value:.0%}" if isinstance(value, int | float) else ""
