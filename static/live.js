// Keeps an open page fresh: what is marked `data-live` is replaced when the server has
// news, and ages are counted by the visitor's clock. The page says the same without it.
"use strict";

const LOOK_AGAIN_MS = 15_000;
const language = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "always" });

/** "12 seconds ago", "in 12 minutes": whole units, never finer than is useful. */
function distance(at) {
  const seconds = Math.round((at - Date.now()) / 1000);
  const size = Math.abs(seconds);
  if (size < 90) return relative.format(seconds, "second");
  if (size < 5400) return relative.format(Math.round(seconds / 60), "minute");
  if (size < 129600) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86400), "day");
}

/** Writes the distance behind the time in an element; a promise is told only until it is due. */
function tell(element, future) {
  const time = [...element.querySelectorAll("time")].at(-1); // before it stands what was missed
  if (!time) return;
  const at = Date.parse(time.dateTime);
  let told = element.querySelector(".distance");
  if (!told) {
    told = document.createElement("span");
    told.className = "distance";
    time.after(told);
  }
  told.textContent = future === at > Date.now() ? ", " + distance(at) : "";
}

function tellAll() {
  document.querySelectorAll("[data-ago]").forEach((element) => tell(element, false));
  document.querySelectorAll("[data-until]").forEach((element) => tell(element, true));
}

/** Replaces only what differs, so that nothing typed is lost and readers are told of news only. */
function renew(fresh) {
  document.title = fresh.title;
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (now && old.dataset.live !== now.innerHTML) {
      if (old.dataset.live || old.innerHTML !== now.innerHTML) {
        old.replaceChildren(...document.importNode(now, true).childNodes);
      }
      old.dataset.live = now.innerHTML;
    }
  }
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.pathname, { cache: "no-cache" });
    if (!answer.ok) return;
    renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
    tellAll();
  } catch {
    // away for a moment: what is shown stays, with its time beside it
  }
}

document.querySelectorAll("[data-live]").forEach((element) => {
  element.dataset.live = element.innerHTML;
});
tellAll();
setInterval(tellAll, 1000);
setInterval(look, LOOK_AGAIN_MS);
document.addEventListener("visibilitychange", look);
