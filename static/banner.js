// For somebody else's page: shows what is wrong in a frame at its foot, and nothing while all
// is well. <script src="https://status.acme.example/banner.js" async data-language="en"></script>
"use strict";
(() => {
  const { src, dataset } = document.currentScript;
  const page = new URL(`${dataset.language ? `/${dataset.language}` : ""}/banner`, src).href;
  let frame, shown, closed;

  function show({ title, sentence }) {
    if (sentence === shown) return;
    frame?.remove();
    frame = undefined;
    shown = sentence;
    if (!sentence || sentence === closed) return;
    frame = document.createElement("iframe");
    Object.assign(frame, { title, referrerPolicy: "no-referrer", src: `${page}#framed` });
    frame.sandbox = "allow-scripts allow-popups allow-popups-to-escape-sandbox";
    // over the page and not in it: nothing moves; unseen until it has said how high it is
    frame.style.cssText =
      "all:initial;color-scheme:light;position:fixed;z-index:2147483000;inset:auto 12px 12px;width:calc(100% - 24px);" +
      "max-width:640px;height:1px;margin:0 auto;border:0;border-radius:10px;visibility:hidden;" +
      "box-shadow:0 2px 14px #0006";
    document.documentElement.append(frame);
  }

  async function look() {
    if (document.hidden) return;
    try {
      const quietly = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-cache" };
      show(await (await fetch(`${page}.json`, quietly)).json());
    } catch {
      // away for a moment: what is shown stays
    }
  }

  addEventListener("message", ({ source, data }) => {
    if (!frame || source !== frame.contentWindow || !data) return;
    if (data.height > 0) {
      frame.style.height = `${data.height}px`;
      frame.style.visibility = "visible";
    }
    if (data.close) {
      closed = shown;
      frame.remove();
      frame = undefined;
    }
  });
  document.addEventListener("visibilitychange", look);
  setInterval(look, 60_000);
  look();
})();
