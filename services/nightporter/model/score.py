"""Scores: reconstruction errors per field, made comparable on held-out days, and summed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from nightporter.features.encode import Codes
from nightporter.features.fields import FIELDS, GROUP_WEIGHTS
from nightporter.model.autoencoder import FieldAutoencoder

Floats = npt.NDArray[np.float32]
FLOOR_NATS = 0.3  # a field that hardly varies must not turn a small error into a huge z
CLIP_Z = 25.0
WEIGHTS = np.array([GROUP_WEIGHTS[field.group] for field in FIELDS], np.float32)


@torch.inference_mode()
def reconstruction_errors(network: FieldAutoencoder, codes: Codes, rows: npt.NDArray[np.int64], batch: int = 4096) -> Floats:
    """-log p of every field [len(rows), fields], in nats, exact (full softmax)."""
    network.eval()
    errors = np.empty((len(rows), len(FIELDS)), np.float32)
    for first in range(0, len(rows), batch):
        block = torch.from_numpy(codes.rows(rows[first : first + batch]))
        errors[first : first + batch] = network(block, block).numpy()
    return errors


def ensemble_errors(networks: list[FieldAutoencoder], codes: Codes, rows: npt.NDArray[np.int64]) -> Floats:
    """Mean error of the networks, per login and field."""
    total = np.zeros((len(rows), len(FIELDS)), np.float32)
    for network in networks:
        total += reconstruction_errors(network, codes, rows)
    return total / np.float32(len(networks))


@dataclass(frozen=True)
class Calibration:
    """Mean and spread [fields] of the errors of ordinary logins, from held-out days."""

    mean: Floats
    spread: Floats

    def surprises(self, errors: Floats) -> Floats:
        """Weighted z of each field [n, fields]: how much stranger than usual, in spreads of held-out logins."""
        z = np.clip((errors - self.mean) / self.spread, -1.0, CLIP_Z)
        return np.asarray(z * WEIGHTS, np.float32)


def calibrate(errors: Floats) -> Calibration:
    """Mean and floored spread per field of held-out errors [n, fields]."""
    spread = np.maximum(errors.std(0), FLOOR_NATS).astype(np.float32)
    return Calibration(errors.mean(0).astype(np.float32), spread)
