/* Keys between rooms, regions and messages; and a voice of its own for what arrives, so that the log is never read again. */
(() => {
  "use strict";

  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (name, act) => document.addEventListener(name, act);
  const words = find("#keys").dataset;
  const isMac = /^(Mac|iP)/.test(navigator.platform);
  // Rarely wanted, and not small: fetched when it is.
  const ask = async (what, ...more) => (await import(words.switcher))[what](...more);

  /* ---- Messages: one stop for Tab, arrows between them, Tab again to what can be done with one ---- */

  const log = find(".scroller > #messages");
  const rows = () => all(":scope > :is(.message, .more)", log);
  const rowOf = (node) => node.closest?.("#messages > *");
  const text = (part) => part?.innerText.replace(/\s+/g, " ").trim();
  let current, held, beside;

  function hold(row) {
    const them = rows();
    held = row;
    beside = [1, -1].map((by) => them[them.indexOf(row) + by]);
    for (const part of all(":scope > * :is(a, button, audio, video, summary, [tabindex]:not(pre, .table))", log)) part.tabIndex = row?.contains(part) ? 0 : -1;
  }

  function said(row) {
    const files = all(".attachments :is(img, .file-name, video, voice-note)", row)
      .map((part) => part.alt || part.ariaLabel || (part.dataset.file ? words.voice : text(part)));
    const what = [text(find(".message-text", row)), ...files].filter(Boolean).join(", ");
    return row.matches(".system") ? what : `${text(find(".message-author", row))}: ${what}`;
  }

  function settle(row) {
    if (current) current.tabIndex = -1;
    current = row;
    if (!row) return;
    row.tabIndex = 0;
    if (row.id) row.ariaLabel = `${said(row)}, ${text(find("time", row))}`;
  }

  function walk(row, key) {
    const them = rows();
    const page = Math.ceil(log.parentElement.clientHeight / 90);
    const by = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -1e9, End: 1e9 }[key];
    if (!by) return false;
    const to = them.at(Math.max(0, Math.min(them.indexOf(row) + by, them.length - 1)));
    settle(to);
    to.focus();
    return true;
  }

  /* ---- What arrives is said: at once, then every so often what came meanwhile ---- */

  // Behind a closed door: who looks for words on the page, be it a person or a test, finds each only once.
  const announcer = Object.assign(document.createElement("p"), { id: "announcer", className: "sr" });
  const voice = announcer.attachShadow({ mode: "closed" }).appendChild(Object.assign(document.createElement("span"), { ariaLive: "polite" }));
  let seen = 0, unsaid = [], pause;

  function speak() {
    if (pause || !unsaid[0] || document.hidden) return;
    voice.textContent = unsaid.length < 4 ? unsaid.join("\n") : words.many.replace("{n}", unsaid.length.toLocaleString(document.documentElement.lang));
    announcer.dispatchEvent(new CustomEvent("say", { detail: voice.textContent }));
    unsaid = [];
    pause = setTimeout(() => { pause = 0; speak(); }, 1500);
  }

  function came(row) {
    if (!(row.dataset?.seq > seen) || row.parentNode !== log) return;
    seen = Number(row.dataset.seq);
    if (find("#live") && (row.matches(".system") || row.dataset.author !== log.parentElement.dataset.me)) unsaid.push(said(row).slice(0, 300));
  }

  function changed(records) {
    for (const { addedNodes } of records) addedNodes.forEach(came);
    speak();
    if (held && !held.isConnected && document.activeElement === document.body) {
      const to = [document.getElementById(held.id), ...beside].find((row) => row?.isConnected);
      settle(to);
      (to ?? find("#text")).focus();
    } else if (!log.contains(document.activeElement) && current !== rows().at(-1)) settle(rows().at(-1));
    hold(held?.isConnected ? held : null);
  }

  if (log) {
    log.ariaLive = "off";
    log.parentElement.after(announcer);
    seen = Math.max(0, ...rows().map((row) => row.dataset.seq | 0));
    changed([]);
    new MutationObserver(changed).observe(log, { childList: true, subtree: true });
    on("visibilitychange", speak);
    log.addEventListener("focusin", ({ target }) => {
      settle(rowOf(target));
      hold(current);
    });
    log.addEventListener("focusout", ({ relatedTarget }) => { if (relatedTarget && !held?.contains(relatedTarget)) hold(null); });
  }

  /* ---- Regions ---- */

  function region(by) {
    const them = all(".column-rooms, .scroller, .people, .composer").filter((one) => one.offsetParent);
    const at = them.findIndex((one) => one.contains(document.activeElement));
    const next = them.at(((at < 0 && by < 0 ? 0 : at) + by) % them.length);
    if (!next) return false;
    next.tabIndex = -1;
    (find("[aria-current], textarea, #messages > [tabindex='0']", next) ?? next).focus();
    return true;
  }

  function back(target) {
    const open = target.closest("details[open]:not(.menu)");
    const row = rowOf(target);
    if (open) open.open = false;
    (open ? find("summary", open) : row && (row === target ? find("#text") : row))?.focus();
  }

  function act({ key, code, target, altKey, shiftKey, ctrlKey, metaKey }) {
    const field = target.closest("textarea, select, input, [contenteditable]");
    const by = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (find("dialog:modal")) return false;
    // Where that key writes a letter of another script, its place counts.
    const letter = key > "~" ? { KeyK: "k", Slash: "/" }[code] : key;
    if ((isMac ? metaKey : ctrlKey) && !altKey && /^[k/]$/.test(letter)) return ask(letter === "k" ? "switcher" : "sheet");
    if (ctrlKey || metaKey) return false;
    // On a Mac Alt with an arrow goes through a field's paragraphs: where something is written, it still does.
    if (altKey) return by && !(isMac && field?.value) && !field?.matches("select") && ask("step", by, shiftKey);
    if (key === "F6") return region(shiftKey ? -1 : 1);
    if (key === "?") return !field && ask("sheet", true);
    if (key === "Escape") return back(target);
    const row = rowOf(target);
    return row && log && !shiftKey && !target.closest("input, textarea, select, audio, video, [role=slider]") && walk(row, key);
  }

  on("keydown", (event) => { if (!event.defaultPrevented && !event.isComposing && act(event)) event.preventDefault(); });

  on("click", (event) => {
    const link = event.target.closest("[data-ask]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      ask(link.dataset.ask).catch(() => location.assign(link.href));
    }
    // Deleted by a key: the message keeps the focus until it is gone, and then the one beside it has it.
    if (!event.detail && event.target.matches(".message-delete")) setTimeout(() => rowOf(event.target)?.focus());
  });
  // What hangs over the messages closes when one goes on.
  on("focusin", ({ target }) => { for (const menu of all(".menu[open]")) menu.open = menu.contains(target); });

  for (const link of all("[data-ask]")) link.hidden = false;
  if (find("[data-single-keys]")) ask("tune");
})();
