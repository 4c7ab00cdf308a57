"""The briefing on paper: HTML for the browser and for mail, PDF for the file. Both are made of the same Briefing.

The PDF is drawn with fpdf2 (pure Python; 0.1 s a page, nothing to install beside it); its built-in fonts know
Latin-1, other letters are spelled out.
"""

from html import escape

from fpdf import FPDF

from nightporter.console.questions.briefing import METHOD, Briefing

INK, SOFT, BAR, DONE = (28, 36, 48), (96, 104, 116), (168, 192, 216), (31, 78, 121)
TREND = "Cases of each night; the dark part was reviewed"
SECTIONS = (("What stood out", "findings"), ("What we do not see", "gaps"), ("What changed", "changes"))

STYLE = """
@page { size: A4; margin: 18mm }
body { color: #1c2430; font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 46rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 1.4rem 0 .3rem } .soft { color: #606874 }
.numbers { display: grid; gap: 1rem; grid-template-columns: repeat(4, 1fr); margin: 1.2rem 0 }
.numbers b { display: block; font-size: 1.6rem; line-height: 1.2 } li { margin: .25rem 0; overflow-wrap: anywhere }
"""


def html(briefing: Briefing) -> str:
    """A page that stands by itself: no script, nothing loaded from anywhere."""
    numbers = "".join(f"<div><b>{escape(value)}</b>{escape(label)}</div>" for label, value in briefing.numbers)
    lists = "".join(f"<h2>{title}</h2>{_list(getattr(briefing, name))}" for title, name in SECTIONS)
    title = escape(briefing.title)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f'<h1>{title}</h1><p class="soft">Nightporter briefing</p><div class="numbers">{numbers}</div>'
        f"<h2>{TREND}</h2>{_svg(briefing)}{lists}<h2>How this works</h2><p>{escape(' '.join(METHOD))}</p></html>"
    )


def _list(texts: tuple[str, ...]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts or ('Nothing.',))}</ul>"


def _svg(briefing: Briefing) -> str:
    most = max((cases for _, cases, _ in briefing.trend), default=0) or 1
    parts = []
    for number, (night, cases, reviewed) in enumerate(briefing.trend):
        x, height, done = number * 90 + 10, 100 * cases / most, 100 * reviewed / most
        parts.append(f'<rect x="{x}" y="{115 - height:.1f}" width="60" height="{height:.1f}" fill="#a8c0d8"/>')
        parts.append(f'<rect x="{x}" y="{115 - done:.1f}" width="60" height="{done:.1f}" fill="#1f4e79"/>')
        parts.append(f'<text x="{x + 30}" y="{110 - height:.1f}" text-anchor="middle" font-size="12">{cases}</text>')
        parts.append(f'<text x="{x + 30}" y="132" text-anchor="middle" font-size="12">{night:%a %d}</text>')
    return f'<svg viewBox="0 0 640 140" role="img" aria-label="{TREND}" width="100%">{"".join(parts)}</svg>'


def pdf(briefing: Briefing) -> bytes:
    """One page A4 (more where findings are long)."""
    page = FPDF(format="A4", unit="mm")
    page.set_margins(18, 16)
    page.set_auto_page_break(True, 16)
    page.set_title(_latin(briefing.title))
    page.add_page()
    _text(page, briefing.title, 15, bold=True)
    _text(page, "Nightporter briefing", 9, SOFT)
    page.ln(3)
    width = page.epw / 4
    top = page.get_y()
    for number, (label, value) in enumerate(briefing.numbers):
        page.set_xy(page.l_margin + number * width, top)
        page.set_font("Helvetica", "B", 17)
        page.cell(width, 9, _latin(value))
        page.set_xy(page.l_margin + number * width, top + 9)
        page.set_font("Helvetica", "", 9)
        page.cell(width, 5, _latin(label))
    page.set_xy(page.l_margin, top + 19)
    _heading(page, TREND)
    _bars(page, briefing)
    for title, name in SECTIONS:
        _heading(page, title)
        for text in getattr(briefing, name) or ("Nothing.",):
            _text(page, f"-  {text}", 10)
    _heading(page, "How this works")
    _text(page, " ".join(METHOD), 10)
    return bytes(page.output())


def _bars(page: FPDF, briefing: Briefing) -> None:
    most = max((cases for _, cases, _ in briefing.trend), default=0) or 1
    top, height, step = page.get_y() + 5, 26.0, page.epw / len(briefing.trend)
    page.set_font("Helvetica", "", 8)
    for number, (night, cases, reviewed) in enumerate(briefing.trend):
        x = page.l_margin + number * step
        for count, colour in ((cases, BAR), (reviewed, DONE)):
            tall = height * count / most
            page.set_fill_color(*colour)
            page.rect(x, top + height - tall, step * 0.7, tall, "F")
        page.set_xy(x, top + height - height * cases / most - 4)
        page.cell(step * 0.7, 4, str(cases), align="C")
        page.set_xy(x, top + height + 1)
        page.cell(step * 0.7, 4, f"{night:%a %d}", align="C")
    page.set_xy(page.l_margin, top + height + 7)


def _heading(page: FPDF, text: str) -> None:
    page.ln(2)
    _text(page, text, 12, bold=True)


def _text(page: FPDF, text: str, size: int, colour: tuple[int, int, int] = INK, bold: bool = False) -> None:
    page.set_text_color(*colour)
    page.set_font("Helvetica", "B" if bold else "", size)
    page.multi_cell(0, size * 0.5, _latin(text), new_x="LMARGIN", new_y="NEXT")
    page.set_text_color(*INK)


def _latin(text: str) -> str:
    for sign, plain in (("–", "-"), ("—", "-"), ("…", "..."), ("’", "'"), ("“", '"'), ("”", '"'), ("\u202f", " ")):
        text = text.replace(sign, plain)
    return text.encode("latin-1", "backslashreplace").decode("latin-1")
