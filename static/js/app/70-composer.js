/* Writing: what is sent goes to the outbox, what is not is a draft. Files go with upload.js, voices and an empty form with htmx. */
(() => {
  "use strict";

  const { find, make, on, words, me, isTouch, drafts, outbox, say } = sampark;
  const KEEP_QUIET = 3000;
  let saidTyping = 0;
  let isTyped = false;

  const composer = () => find("#composer");
  const field = () => find("#text", composer() ?? document.createElement("form"));
  const room = composer()?.action.split("/").at(-2);
  if (!room || !outbox) return;

  function grow(text) {
    if (CSS.supports("field-sizing", "content")) return;
    text.style.blockSize = "auto";
    text.style.blockSize = `${text.scrollHeight}px`;
  }

  function type(text) {
    field().value = text;
    drafts.write(text);
    grow(field());
  }

  function freshKey() {
    const key = find("input[name=key]", composer());
    if (key) key.value = sampark.newKey();
  }

  function adopt() {
    const draft = drafts.read();
    // What came with the page, as something shared does, stands below what was being written.
    const given = field().value.trim();
    if (draft && !given.includes(draft.trim())) field().value = given ? `${draft}\n\n${given}` : draft;
    if (given) drafts.write(field().value);
    grow(field());
  }

  function clear() {
    find("#alerts").replaceChildren();
    find(".problem", composer())?.remove();
    field().removeAttribute("aria-invalid");
    saidTyping = 0;
  }

  function typing(text) {
    if (!text.dataset.typing || !text.value.trim() || Date.now() - saidTyping < KEEP_QUIET) return;
    saidTyping = Date.now();
    fetch(text.dataset.typing, { method: "POST", headers: { "HX-Request": "true" } }).catch(() => {});
  }

  // A text that has to be changed is written anew; what is being written meanwhile stays, below it.
  sampark.takeBack = (name, text) => {
    type([text, field().value].filter((part) => part.trim()).join("\n\n"));
    outbox.drop(name);
  };

  // In this page, not in another tab's.
  const written = new Set();

  on("outbox", ({ detail: { refused } }) => {
    const entries = outbox.list(room);
    const last = entries.at(-1);
    if (!refused || last?.name !== refused || !written.has(refused) || field().value.trim() || last.status !== 422) return;
    const alert = Object.assign(make("p", "problem", last.problem), { id: "problem-text", role: "alert" });
    find(".composer-box", composer()).before(alert);
    field().setAttribute("aria-invalid", "true");
    field().setAttribute("aria-describedby", alert.id);
    sampark.takeBack(refused, last.text);
    field().focus({ preventScroll: true });
  });

  on("input", ({ target }) => {
    if (target.id !== "text") return;
    isTyped = true;
    drafts.write(target.value);
    grow(target);
    typing(target);
  });

  on("keydown", (event) => {
    const { target, key } = event;
    if (event.isComposing || event.keyCode === 229) return;
    if (target.id !== "text") return;
    const isPlain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (key === "ArrowUp" && isPlain && !target.value) {
      const mine = [...document.querySelectorAll(`#messages > [data-author="${CSS.escape(me)}"]:has(.message-tools)`)].at(-1);
      if (!mine) return;
      event.preventDefault();
      mine.scrollIntoView({ block: "nearest" });
      find(".message-tools :is(button, summary)", mine).focus({ preventScroll: true, focusVisible: true });
    }
    if (key !== "Enter" || (!event.ctrlKey && !event.metaKey && (!isPlain || sampark.entersLines()))) return;
    event.preventDefault();
    if (!event.repeat && target.value.trim() && !target.disabled) composer().requestSubmit();
  });

  on("submit", (event) => {
    const text = field().value;
    if (event.target !== composer() || find("[name=voice]", composer())?.files?.length || !text.trim()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    clear();
    type("");
    isTyped = false;
    written.add(outbox.add(room, text));
    sampark.toEnd?.();
    field().focus({ preventScroll: true });
  }, true);

  const isComposers = (event) => event.detail?.ctx?.sourceElement?.id === "composer";

  on("htmx:after:request", (event) => {
    if (!isComposers(event)) return;
    const { status } = event.detail.ctx.response;
    if (status >= 500) say(words.failed);
    if (status >= 300) return;
    clear();
    freshKey();
    sampark.toEnd?.();
  });
  on("htmx:error", (event) => { if (isComposers(event)) say(words.lost); });

  adopt();
  // What htmx sent and the server refused comes back as a new form.
  new MutationObserver((mutations) => {
    if (mutations.some(({ addedNodes }) => [...addedNodes].some((node) => node.id === "composer"))) adopt();
  }).observe(composer().parentElement, { childList: true });
  if (!isTouch() && !location.hash) field().focus({ preventScroll: true });

  addEventListener("pageshow", (event) => { if (event.persisted) freshKey(); });
  // Another tab of this room may have written its own draft, or sent it.
  on("visibilitychange", () => {
    const text = isTyped && document.hidden && field().value.trim();
    if (text && !drafts.read().includes(text)) drafts.write(`${drafts.read()}\n\n${text}`.trim());
  });
  // Who deletes by a key stays among the messages.
  on("click", ({ target, detail }) => {
    if (detail && target.closest?.(".message-delete") && !isTouch()) field().focus({ preventScroll: true });
  });
})();
