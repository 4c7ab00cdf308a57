"""What runs for each visitor and after each click: the door, then the frame with the page that was asked for."""

from pathlib import Path

import streamlit as st

from nightporter.console import KEYS, frame, identity
from nightporter.settings import load

FOLDER = Path(__file__).parent

st.set_page_config(page_title="Nightporter", page_icon=str(FOLDER / "icon.png"), layout="wide")
st.html(FOLDER / "style.css")
st.html(f'<script src="{KEYS}"></script>', unsafe_allow_javascript=True)
settings = load()
person = identity.visitor(settings)
if person is None:
    frame.closed(settings)
else:
    frame.show(settings, person)
