/* Back to where one was as soon as the line is; a server that was away tells no browser that it is back. */
(() => {
  "use strict";

  const look = () => fetch("/healthz", { cache: "no-store" }).then(({ ok }) => { if (ok) location.reload(); }, () => {});
  addEventListener("online", look);
  document.addEventListener("visibilitychange", look);
  setInterval(look, 5000 + 3000 * Math.random());
})();
