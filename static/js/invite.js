/* The invite sheet: over the room where htmx brings it into its dialog; copying, sharing and printing there and on its page. */
(() => {
  "use strict";

  const SAID = 2000;

  class InviteSheet extends HTMLElement {
    connectedCallback() {
      const dialog = this.closest("dialog");
      const reveal = (selector, isPossible, act) => {
        for (const button of this.querySelectorAll(selector)) {
          button.hidden = !isPossible;
          button.addEventListener("click", () => act(button));
        }
      };
      reveal("button.copies", navigator.clipboard, (button) => this.copy(button));
      reveal("button.shares", navigator.share, (button) => this.share(button.dataset));
      reveal("button.prints", true, () => print());
      reveal("button.closes", dialog, () => dialog.close());
      if (dialog && !dialog.open) open(dialog);
    }

    async copy(button) {
      const status = this.querySelector("[role=status]");
      button.dataset.word ??= button.textContent;
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
      status.textContent = button.textContent = button.dataset.copied;
      setTimeout(() => {
        button.textContent = button.dataset.word;
        status.textContent = "";
      }, SAID);
    }

    share({ title, link }) {
      navigator.share({ title, url: link }).catch(() => {}); // whoever thinks better of it is no fault
    }
  }

  function open(dialog) {
    const opener = document.activeElement;
    const menu = opener?.closest("details");
    if (menu) menu.open = false;
    dialog.showModal();
    dialog.addEventListener("close", () => {
      dialog.replaceChildren();
      // What opened it lies in a menu that has closed meanwhile.
      (opener?.checkVisibility?.() ? opener : menu?.querySelector("summary"))?.focus();
    }, { once: true });
  }

  document.querySelector("dialog#invite")?.addEventListener("click", (event) => {
    if (event.target === event.currentTarget) event.target.close(); // beside the sheet
  });

  customElements.define("invite-sheet", InviteSheet);
})();
