/* The emoji sheet above the composer, and the names that `:smi` opens. */
(() => {
  "use strict";

  const find = (selector) => document.querySelector(selector);
  const on = (name, act, capture) => document.addEventListener(name, act, capture);
  const place = find("#emoji-place");
  const field = () => find("#text");
  const opener = () => find("#emoji-button");
  const query = () => find("#emoji-query");
  const choices = () => [...place.querySelectorAll(".emoji-choice")];
  const rove = (to) => choices().forEach((choice) => { choice.tabIndex = choice === to ? 0 : -1; });
  const isTouch = matchMedia("(pointer: coarse)").matches;

  function insert(sign, from, to) {
    const text = field();
    // Focus brings a phone's keyboard out; the command can be undone.
    if (isTouch && document.activeElement !== text) {
      text.setRangeText(sign, from, to, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      text.focus();
      text.setSelectionRange(from, to);
      document.execCommand("insertText", false, sign);
    }
  }

  /* ---- The sheet ---- */

  function close(returnsFocus) {
    place.replaceChildren();
    opener().ariaExpanded = false;
    if (returnsFocus) field()?.focus();
  }

  function choose(choice, stays) {
    const from = document.activeElement;
    insert(choice.value, field().selectionStart, field().selectionEnd);
    if (stays) from.focus();
    else if (!isTouch) close();
  }

  on("click", (event) => {
    const within = (selector) => event.target.closest(selector);
    const choice = within("#emoji-place .emoji-choice");
    const option = within("#emoji-names li");
    if (choice) {
      event.preventDefault();
      choose(choice, event.shiftKey);
    } else if (option) accept(option);
    else if (query() && within("#emoji-button")) {
      event.stopImmediatePropagation(); // htmx would fetch it again
      close(true);
    } else if (query() && (!within("#emoji-place") || within(".emoji-gif"))) setTimeout(close);
  }, true);

  new MutationObserver(() => {
    rove(choices()[0]);
    if (!query() || ![document.body, opener()].includes(document.activeElement)) return;
    opener().ariaExpanded = true;
    if (!isTouch) query().focus();
  }).observe(place, { childList: true, subtree: true });

  function next(from, key) {
    const all = choices();
    const at = all.indexOf(from);
    const forward = document.dir === "rtl" ? -1 : 1;
    const others = { ArrowDown: all.slice(at + 1), ArrowUp: all.slice(0, at).reverse() }[key];
    if (!others) return all[{ ArrowRight: at + forward, ArrowLeft: at - forward, Home: 0, End: all.length - 1 }[key]];
    return others.find((one) => one.offsetLeft === from.offsetLeft) ?? (key === "ArrowUp" && query());
  }

  place.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const [first] = choices();
    const to = target.matches(".emoji-choice") ? next(target, key) : key === "ArrowDown" && first;
    if (event.isComposing) return;
    if (key === "Escape") close(true);
    else if (to) {
      rove(to === query() ? first : to);
      to.focus();
    } else if (key === "Enter" && target === query() && first && find("#emoji-results").dataset.query === (target.value.trim() || null)) choose(first, event.shiftKey);
    else return;
    event.stopPropagation();
    event.preventDefault();
  });

  /* ---- Names ---- */

  // As in emoji/short_names.py.
  const TYPED = /(?<![\p{L}\p{M}\p{N}/:=&#%@.+-]):([\p{L}+-][\p{L}\p{M}\p{N}_+-]+)$/u;
  let [list, at, start, unwanted, coming] = [null, 0, 0, -1, -1];

  function shut() {
    list?.remove();
    list = null;
    ["controls", "activedescendant"].forEach((name) => field()?.removeAttribute(`aria-${name}`));
  }

  function mark(number) {
    at = (number + list.children.length) % list.children.length;
    [...list.children].forEach((option, place) => { option.ariaSelected = place === at; });
    list.children[at].scrollIntoView({ block: "nearest" });
    field().setAttribute("aria-activedescendant", list.children[at].id);
  }

  function accept(option) {
    shut();
    insert(`${option.dataset.emoji} `, start, field().selectionEnd);
  }

  on("input", async ({ target }) => {
    if (target.id !== "text") return;
    const before = () => target.value.slice(0, target.selectionStart);
    const asked = before();
    const found = TYPED.exec(asked);
    let options;
    if (!found) unwanted = -1;
    // An odd number of backticks: inside code.
    else if (found.index !== unwanted && asked.split("`").length % 2) {
      coming = found.index;
      const answer = await fetch(`/emoji/names?q=${encodeURIComponent(found[1])}`, { redirect: "error" }).catch(() => {});
      options = answer?.ok && await answer.text();
    }
    // Escape may have come before the answer.
    if (before() !== asked || (found && found.index === unwanted)) return;
    coming = -1;
    shut();
    if (!options || document.activeElement !== target) return;
    target.form.insertAdjacentHTML("beforeend", options);
    list = find("#emoji-names");
    target.setAttribute("aria-controls", list.id);
    start = found.index;
    mark(0);
  });

  on("focusout", shut);
  on("mousedown", (event) => (event.target.closest("#emoji-names") ? event.preventDefault() : shut()));

  // Before everyone else: Enter would send the message.
  addEventListener("keydown", (event) => {
    const { key } = event;
    if (key === "Escape" && !list) unwanted = coming;
    if (!list || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (key === "ArrowDown") mark(at + 1);
    else if (key === "ArrowUp") mark(at - 1);
    else if (key === "Enter" || key === "Tab") accept(list.children[at]);
    else {
      if (/^(Arrow|Home|End|Page|Esc)/.test(key)) shut();
      if (key !== "Escape") return;
      unwanted = start;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
})();
