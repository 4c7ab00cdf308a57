// What Streamlit's shortcuts lack: a key that goes to the note, silence behind a dialog, what was chosen in view.
"use strict";

if (!window.nightporterKeys) {
  window.nightporterKeys = true;
  const NOTE = ".st-key-note textarea", FIELDS = "input, textarea, select, [contenteditable=true]";
  const ROW = 68; // pixels (panel.py)

  // before Streamlit's own listener: T goes to the box at once, so that what is typed next is text and no shortcut
  window.addEventListener("keydown", (event) => {
    const note = document.querySelector(NOTE);
    if (event.target.closest?.(FIELDS)) {
      if (event.key === "Escape" && event.target === note) note.blur();
    } else if (event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (document.querySelector("[data-testid=stDialog]")) {
      event.stopImmediatePropagation();
    } else if (event.key.toLowerCase() === "t" && note) {
      event.preventDefault();
      event.stopImmediatePropagation();
      note.focus();
    }
  }, true);

  // the row of the open flag: into the part of the table that is shown; the flag: into the window
  let flag = null, moved = false, choosing = null;
  const look = () => {
    const mark = document.querySelector(".chosen-row");
    const table = document.querySelector(".st-key-queue-table .dvn-scroller");
    if (!mark) return (flag = null);
    if (table && table.scrollHeight > table.clientHeight && table.dataset.row !== mark.dataset.row) {
      const top = mark.dataset.row * ROW;
      const beyond = top < table.scrollTop || top + 2 * ROW > table.scrollTop + table.clientHeight;
      table.dataset.row = mark.dataset.row;
      if (beyond) table.scrollTop = Math.max(top - ROW, 0);
    }
    moved ||= flag !== null && flag !== mark.dataset.flag;
    flag = mark.dataset.flag;
    if (!document.querySelector("[data-test-script-state=notRunning]")) return;
    if (moved && hidden(".st-key-sentence")) {
      document.querySelector(".stMain").scrollTop = 0;
      if (hidden(".st-key-sentence")) document.querySelector(".st-key-steps").scrollIntoView();
    }
    moved = false;
    const reasons = document.querySelector(".st-key-because");
    if (reasons && !choosing && hidden(".st-key-because")) reasons.scrollIntoView({ block: "nearest" });
    choosing = reasons;
  };
  const hidden = (selector) => {
    const place = document.querySelector(selector)?.getBoundingClientRect();
    return place?.height && (place.top < 60 || place.bottom > window.innerHeight);
  };
  let waiting = 0; // while a page is drawn, parts of the one before it still stand in it
  new MutationObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 100);
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-test-script-state"] });
}
