"""Why somebody did something: asked of reviewers and admins alike, and never without bounds."""

from nightporter.errors import ReviewError

LONGEST = 2000
"""Characters of a reason or note."""


def reasoned(text: str, else_say: str, shortest: int = 1) -> str:
    """The reason without blanks around it; ReviewError where it is too long, or too short (which says `else_say`)."""
    reason = text.strip()
    if len(reason) < shortest:
        raise ReviewError(else_say)
    if len(reason) > LONGEST:
        raise ReviewError(f"A reason has at most {LONGEST} characters, this one {len(reason)}; say it shorter.")
    return reason
