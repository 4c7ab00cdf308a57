"""Training on one page: shuffled batches, AdamW, one learning-rate cycle, the best state on held-out days is kept."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch

from nightporter.errors import ModelError
from nightporter.features.encode import Codes
from nightporter.model.autoencoder import NEGATIVES, FieldAutoencoder
from nightporter.model.device import Resident, autocast, best_device


@dataclass(frozen=True)
class Recipe:
    """How one network is trained."""

    epochs: int = 8
    batch: int = 1024
    peak_rate: float = 5e-3  # of AdamW, at the top of the cycle
    warm_up: float = 0.15  # share of the cycle before the top
    decay: float = 1e-2  # weight decay
    hide: float = 0.02  # share of codes hidden from the network, so that unknown values are nothing special
    patience: int = 2  # epochs without a better held-out error before stopping
    clip: float = 5.0  # gradient norm
    most_logins: int = 2_000_000  # of an epoch; more are drawn from at random
    most_visits: int = 12_000_000  # logins times epochs; a large site is learned in fewer epochs


COLD = Recipe()
WARM = Recipe(epochs=1, peak_rate=1.5e-3, warm_up=0.1, most_logins=300_000)
"""From scratch, and from the model of the night before, which has seen nearly all of it."""

HELD_OUT = 200_000  # logins that say when to stop
AT_ONCE = 8192  # of them, in order, so that many begin alike


def silent(_: str) -> None:
    """Tells nobody."""


@dataclass
class Curve:
    """What happened: mean error in nats per login and epoch, on training and on held-out logins."""

    train: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)

    @property
    def best(self) -> int:
        """How many epochs it took to the best error on held-out logins, or to the end without any."""
        return int(np.argmin(self.held_out)) + 1 if self.held_out else len(self.train)


def unwatched(_: Curve) -> None:
    """Goes on."""


def train(
    network: FieldAutoencoder,
    codes: Codes,
    held_out: Codes | None,
    seed: int,
    recipe: Recipe = COLD,
    progress: Callable[[str], None] = silent,
    watch: Callable[[Curve], None] = unwatched,
) -> Curve:
    """Trains `network` on `codes` and leaves it at its best on `held_out`; without that, as after the last epoch.

    `watch` sees the curve after each epoch that was held out, and may stop the training by an exception. The same seed
    and number of threads give the same weights. ModelError where there is nothing to learn from or the
    error becomes infinite.
    """
    if not len(codes):
        raise ModelError("There are no logins to learn from; load older logs or name a later date.")
    order, random = np.random.default_rng(seed), torch.Generator().manual_seed(seed)  # no global state: runs in threads
    device, curve = best_device(), Curve()
    rows = Resident(codes, device)
    network.to(device).train()
    batch = recipe.batch * (8 if device.type == "cuda" else 1)
    taken = min(len(codes), recipe.most_logins)
    epochs, steps = max(1, min(recipe.epochs, recipe.most_visits // taken)), -(-taken // batch)
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.peak_rate, weight_decay=recipe.decay, fused=True)
    length = max(steps * epochs, 4)  # a way up of one step is none, and divides by zero
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.peak_rate, total_steps=length, pct_start=max(recipe.warm_up, 2 / length)
    )
    sizes = torch.tensor([network.shape.sizes[field] for field in network.wide])
    best, best_state, waited = float("inf"), None, 0
    for epoch in range(epochs):
        total = torch.zeros((), device=device)
        for chunk in np.array_split(order.permutation(len(codes))[:taken], steps):
            own = rows.batch(chunk)
            hidden = torch.rand(own.shape, generator=random) < recipe.hide
            negatives = (torch.rand(len(sizes), NEGATIVES, generator=random) * sizes[:, None]).long()
            with autocast(device):
                errors = network(own.masked_fill(hidden.to(device), 0), own, negatives.to(device))
                loss = errors.sum(1).mean()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
            optimiser.step()
            cycle.step()
            total += loss.detach() * len(chunk)
        curve.train.append(float(total) / taken)
        if not np.isfinite(curve.train[-1]):
            raise ModelError("The training did not settle; run the night again with another --seed.")
        said = f"epoch {epoch + 1} of {epochs}: {curve.train[-1]:.2f} nats a login"
        if held_out is None or not len(held_out):
            progress(said)
            continue
        curve.held_out.append(held_out_error(network, held_out))
        network.train()
        progress(f"{said}, held out {curve.held_out[-1]:.2f}")
        watch(curve)
        if curve.held_out[-1] < best:
            best, waited = curve.held_out[-1], 0
            best_state = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
        else:
            waited += 1
            if waited > recipe.patience:
                break
    if best_state is not None:
        network.load_state_dict(best_state)
    network.zero_grad()  # gradients take as much memory as the network
    network.cpu().eval()
    return curve


def held_out_error(network: FieldAutoencoder, codes: Codes) -> float:
    """Mean reconstruction error in nats per login, exact, of at most HELD_OUT logins spread evenly over `codes`."""
    if not len(codes):
        return float("nan")
    chosen = codes.sorted(np.linspace(0, len(codes) - 1, min(len(codes), HELD_OUT)).astype(np.int64))
    device, total = network.offsets.device, 0.0
    network.eval()
    with torch.inference_mode():
        for first in range(0, len(chosen), AT_ONCE):
            own = torch.from_numpy(codes.rows(chosen[first : first + AT_ONCE])).to(device)
            total += float(network.errors(own).sum())
    return total / len(chosen)
