/* The invite sheet: over the room where htmx brings it into its dialog; copying, sharing and printing there and on its page. */
(() => {
  "use strict";

  const SAID = 2000;

  class InviteSheet extends HTMLElement {
    connectedCallback() {
      const dialog = this.closest("dialog");
      const actions = this.querySelector(".actions");
      const words = actions.dataset;
      const make = (className, textContent, onclick) => Object.assign(document.createElement("button"), { type: "button", className, textContent, onclick });
      for (const thing of navigator.clipboard ? this.querySelectorAll("[data-copies]") : []) {
        const button = make("copies", thing.dataset.copies, () => this.copy(thing, button));
        button.ariaLabel = thing.dataset.called;
        thing.after(" ", button);
      }
      if (dialog) actions.append(" ", make("quiet closes", words.close, () => dialog.close()));
      else actions.prepend(make("prints", words.print, () => print()), " ");
      if (navigator.share) actions.prepend(make("primary shares", words.share, () => this.share(words)), " ");
      if (dialog && !dialog.open) open(dialog);
    }

    async copy({ textContent, dataset: { copies, copied } }, button) {
      const status = this.querySelector("[role=status]");
      await navigator.clipboard.writeText(textContent);
      status.textContent = button.textContent = copied;
      setTimeout(() => {
        button.textContent = copies;
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
