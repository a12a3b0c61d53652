/* The room's "Embed" page: theme and colour are shown at once, and what is to be pasted elsewhere is copied by a button. */
(() => {
  "use strict";

  const SAID = 2000;
  const form = document.querySelector("#embed-settings");
  const preview = document.querySelector("#embed-preview");

  function dress() {
    const page = preview.contentDocument;
    if (!page?.body) return;
    const { theme, accent, own_accent: own } = form.elements;
    page.documentElement.dataset.theme = theme.value;
    page.body.classList.toggle("accented", own.checked);
    page.documentElement.style.setProperty("--accent", accent.value);
  }

  form.addEventListener("input", ({ target }) => {
    if (target.name === "accent") form.elements.own_accent.checked = true;
    dress();
  });
  preview.addEventListener("load", dress);
  dress();

  for (const thing of navigator.clipboard ? document.querySelectorAll("[data-copies]") : []) {
    const { copies, copied } = thing.dataset;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "copies", textContent: copies });
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(thing.textContent);
      button.textContent = copied;
      setTimeout(() => { button.textContent = copies; }, SAID);
    });
    thing.after(" ", button);
  }
})();
