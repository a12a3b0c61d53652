/* Small conveniences: a room's ID is copied by a button, and an open menu closes when one turns away from it. */
(() => {
  "use strict";

  const { find, make, on } = sampark;

  for (const id of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) break;
    const button = make("button", "copy", id.dataset.copy);
    button.type = "button";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(id.textContent);
      button.textContent = id.dataset.copied;
      setTimeout(() => { button.textContent = id.dataset.copy; }, 2000);
    });
    id.after(button);
  }

  const openMenu = () => find(".menu[open]");
  on("click", ({ target }) => { const menu = openMenu(); if (menu && !menu.contains(target)) menu.open = false; });
  on("keydown", (event) => {
    const menu = openMenu();
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    find("summary", menu).focus();
  });
})();
