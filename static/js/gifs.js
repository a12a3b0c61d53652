/* The GIF picker above the composer: it opens and closes, the arrow keys walk its grid, and a choice closes it. */
(() => {
  "use strict";

  const place = document.querySelector("#gif-place");
  const opener = () => document.querySelector("#gif-button");
  if (!place) return;

  const isOpen = () => place.childElementCount > 0;

  function close(returnsFocus = true) {
    if (!isOpen()) return;
    place.replaceChildren();
    opener()?.setAttribute("aria-expanded", "false");
    if (returnsFocus) opener()?.focus();
  }

  // The second press closes: what htmx would fetch is here already.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#gif-button") && isOpen()) {
      event.preventDefault();
      event.stopImmediatePropagation();
      close();
    } else if (isOpen() && !event.target.closest?.("#gif-place, #gif-button")) close(false);
  }, true);

  new MutationObserver(() => {
    if (!isOpen() || place.contains(document.activeElement)) return;
    opener()?.setAttribute("aria-expanded", "true");
    place.querySelector("#gif-query")?.focus();
  }).observe(place, { childList: true });

  const choices = () => [...place.querySelectorAll(".gif-choice")];

  function walk(from, key) {
    const all = choices();
    const at = all.indexOf(from);
    const columns = all.filter((choice) => choice.offsetTop === all[0].offsetTop).length;
    const forward = getComputedStyle(place).direction === "rtl" ? -1 : 1;
    const steps = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: columns, ArrowUp: -columns };
    if (key === "Home") return all[0];
    if (key === "End") return all.at(-1);
    if (!(key in steps)) return undefined;
    return all[at + steps[key]] ?? (key === "ArrowUp" ? place.querySelector("#gif-query") : from);
  }

  place.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.target.id === "gif-query" && event.key === "ArrowDown" && choices().length) {
      event.preventDefault();
      choices()[0].focus();
    } else if (event.target.matches(".gif-choice")) {
      const next = walk(event.target, event.key);
      if (!next) return;
      event.preventDefault();
      next.focus();
    }
  });

  // Once it is on its way; when it is refused, the alert says why, and the composer is where it was.
  document.addEventListener("htmx:after:request", (event) => {
    const source = event.detail?.ctx?.sourceElement;
    if (!source?.closest?.(".gif-grid") || !place.contains(source) || event.detail.ctx.response.status >= 500) return;
    close(false);
    document.querySelector("#text")?.focus();
  });
})();
