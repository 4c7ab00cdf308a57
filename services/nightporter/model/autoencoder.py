"""The network, whole: a masked autoencoder over fields in the sense of MADE (Germain et al. 2015).

Each field of a login is reconstructed, as a softmax over its codes, from the fields above it in features/fields.py.
A running sum of embeddings carries what has been read so far, so one pass gives every field's reconstruction error:
-log p(field | fields above it), in nats. Their sum is the exact negative log-likelihood of the login.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    """What the network must know about the fields, in their order."""

    sizes: tuple[int, ...]  # number of codes of each field
    scored: tuple[bool, ...]  # False: read as context, never reconstructed
    small: tuple[bool, ...]  # True: a number with few bins; its head is computed together with the others
    width: int = 64  # of embeddings and hidden layers


class FieldAutoencoder(nn.Module):
    """Reconstructs each scored field from those before it."""

    offsets: Tensor
    reads: Tensor
    closed: Tensor

    def __init__(self, shape: Shape, random: torch.Generator | None = None) -> None:
        super().__init__()
        width, sizes = shape.width, shape.sizes
        scored = [field for field, wanted in enumerate(shape.scored) if wanted]
        if 0 in scored:
            raise ValueError("the first field has nothing before it and cannot be scored")
        self.shape = shape
        # heads of small fields are one batched matrix product, so their fields come first
        self.narrow = [field for field in scored if shape.small[field]]
        self.wide = [field for field in scored if not shape.small[field]]
        targets = self.narrow + self.wide
        self.place = [targets.index(field) if field in targets else len(targets) for field in range(len(sizes))]
        starts = [sum(sizes[:field]) for field in range(len(sizes))]
        self.register_buffer("offsets", torch.tensor(starts, dtype=torch.int64)[:, None])
        reads = torch.tensor([[float(source < field) for source in range(len(sizes))] for field in targets])
        self.register_buffer("reads", reads)  # [targets, fields] the mask: what each target may read
        bins = max((sizes[field] for field in self.narrow), default=1)
        closed = torch.zeros(len(self.narrow), 1, bins)
        for row, field in enumerate(self.narrow):
            closed[row, 0, sizes[field] :] = -1e4  # bins this field does not have
        self.register_buffer("closed", closed)

        def normal(*shape: int, std: float) -> nn.Parameter:
            return nn.Parameter(torch.randn(*shape, generator=random) * std)

        self.embedding = normal(sum(sizes), width, std=0.3)
        self.norm = nn.LayerNorm(width)
        self.hidden = normal(len(targets), width, width, std=width**-0.5)
        self.hidden_bias = nn.Parameter(torch.zeros(len(targets), 1, width))
        self.narrow_head = nn.Parameter(torch.zeros(len(self.narrow), width, bins))
        self.narrow_bias = nn.Parameter(torch.zeros(len(self.narrow), 1, bins))
        self.wide_heads = nn.ParameterList(normal(width, sizes[field], std=0.02) for field in self.wide)
        self.wide_biases = nn.ParameterList(nn.Parameter(torch.zeros(sizes[field])) for field in self.wide)

    def log_p(self, seen: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Log-probabilities of every code of every scored field, read from `seen` [B, fields].

        Returns one tensor [narrow fields, B, bins] and a tensor [B, codes] for each wide field.
        """
        narrow = len(self.narrow)
        read = functional.embedding(seen.t() + self.offsets, self.embedding)  # [fields, B, width]
        context = (self.reads @ read.flatten(1)).view(-1, len(seen), self.shape.width)  # [targets, B, width]
        hidden = functional.relu(torch.baddbmm(self.hidden_bias, self.norm(context), self.hidden))
        small, large = torch.split(hidden, [narrow, len(self.wide)])
        bins = torch.log_softmax(torch.baddbmm(self.narrow_bias + self.closed, small, self.narrow_head).float(), -1)
        heads = zip(large.unbind(0), self.wide_heads, self.wide_biases, strict=True)
        return bins, [torch.log_softmax(torch.addmm(bias, state, head).float(), -1) for state, head, bias in heads]

    def forward(self, seen: Tensor, codes: Tensor) -> Tensor:
        """Reconstruction errors [B, fields] in nats (0 where not scored) of `codes` [B, fields], given `seen`.

        `seen` is what the network may read: `codes` themselves, in training with a few codes hidden (code 0).
        """
        bins, wide = self.log_p(seen)
        errors = [-bins.gather(2, codes[:, self.narrow].t().unsqueeze(2)).squeeze(2)]
        errors += [-log_p.gather(1, codes[:, [field]]).t() for field, log_p in zip(self.wide, wide, strict=True)]
        return self._arrange(errors)

    def strangeness(self, codes: Tensor) -> Tensor:
        """-log P(something at least this strange) [B, fields] in nats; 0 for what is most usual, and where not scored.

        At least as strange is: for a category every value that is no likelier, for a number every bin at or above.
        """
        bins, wide = self.log_p(codes)
        above = bins.flip(2).logcumsumexp(2).flip(2)
        tails = [-above.gather(2, codes[:, self.narrow].t().unsqueeze(2)).squeeze(2)]
        for field, log_p in zip(self.wide, wide, strict=True):
            own = log_p.gather(1, codes[:, [field]])
            tails.append(-log_p.masked_fill(log_p > own + 1e-4, -1e4).logsumexp(1)[None])
        return self._arrange(tails).clamp_min(0)

    def _arrange(self, parts: list[Tensor]) -> Tensor:
        """Rows of the narrow, then the wide fields, brought to [B, fields]."""
        nothing = torch.zeros(1, parts[0].shape[1], device=parts[0].device)
        return torch.cat([*parts, nothing])[self.place].t()
