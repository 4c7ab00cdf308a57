"""The pages and their parts. Never rename this folder to `pages`: Streamlit would serve each file in it by itself."""
