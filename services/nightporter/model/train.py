"""Training on one page: shuffled batches, AdamW, one learning-rate cycle, the best state on held-out days is kept."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from nightporter.features.encode import Codes
from nightporter.model.autoencoder import FieldAutoencoder, Shape
from nightporter.model.score import reconstruction_errors


@dataclass(frozen=True)
class Recipe:
    """How one network is trained."""

    epochs: int = 8
    batch: int = 1024
    peak_rate: float = 5e-3  # of AdamW, at the top of the cycle
    decay: float = 1e-2  # weight decay
    hide: float = 0.02  # share of codes hidden from the network, so that unknown values are nothing special
    patience: int = 2  # epochs without a better held-out error before stopping
    clip: float = 5.0  # gradient norm


RECIPE = Recipe()


def silent(_: str) -> None:
    """Tells nobody."""


@dataclass
class Curve:
    """What happened: mean error in nats per login and epoch, on training and on held-out logins."""

    train: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)


def train(
    shape: Shape,
    codes: Codes,
    rows: npt.NDArray[np.int64],
    held_out: npt.NDArray[np.int64],
    seed: int,
    recipe: Recipe = RECIPE,
    progress: Callable[[str], None] = silent,
) -> tuple[FieldAutoencoder, Curve]:
    """A network trained on `rows`, at its best on `held_out`; without held-out rows, as it is after the last epoch.

    The same seed and number of threads give the same weights.
    """
    order, random = np.random.default_rng(seed), torch.Generator().manual_seed(seed)  # no global state: runs in threads
    network, curve = FieldAutoencoder(shape, random), Curve()
    steps = max(1, -(-len(rows) // recipe.batch))
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.peak_rate, weight_decay=recipe.decay)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.peak_rate, total_steps=steps * recipe.epochs, pct_start=0.15
    )
    best, best_state, waited = float("inf"), None, 0
    for epoch in range(recipe.epochs):
        network.train()
        total = 0.0
        for chunk in np.array_split(order.permutation(rows), steps):
            batch = torch.from_numpy(codes.rows(chunk))
            seen = batch.masked_fill(torch.rand(batch.shape, generator=random) < recipe.hide, 0)
            loss = network(seen, batch).sum(1).mean()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
            optimiser.step()
            cycle.step()
            total += loss.item() * len(chunk)
        curve.train.append(total / max(len(rows), 1))
        if not len(held_out):
            progress(f"epoch {epoch + 1}: {curve.train[-1]:.2f} nats a login")
            continue
        curve.held_out.append(float(reconstruction_errors(network, codes, held_out).sum(1).mean()))
        progress(f"epoch {epoch + 1}: {curve.train[-1]:.2f} nats a login, held out {curve.held_out[-1]:.2f}")
        if curve.held_out[-1] < best:
            best, waited = curve.held_out[-1], 0
            best_state = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
        else:
            waited += 1
            if waited > recipe.patience:
                break
    if best_state is not None:
        network.load_state_dict(best_state)
    return network.eval(), curve
