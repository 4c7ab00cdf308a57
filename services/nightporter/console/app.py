"""The server of the console, as `streamlit run` starts it (see serve.py): Streamlit behind our response headers."""

from starlette.middleware import Middleware
from streamlit.starlette import App

from nightporter.console import script_path
from nightporter.console.headers import SecurityHeaders

app = App(script_path(), middleware=[Middleware(SecurityHeaders)])
