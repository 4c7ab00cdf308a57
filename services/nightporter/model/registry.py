"""Keeps trained models: a folder a run with weights (safetensors) and readable JSON; the last seven, one is current.

Nothing here can run code when it is loaded. A run becomes current by one rename: readers see a whole model, or the one
before.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from nightporter.errors import ModelError
from nightporter.features.fields import FIELDS
from nightporter.features.vocabulary import Vocabulary
from nightporter.model.autoencoder import FieldAutoencoder
from nightporter.model.detector import Detector, shape_of
from nightporter.model.frequency import Frequencies
from nightporter.model.train import Curve

KEPT = 7
CURRENT = "current"
WEIGHTS, MANIFEST = "model.safetensors", "model.json"


def store(folder: Path, run: str, detector: Detector, about: dict[str, Any], *, current: bool = True) -> Path:
    """Writes the model of a run to `folder`/`run`; makes it the current one, unless that is left to `promote`."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{run}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    kinds = list(detector.frequencies.tails)
    tables = {
        f"frequencies.{number}": torch.from_numpy(detector.frequencies.tails[kind].copy())
        for number, kind in enumerate(kinds)
    }
    tables["frequencies.any"] = torch.from_numpy(detector.frequencies.anything.copy())
    weights = {name: tensor.contiguous() for name, tensor in detector.network.state_dict().items()}
    save_file(weights | tables, draft / WEIGHTS)
    manifest = {
        "run": run,
        "about": about,
        "fields": [field.name for field in FIELDS],
        "width": detector.network.shape.width,
        "vocabularies": {name: vocabulary.values for name, vocabulary in detector.vocabularies.items()},
        "frequencies": kinds,
        "curve": {"train": detector.curve.train, "held_out": detector.curve.held_out},
    }
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    shutil.rmtree(folder / run, ignore_errors=True)
    draft.rename(folder / run)
    if current:
        promote(folder, run)
    return folder / run


def promote(folder: Path, run: str) -> None:
    """Makes a stored run the current one and drops all but the last seven."""
    if not (folder / run / MANIFEST).is_file():
        raise ModelError(
            f"There is no model of the run {run} in {folder}; `ls` that folder and name one that is there."
        )
    link = folder / f".{CURRENT}.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(run)
    link.replace(folder / CURRENT)
    _prune(folder)


def current(folder: Path) -> str | None:
    """The run whose model is current; None where there is none."""
    link = folder / CURRENT
    return link.readlink().name if link.is_symlink() and (link / MANIFEST).is_file() else None


def runs(folder: Path) -> list[str]:
    """Stored runs, the newest first."""
    found = [path for path in folder.glob("*/" + MANIFEST) if path.parent.name != CURRENT] if folder.is_dir() else []
    return [path.parent.name for path in sorted(found, key=lambda path: (-path.stat().st_mtime_ns, path.parent.name))]


def fetch(folder: Path, run: str = CURRENT) -> Detector:
    """The model of a run; ModelError where it is missing, damaged or was made for other fields."""
    try:
        manifest = json.loads((folder / run / MANIFEST).read_text(encoding="utf-8"))
        tensors = load_file(folder / run / WEIGHTS)
    except FileNotFoundError as error:
        raise ModelError(f"There is no model in {folder / run}; run a night first.") from error
    except Exception as error:
        raise ModelError(
            f"The model in {folder / run} cannot be read ({error}); remove that folder and run the night again."
        ) from error
    if manifest["fields"] != [field.name for field in FIELDS]:
        raise ModelError(
            f"The model in {folder / run} was made for other fields than this program has; run the night again."
        )
    vocabularies = {name: Vocabulary(tuple(values)) for name, values in manifest["vocabularies"].items()}
    network = FieldAutoencoder(shape_of(vocabularies, manifest["width"]))
    tables = {
        name: tensors.pop(name).numpy().astype(np.float32) for name in list(tensors) if name.startswith("frequencies.")
    }
    network.load_state_dict(tensors)
    tails = {
        (service, outcome): tables[f"frequencies.{number}"]
        for number, (service, outcome) in enumerate(manifest["frequencies"])
    }
    curve = Curve(**manifest["curve"])
    return Detector(vocabularies, network.eval(), Frequencies(tails, tables["frequencies.any"]), curve)


def _prune(folder: Path) -> None:
    current = (folder / CURRENT).readlink().name
    for run in [run for run in runs(folder) if run != current][KEPT - 1 :]:
        shutil.rmtree(folder / run, ignore_errors=True)
