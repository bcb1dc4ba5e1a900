// Keeps an open page fresh: what is marked `data-live` follows the server's page, and ages are
// counted by the visitor's clock. The page says the same without it.
"use strict";

const LOOK_AGAIN_MS = 15_000;
const AT_MOST_MS = 240_000;
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

/** Makes a node what it is now. Whatever need not change stays, and with it the visitor's focus,
 * place, selection and what they have opened; and those who hear a page hear of news only.
 */
function follow(old, now) {
  if (old.isEqualNode(now)) return;
  if (old.nodeName !== now.nodeName || old.id !== now.id) {
    old.replaceWith(document.importNode(now, true));
  } else if (old.nodeType === Node.ELEMENT_NODE) {
    followAttributes(old, now);
    followChildren(old, now);
  } else {
    old.data = now.data;
  }
}

function followAttributes(old, now) {
  const own = old.nodeName === "DETAILS" ? "open" : null; // opened by the visitor
  for (const { name } of [...old.attributes]) {
    if (name !== own && !now.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of now.attributes) {
    if (name !== own && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

/** What is equal at the beginning and at the end stays: a new line of a list comes between. */
function followChildren(old, now) {
  const before = [...old.childNodes], after = [...now.childNodes];
  while (before.length && after.length && before[0].isEqualNode(after[0])) {
    before.shift();
    after.shift();
  }
  let next = null;
  while (before.length && after.length && before.at(-1).isEqualNode(after.at(-1))) {
    next = before.pop();
    after.pop();
  }
  before.splice(after.length).forEach((gone) => gone.remove());
  after.forEach((node, at) => {
    if (before[at]) follow(before[at], node);
    else old.insertBefore(document.importNode(node, true), next);
  });
}

function put(part, last, parent) {
  if (last && last.parentElement.nodeName === parent.nodeName) last.after(part);
  else document.querySelector(parent.nodeName)?.prepend(part);
}

/** Also the parts that were not there before, each behind the one that it stands behind. */
function renew(fresh) {
  document.title = fresh.title;
  document.querySelectorAll(".distance").forEach((told) => told.remove());
  let last = null;
  for (const now of fresh.querySelectorAll("[data-live]")) {
    const old = document.getElementById(now.id);
    if (old) follow(old, now);
    else put(document.importNode(now, true), last, now.parentElement);
    last = document.getElementById(now.id);
  }
  for (const old of document.querySelectorAll("[data-live]")) {
    if (!fresh.getElementById(old.id)) old.remove();
  }
  tellAll();
}

let tag = null, pause = LOOK_AGAIN_MS, timer = null;

/** A good copy costs the server a 304, and nothing is parsed here. */
async function look() {
  const answer = await fetch(location.pathname, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const newest = answer.headers.get("ETag");
  if (newest && newest === tag) return;
  renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
  tag = newest;
}

/** Not while nobody sees it; ever more slowly while it fails; and not all visitors at once. */
async function lookAgain() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    await look();
    pause = LOOK_AGAIN_MS;
  } catch {
    pause = Math.min(pause * 2, AT_MOST_MS); // what is shown stays, with its time beside it
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  timer = setTimeout(lookAgain, pause * (0.8 + 0.4 * Math.random()));
}

tellAll();
setInterval(tellAll, 1000);
if (document.querySelector("[data-live]")) {
  plan();
  document.addEventListener("visibilitychange", lookAgain);
  window.addEventListener("online", lookAgain);
}
