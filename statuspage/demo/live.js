// Keeps the demo's pages fresh: what is marked `data-live` is replaced every second where it
// differs. A part in which something is being selected waits. Without this, a <meta> does it.
"use strict";

const LOOK_AGAIN_MS = 1000;

function isInUse(part) {
  const chosen = getSelection();
  const selected = chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode);
  return selected || part.contains(document.activeElement);
}

/** A quoted line that was opened stays open. */
function keepOpen(old, fresh) {
  const opened = [...old.querySelectorAll("details")].map((one) => one.open);
  fresh.querySelectorAll("details").forEach((one, at) => { one.open = opened[at] ?? false; });
}

function renew(fresh) {
  document.title = fresh.title;
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (!now || isInUse(old) || (old.dataset.live || old.innerHTML) === now.innerHTML) continue;
    const written = now.innerHTML;
    keepOpen(old, now);
    old.replaceChildren(...document.importNode(now, true).childNodes);
    old.dataset.live = written;
  }
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.pathname, { cache: "no-store" });
    if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // stopped: what is shown stays
  }
}

document.querySelectorAll("[data-live]").forEach((part) => { part.dataset.live = part.innerHTML; });
setInterval(look, LOOK_AGAIN_MS);
document.addEventListener("visibilitychange", look);
