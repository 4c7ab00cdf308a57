"""`merge`: lines that have arrived become logins; once, or for as long as the appliance runs."""

import logging
import time
from typing import Annotated

import typer

from nightporter.errors import StoreError

log = logging.getLogger(__name__)


def merge(
    every: Annotated[float, typer.Option(help="Go on: merge again each so many seconds, until stopped.", min=0)] = 0,
) -> None:
    """Merge what has arrived since the last merge. `up`, `ingest`, `events` and each night do so by themselves."""
    from nightporter.logs import configure
    from nightporter.settings import load
    from nightporter.store.client import connect
    from nightporter.store.merge import merge as work_off

    if not every:
        with connect() as client:
            typer.echo(f"{work_off(client):,} processes merged.")
        return
    from nightporter.store.metrics import Metrics

    configure()
    settings = load()
    metrics = Metrics(settings.metrics_address, settings.metrics_port) if settings.metrics_port else None
    while True:
        try:
            with connect(settings) as client:
                while True:
                    work_off(client)
                    if metrics is not None:
                        metrics.merged(client)
                    time.sleep(every)
        except StoreError as error:
            # whatever it is, the queue keeps what waits; a merge that was cut off is repeated
            log.warning("not merged: %s", error)
            time.sleep(every)
