// Inside the banner's frame: tells the page around it how high it is, and when it is closed.
"use strict";
if (location.hash === "#framed") {
  const said = document.querySelector("p");
  const close = document.querySelector("button");
  const tell = (what) => parent.postMessage(what, "*"); // nothing that is not shown anyway
  const measure = () => tell({ height: Math.ceil(said.getBoundingClientRect().height) });
  close.hidden = false;
  close.addEventListener("click", () => tell({ close: true }));
  measure(); // an observer is called only once the frame is seen
  new ResizeObserver(measure).observe(said);
}
