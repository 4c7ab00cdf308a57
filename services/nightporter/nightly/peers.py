"""How strange a host is for somebody, judged by their peers: the people who use the same hosts.

A first visit to a host that everybody of the own team uses is ordinary, one to a host of another team is not. Who is
a peer is learnt from shared hosts, day by day, from the days before (neighbourhood-based collaborative filtering with
cosine similarity; Sarwar et al. 2001).
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from nightporter.features.fields import BY_NAME
from nightporter.features.stream import Logins

Rows = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

EVERYWHERE = 0.3  # who uses more than this share of all hosts (backup, monitoring) is nobody's peer
PRIOR = 0.05  # visits to every host that nobody made
MOST_NATS = 6
NEVER = BY_NAME["since_host"].bins - 1
MOST_HOSTS = 1 << 20
AT_ONCE = 512  # users compared with all others at a time


def strangeness(logins: Logins, rows: Rows, known: Rows) -> tuple[Bytes, Rows]:
    """-log of the share of peers' hosts [rows], in whole nats, at a first visit; 0 where it is none.

    `rows`: successful logins from elsewhere, in order of time; `known`: visits before them, as
    user · MOST_HOSTS + host. Returns with it the visits that are known afterwards.
    """
    result = np.zeros(len(rows), np.uint8)
    users, hosts = len(logins.values["user"]), len(logins.values["host"])
    day = logins.day[rows]
    for number in np.unique(day).tolist():
        first, last = np.searchsorted(day, [number, number + 1]).tolist()
        today = rows[first:last]
        user, host = (logins.categories[name][today].astype(np.int64) for name in ("user", "host"))
        asked = np.flatnonzero(logins.numbers["since_host"][today] == NEVER)
        if len(asked) and len(known):
            result[first + asked] = _nats(known, users, hosts, user[asked], host[asked])
        known = np.union1d(known, user * MOST_HOSTS + host)
        logins.release()
    return result, known


def _nats(known: Rows, users: int, hosts: int, user: Rows, host: Rows) -> Bytes:
    visits = sparse.csr_matrix(
        (np.ones(len(known), np.float32), (known // MOST_HOSTS, known % MOST_HOSTS)), (users, hosts)
    )
    degree = np.asarray(visits.sum(1)).ravel()
    people = sparse.diags_array((degree <= max(EVERYWHERE * hosts, 3)).astype(np.float32)) @ visits
    crowd = np.asarray(people.sum(0)).ravel()
    marked = people @ sparse.diags_array(1 / np.sqrt(np.maximum(crowd, 1)))
    length = np.sqrt(np.asarray(marked.multiply(marked).sum(1)).ravel())
    unit = (sparse.diags_array(1 / np.maximum(length, 1e-6)) @ marked).tocsr()
    nats = np.zeros(len(user), np.uint8)
    asking, which = np.unique(user, return_inverse=True)
    for begin in range(0, len(asking), AT_ONCE):
        some = asking[begin : begin + AT_ONCE]
        alike = (unit[some] @ unit.T).tolil()
        alike[np.arange(len(some)), some] = 0  # nobody is their own peer
        alike = alike.tocsr()
        share = (alike @ people).toarray() + PRIOR
        share /= (np.asarray(alike.sum(1)).ravel() + PRIOR * hosts)[:, None]
        mine = np.flatnonzero((which >= begin) & (which < begin + AT_ONCE))
        found = share[which[mine] - begin, host[mine]]
        placed = length[user[mine]] > 0  # of somebody without hosts nothing is known
        nats[mine] = np.where(placed, np.clip(np.round(-np.log(np.minimum(found, 1))), 0, MOST_NATS), 0)
    return nats
