/* Copies code; opens what is folded, and nothing moves under the eye. */
(() => {
  "use strict";

  const dress = () => document.querySelectorAll(".code template").forEach((kept) => kept.parentNode.replaceWith(kept.content));

  async function copy(button) {
    const code = button.parentNode.lastChild;
    try {
      await navigator.clipboard.writeText(code.textContent.trimEnd());
    } catch {
      // Without TLS only what is selected.
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
    const show = (text) => { button.nextSibling.textContent = text; };
    show(button.dataset.done);
    setTimeout(show, 2000, "");
  }

  function toggle(fold) {
    const text = fold.previousSibling;
    const still = fold.open ? fold : text;
    const top = () => still.getBoundingClientRect().top;
    const moved = text.scrollTop - top();
    fold.open = !fold.open;
    (fold.closest(".scroller") ?? document.scrollingElement).scrollTop += moved + top();
  }

  function act(event) {
    const { target, type } = event;
    const fold = target.closest?.(".long-text")?.nextSibling;
    if (type !== "click") {
      if (fold?.open === false && (type === "focusin" || target === fold.previousSibling)) toggle(fold);
    } else if (target.matches(".copy-code")) copy(target);
    else if (target.matches(".unfold > *")) {
      event.preventDefault();
      toggle(target.parentNode);
    }
  }

  for (const name of ["scroll", "focusin", "click"]) document.addEventListener(name, act, true);
  new MutationObserver(dress).observe(document.body, { childList: true, subtree: true });
  dress();
})();
