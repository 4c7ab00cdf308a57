"""The frame around every page: navigation by rights, the page's title, its states, the pseudonyms, stale scores."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from nightporter.console import links, pseudonyms, reading, stored
from nightporter.console.gate import SIGN_IN
from nightporter.console.identity import Person
from nightporter.console.panel import empty, panel, stale
from nightporter.console.views import account, audit, briefing, health, model, person, queue, search, server, setup
from nightporter.console.visit import Visit, readers_zone
from nightporter.settings import Settings


@dataclass(frozen=True)
class Page:
    """One page: its address, its name in the navigation, its title, what it takes to see it, and its view."""

    path: str
    name: str
    title: str
    right: str
    view: Callable[[Visit], None]
    scores: bool = False  # what it shows is as old as the last night


PAGES = (
    Page("queue", "Queue", "What was strange last night", "look", queue.show, True),
    Page("briefing", "Briefing", "Briefing", "look", briefing.show, True),
    Page("search", "Search", "Search logins", "look", search.show),
    Page("person", "Person", "Person", "look", person.show),
    Page("server", "Server", "Server", "look", server.show),
    Page("model", "Model", "Can last night's scores be trusted?", "look", model.show, True),
    Page("health", "Health", "Is anything silently broken?", "look", health.show),
    Page("audit", "Audit", "Who did what", "audit", audit.show),
    Page("settings", "Settings", "Settings", "look", setup.show),
    Page("account", "Account", "Your account", "look", account.show),
)


def show(settings: Settings, person: Person) -> None:
    """Run the page that the address names, of those this person may see."""
    allowed = [page for page in PAGES if person.may(page.right)]
    pages = {
        page.path: st.Page(
            _run(page, settings, person), title=page.name, url_path=page.path, default=page is allowed[0]
        )
        for page in allowed
    }
    links.register(pages)
    st.navigation(list(pages.values()), position="top").run()


def _run(page: Page, settings: Settings, person: Person) -> Callable[[], None]:
    def run() -> None:
        st.title(page.title, anchor=False)
        with panel(height=400), stored.client(settings) as client:
            pseudonyms.wear(pseudonyms.mask(client, settings, person.name))
            visit = Visit(client, person, settings, readers_zone())
            if page.scores:
                nights = reading.newest_night(client)
                if nights:
                    stale(nights, datetime.now(UTC))
            page.view(visit)

    return run


def closed(settings: Settings) -> None:
    """What somebody sees whose session has ended, or who never had a role."""
    if settings.console_proxies:
        empty("You have no access to this console.", "Ask an admin for a role in it, then sign in again.")
        return
    empty("You are signed out.", "A session ends after two hours without a click, and after twelve in any case.")
    st.link_button("Sign in", SIGN_IN)
