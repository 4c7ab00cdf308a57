"""What runs for each visitor and after each click: the page's frame and its one view, later more."""

from pathlib import Path

import streamlit as st

from nightporter.console.views import queue

FOLDER = Path(__file__).parent

st.set_page_config(page_title="Nightporter", page_icon=str(FOLDER / "icon.png"), layout="wide")
st.html(FOLDER / "style.css")
st.navigation([st.Page(queue.show, title="Queue", url_path="queue", default=True)], position="hidden").run()
