/* In a frame of another site's page: one's own account by the Storage Access API, and why a token was refused, for who made it. */
(() => {
  "use strict";

  const refused = document.querySelector("[data-refused] .for-developers");
  if (refused) console.warn(`Sampark Setu: ${refused.textContent}`);

  // Asked for in the click itself. Whatever comes of it, the form then goes and the server says what is missing.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.id !== "own-account" || !document.requestStorageAccess || form.dataset.asked) return;
    event.preventDefault();
    form.dataset.asked = "true";
    try {
      if (!await document.hasStorageAccess()) await document.requestStorageAccess();
    } catch {}
    form.requestSubmit();
  });

  // Who comes back from the tab that asked may have left, and reads on as nobody; a frame in the background has no stream that says so.
  let isLeaving = false;
  document.addEventListener("submit", ({ target }) => { isLeaving ||= target.matches(".embed-leave"); });
  document.addEventListener("gone", () => { if (isLeaving) location.reload(); });
  document.addEventListener("visibilitychange", () => { if (isLeaving && !document.hidden) location.reload(); });

  // Who was let in writes from now on with all that the page has for it.
  new MutationObserver(() => { if (!document.querySelector("#desk[hx-trigger]")) location.reload(); })
    .observe(document.querySelector("#desk[hx-trigger]")?.parentNode ?? document.createElement("p"), { childList: true });
})();
