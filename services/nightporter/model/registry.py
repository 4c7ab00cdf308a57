"""Keeps trained models: a folder a run with weights (safetensors) and readable JSON; the last seven, one is current.

Nothing here can run code when it is loaded, and nothing is used whose checksum is not that in its JSON. A run becomes
current by one rename: readers see a whole model, or the one before.
"""

import hashlib
import json
import os
import shutil
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from nightporter.errors import ModelError
from nightporter.features.fields import FIELDS
from nightporter.features.history import schema
from nightporter.features.vocabulary import Vocabulary
from nightporter.model.autoencoder import FieldAutoencoder
from nightporter.model.detector import Detector, shape_of
from nightporter.model.frequency import Frequencies
from nightporter.model.train import Curve

KEPT = 7
CURRENT = "current"
MANIFEST = "model.json"
PARTS = ("detector", "probe")  # <part>.safetensors and <part> in the manifest


def store(
    folder: Path,
    run: str,
    detector: Detector,
    about: dict[str, Any],
    *,
    probe: Detector | None = None,
    current: bool = True,
) -> Path:
    """Writes the model of a run to `folder`/`run`; makes it the current one, unless that is left to `promote`.

    `about`: what is worth knowing, ready for JSON; `night` (ISO date) says which models came before. The probe is kept
    so that the next night's can go on from it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{run}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    manifest: dict[str, Any] = {"run": run, "about": about, "promoted": False, "schema": schema()}
    manifest["fields"] = [field.name for field in FIELDS]
    for part, model in zip(PARTS, (detector, probe), strict=True):
        if model is not None:
            save_file(_tensors(model), draft / f"{part}.safetensors")
            manifest[part] = _described(model) | {"sha256": _checksum(draft / f"{part}.safetensors")}
    _write(draft / MANIFEST, manifest)
    shutil.rmtree(folder / run, ignore_errors=True)
    draft.rename(folder / run)
    if current:
        promote(folder, run)
    return folder / run


def promote(folder: Path, run: str) -> None:
    """Makes a stored run the current one and drops all but the last seven."""
    manifest = about(folder, run)
    link = folder / f".{CURRENT}.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(run)
    link.replace(folder / CURRENT)
    if not manifest["promoted"]:
        _write(folder / run / MANIFEST, manifest | {"promoted": True})
    _prune(folder)


def rollback(folder: Path) -> str:
    """Makes the promoted run before the current one the current one, and returns its name."""
    now = current(folder)
    order = [run for run in runs(folder) if run == now or about(folder, run)["promoted"]]
    older = order[order.index(now) + 1 :] if now in order else order
    if not older:
        raise ModelError(
            f"There is no older model in {folder} to go back to; `nightporter models list` shows all there are."
        )
    promote(folder, older[0])
    return older[0]


def note(folder: Path, run: str, **measured: Any) -> None:
    """Adds what was measured of a stored run to its manifest."""
    manifest = about(folder, run)
    _write(folder / run / MANIFEST, manifest | {"about": manifest["about"] | measured})


def current(folder: Path) -> str | None:
    """The run whose model is current; None where there is none."""
    link = folder / CURRENT
    return link.readlink().name if link.is_symlink() and (link / MANIFEST).is_file() else None


def incumbent(folder: Path, night: date) -> str | None:
    """The run that a night's new model has to beat: the current one, or the last promoted one, of an earlier night."""
    now = current(folder)
    order = ([now] if now else []) + [run for run in runs(folder) if about(folder, run)["promoted"]]
    earlier = [run for run in order if about(folder, run)["about"].get("night", "") < night.isoformat()]
    return earlier[0] if earlier else None


def runs(folder: Path) -> list[str]:
    """Stored runs, that of the latest night first; of one night, the last stored first."""
    found = [path for path in folder.glob("*/" + MANIFEST) if path.parent.name != CURRENT] if folder.is_dir() else []
    stored = {path.parent.name: path.stat().st_mtime_ns for path in found if not path.parent.name.startswith(".")}
    night = {run: str(about(folder, run)["about"].get("night", "")) for run in stored}
    return sorted(stored, key=lambda run: (night[run], stored[run], run), reverse=True)


def about(folder: Path, run: str = CURRENT) -> dict[str, Any]:
    """The manifest of a stored run; ModelError where there is none."""
    try:
        manifest: dict[str, Any] = json.loads((folder / run / MANIFEST).read_text(encoding="utf-8"))
        return {"promoted": True, "about": {}, "schema": ""} | manifest
    except FileNotFoundError as error:
        raise ModelError(
            f"There is no model of the run {run} in {folder}; `nightporter models list` shows all there are."
        ) from error
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The model in {folder / run} cannot be read ({error}); remove that folder and run the night again."
        ) from error


def fetch(folder: Path, run: str = CURRENT, part: str = "detector") -> Detector:
    """The detector (or the probe) of a run; ModelError where it is missing, damaged or was made for other fields."""
    manifest, path = about(folder, run), folder / run / f"{part}.safetensors"
    if manifest["schema"] != schema():
        raise ModelError(
            f"The model in {folder / run} was made for other fields than this program has; run the night again."
        )
    try:
        described, tensors = manifest[part], load_file(path)
        if _checksum(path) != described["sha256"]:
            raise ValueError("its checksum is not the one in its manifest")
        return _detector(described, tensors)
    except Exception as error:
        raise ModelError(
            f"The model in {folder / run} cannot be read ({error}); remove that folder and run the night again."
        ) from error


def _tensors(model: Detector) -> dict[str, torch.Tensor]:
    tables = {f"frequencies.{number}": table for number, table in enumerate(model.frequencies.tails.values())}
    tensors = {name: torch.from_numpy(table.copy()) for name, table in tables.items()}
    tensors["frequencies.any"] = torch.from_numpy(model.frequencies.anything.copy())
    for number, network in enumerate(model.networks):
        tensors |= {f"{number}.{name}": weight.contiguous() for name, weight in network.state_dict().items()}
    return tensors


def _described(model: Detector) -> dict[str, Any]:
    return {
        "width": model.networks[0].shape.width,
        "networks": len(model.networks),
        "curves": [asdict(curve) for curve in model.curves],
        "frequencies": list(model.frequencies.tails),
        "vocabularies": {name: vocabulary.values for name, vocabulary in model.vocabularies.items()},
    }


def _detector(described: dict[str, Any], tensors: dict[str, torch.Tensor]) -> Detector:
    vocabularies = {name: Vocabulary(tuple(values)) for name, values in described["vocabularies"].items()}
    shape = shape_of(vocabularies, described["width"])
    networks = tuple(FieldAutoencoder(shape).eval() for _ in range(described["networks"]))
    for number, network in enumerate(networks):
        start = f"{number}."
        network.load_state_dict({name[len(start) :]: t for name, t in tensors.items() if name.startswith(start)})
    tables = [tensors[f"frequencies.{number}"].numpy() for number in range(len(described["frequencies"]))]
    tails = {
        (str(service), str(outcome)): table
        for (service, outcome), table in zip(described["frequencies"], tables, strict=True)
    }
    frequencies = Frequencies(tails, np.asarray(tensors["frequencies.any"].numpy(), np.float32))
    return Detector(vocabularies, networks, frequencies, tuple(Curve(**curve) for curve in described["curves"]))


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, manifest: dict[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(manifest, indent=1, ensure_ascii=True) + "\n", encoding="ascii")
    draft.replace(path)


def _prune(folder: Path) -> None:
    now = current(folder)
    for run in [run for run in runs(folder) if run != now][KEPT - 1 :]:
        shutil.rmtree(folder / run, ignore_errors=True)
