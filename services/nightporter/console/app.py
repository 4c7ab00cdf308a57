"""The server of the console, as `streamlit run` starts it (see serve.py): Streamlit behind our response headers."""

from pathlib import Path

from starlette.middleware import Middleware
from streamlit.starlette import App

from nightporter.console.headers import SecurityHeaders

app = App(Path(__file__).with_name("script.py"), middleware=[Middleware(SecurityHeaders)])
