/* What HTML cannot do: the reader's own time zone, the place in the scroll, drafts, keys, and saying that the line is down. */
(() => {
  "use strict";

  const language = document.documentElement.lang || "en";
  const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) || language;
  const isTouch = () => matchMedia("(pointer: coarse)").matches;
  const find = (selector, within = document) => within.querySelector(selector);
  const on = (name, act, options) => document.addEventListener(name, act, options);
  const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });
  const words = find("#words")?.dataset ?? {};

  /* ---- Times: short and in the reader's zone; days divided; one person's run of messages drawn together ---- */

  const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
  const nearby = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const distant = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const RUN = 5 * 60 * 1000;
  const moments = new WeakMap();

  const momentOf = (message) => moments.get(message) ?? localise(message);
  const dayOf = (moment) => new Date(moment).setHours(0, 0, 0, 0);

  function localise(message) {
    const time = find("time[datetime]", message);
    const moment = Date.parse(time?.dateTime);
    moments.set(message, moment);
    if (!Number.isNaN(moment)) {
      time.textContent = clock.format(moment);
      time.title = full.format(moment);
    }
    return moment;
  }

  function dayName(day) {
    const ago = Math.round((dayOf(Date.now()) - day) / 86_400_000);
    if (ago < 2) return relative.format(-ago, "day").replace(/^./u, (letter) => letter.toLocaleUpperCase(locale));
    return (ago < 300 ? nearby : distant).format(day);
  }

  function arrange(message) {
    const moment = momentOf(message);
    const before = message.previousElementSibling;
    const earlier = before?.matches(".message") ? momentOf(before) : NaN;
    const isNewDay = dayOf(earlier) !== dayOf(moment);
    const follows = !isNewDay && moment - earlier < RUN && before.dataset.author === message.dataset.author;
    if (isNewDay) message.dataset.day = dayName(dayOf(moment));
    else delete message.dataset.day;
    message.toggleAttribute("data-follows", follows && !message.matches(".system") && !before.matches(".system"));
  }

  /* ---- The place in the scroll. The scroller is reversed: 0 is the end, and the past is negative. ---- */

  const log = find("#messages");
  const scroller = log?.closest(".scroller");
  const NEAR = 100;
  const sequence = (message) => Number(message.dataset.seq);
  const isAtEnd = () => scroller.scrollTop > -NEAR;
  const newest = () => Math.max(0, ...[...log.children].slice(-3).map((child) => sequence(child) || 0));

  let held = null;
  let seen = 0;
  let waiting = 0;
  let pill = null;

  function hold() {
    const top = scroller.getBoundingClientRect().top;
    let [low, high] = [0, log.children.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (log.children[middle].getBoundingClientRect().bottom > top) high = middle;
      else low = middle + 1;
    }
    const shown = [...log.children].slice(low, low + 30).filter((child) => child.matches(".message"));
    held = shown.map((child) => [child.id, child.getBoundingClientRect().top]);
  }

  function keepPlace() {
    for (const [id, top] of held ?? []) {
      const message = document.getElementById(id);
      if (!message) continue;
      const moved = message.getBoundingClientRect().top - top;
      if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
      return;
    }
  }

  function toEnd() {
    scroller.scrollTop = 0;
    waiting = 0;
    showPill();
  }

  function showPill() {
    if (!pill && !waiting) return;
    if (!pill) {
      pill = make("button", "pill", "");
      pill.type = "button";
      pill.addEventListener("click", () => { toEnd(); if (!isTouch()) find("#text")?.focus(); });
      scroller.closest(".room").append(pill);
    }
    pill.hidden = !waiting;
    const form = new Intl.PluralRules(language).select(waiting) === "one" ? words.pillOne : words.pillOther;
    pill.textContent = (form ?? "").replace("{n}", new Intl.NumberFormat(locale).format(waiting));
  }

  function changed(mutations) {
    const touched = new Set();
    let arrived = 0;
    let mine = false;
    for (const { addedNodes, nextSibling } of mutations) {
      for (const node of [...addedNodes, nextSibling]) {
        const message = node?.nodeType === 1 ? node : node?.nextElementSibling;
        if (message?.isConnected && message.matches(".message")) touched.add(message);
        if (message?.nextElementSibling?.matches(".message")) touched.add(message.nextElementSibling);
      }
    }
    touched.forEach(arrange);
    if (!scroller) return;
    for (const message of touched) {
      if (sequence(message) <= seen || !find("#live")) continue;
      arrived += 1;
      mine ||= message.dataset.author === scroller.dataset.me && !message.matches(".system");
    }
    seen = Math.max(seen, newest());
    if (mine || (wasAtEnd && !wasReadingOn)) toEnd();
    else {
      keepPlace();
      waiting += arrived;
      if (isAtEnd()) waiting = 0;
      showPill();
    }
    wasReadingOn = false;
    mark();
  }

  let wasAtEnd = true;
  let wasReadingOn = false;

  function mark() {
    wasAtEnd = isAtEnd();
    hold();
  }

  if (log) {
    [...log.querySelectorAll(".message")].forEach(arrange);
    new MutationObserver(changed).observe(log, { childList: true });
  } else document.querySelectorAll(".message").forEach(localise);

  if (scroller) {
    // The place is kept here, for every browser alike; twice would be once too often.
    scroller.style.overflowAnchor = "none";
    seen = newest();
    let frame = 0;
    scroller.addEventListener("scroll", () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        mark();
        if (wasAtEnd && waiting) toEnd();
      });
    }, { passive: true });
    addEventListener("resize", mark);
    // The way to the first new message is of use until it was gone, or where the message is not in view anyway.
    const wayToNew = find(".to-new");
    const firstNew = wayToNew && document.getElementById(find("a", wayToNew).hash.slice(1));
    if (firstNew?.getBoundingClientRect().top >= scroller.getBoundingClientRect().top) wayToNew.remove();
    wayToNew?.addEventListener("click", () => setTimeout(() => wayToNew.remove()));
    on("htmx:before:swap", ({ target }) => { wasReadingOn = Boolean(target.matches?.(".more.newer")); mark(); });
    mark();
  }

  let today = dayOf(Date.now());
  on("visibilitychange", () => {
    if (document.hidden || !log || today === dayOf(Date.now())) return;
    today = dayOf(Date.now());
    log.querySelectorAll(".message").forEach(arrange);
  });

  /* ---- Writing ---- */

  const KEEP_QUIET = 3000;
  const drafts = {
    name: () => `draft:${scroller?.dataset.me}:${location.pathname}`,
    read() { try { return localStorage.getItem(this.name()) ?? ""; } catch { return ""; } },
    write(text) {
      try {
        if (text.trim()) localStorage.setItem(this.name(), text);
        else localStorage.removeItem(this.name());
      } catch { /* storage is full or forbidden: no drafts */ }
    },
    forget() {
      try {
        Object.keys(localStorage).filter((name) => name.startsWith("draft:")).forEach((name) => localStorage.removeItem(name));
      } catch { /* as above */ }
    },
  };
  let sending = null;
  let queued = [];
  let next = null;
  let saidTyping = 0;

  const composer = () => find("#composer");
  const field = () => find("#text", composer() ?? document.createElement("form"));

  function freshKey() {
    const key = find("input[name=key]", composer() ?? document);
    if (key) key.value = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(12)))).replace(/\+/g, "-").replace(/\//g, "_");
  }

  function grow(text) {
    if (CSS.supports("field-sizing", "content")) return;
    text.style.blockSize = "auto";
    text.style.blockSize = `${text.scrollHeight}px`;
  }

  function adopt() {
    const text = field();
    if (!text) return;
    const draft = drafts.read();
    if (draft && (!text.value.trim() || sending !== null)) text.value = draft;
    grow(text);
  }

  function say(sentence, link) {
    const alert = make("p", "problem", sentence);
    alert.setAttribute("role", "alert");
    if (link) alert.append(" ", Object.assign(make("a", "", words.goHome), { href: "/" }));
    find("#alerts").replaceChildren(alert);
  }

  function typing(text) {
    if (!text.dataset.typing || !text.value.trim() || Date.now() - saidTyping < KEEP_QUIET) return;
    saidTyping = Date.now();
    fetch(text.dataset.typing, { method: "POST", credentials: "same-origin", headers: { "HX-Request": "true" } }).catch(() => {});
  }

  // While a message is under way, each Enter ends another one; all of them stay in the box until they are sent.
  function sendLater() {
    const input = field();
    let rest = input.value;
    for (const text of [sending, ...queued]) {
      rest = rest.trimStart();
      if (rest.startsWith(text)) rest = rest.slice(text.length);
    }
    if (!rest.trim()) return;
    queued.push(rest.trim());
    input.value += "\n";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function sent(text) {
    const input = field();
    // What was written while the message was under way stays.
    input.value = input.value.startsWith(text) ? input.value.slice(text.length).trimStart() : input.value;
    drafts.write(input.value);
    grow(input);
    freshKey();
    saidTyping = 0;
    find("#alerts").replaceChildren();
    find(".problem", composer())?.remove();
    input.removeAttribute("aria-invalid");
    input.focus({ preventScroll: true });
    if (scroller) toEnd();
  }

  on("input", ({ target }) => {
    if (target.id !== "text") return;
    drafts.write(target.value);
    grow(target);
    typing(target);
  });

  on("keydown", (event) => {
    if (event.target.id !== "text" || event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    const always = event.ctrlKey || event.metaKey;
    if (!always && (event.shiftKey || event.altKey || isTouch())) return;
    event.preventDefault();
    if (event.repeat || !event.target.value.trim() || event.target.disabled) return;
    if (sending === null) composer().requestSubmit();
    else sendLater();
  });

  on("submit", (event) => {
    if (event.target.matches("[action='/logout']")) {
      drafts.forget();
      isGone = true;
    }
    if (event.target !== composer()) return;
    if (sending !== null) {
      event.preventDefault();
      event.stopImmediatePropagation();
      sendLater();
    } else if (!composer().hasAttribute("hx-post")) drafts.write("");
  }, true);

  const isComposers = (event) => event.detail?.ctx?.sourceElement?.id === "composer";

  on("htmx:config:request", (event) => {
    if (!isComposers(event) || next === null) return;
    event.detail.ctx.request.body.set("text", next);
    next = null;
  });

  on("htmx:before:request", (event) => { if (isComposers(event)) sending = event.detail.ctx.request.body?.get("text")?.replace(/\r\n/g, "\n") ?? ""; });

  on("htmx:after:request", (event) => {
    if (!isComposers(event)) return;
    const { status } = event.detail.ctx.response;
    if (status >= 200 && status < 300) sent(sending);
    else if (status >= 500) say(words.failed);
  });

  on("htmx:error", (event) => { if (isComposers(event)) say(words.lost); });

  on("htmx:finally:request", (event) => {
    if (!isComposers(event)) return;
    const isSent = event.detail.ctx.response?.status < 300;
    sending = null;
    if (isSent && queued.length) {
      next = queued.shift();
      setTimeout(() => composer()?.requestSubmit());
    } else queued = [];
  });

  if (composer()) {
    adopt();
    // A refused message comes back as a new form, and its end is never heard of: the old one has left the document.
    new MutationObserver((mutations) => {
      if (!mutations.some(({ addedNodes }) => [...addedNodes].some((node) => node.id === "composer"))) return;
      adopt();
      sending = null;
      queued = [];
    }).observe(composer().parentElement, { childList: true });
    if (!isTouch() && !location.hash) field().focus({ preventScroll: true });
  }

  addEventListener("pageshow", (event) => { if (event.persisted) freshKey(); });

  on("click", ({ target }) => {
    if (target.closest?.(".message-delete") && !isTouch()) field()?.focus({ preventScroll: true });
  });

  /* ---- The line to the server ---- */

  const PATIENCE = 5000;
  const LINE = "#live, #own-live";
  let connection = null;
  let isGone = false;
  let alarm = 0;
  let banner = null;

  function disconnected() {
    if (isGone || alarm || !words.waiting || !find("#live")) return;
    alarm = setTimeout(() => {
      banner ??= find(".room").appendChild(make("p", "banner", ""));
      banner.setAttribute("role", "status");
      banner.textContent = words.waiting;
      banner.hidden = false;
    }, PATIENCE);
  }

  function connected() {
    clearTimeout(alarm);
    alarm = 0;
    if (banner) banner.hidden = true;
  }

  function signIn() {
    location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  }

  function gone(reason) {
    if (isGone) return;
    isGone = true;
    connected();
    if (reason === "signed-out") return signIn();
    say(reason === "deleted" ? words.goneDeleted : words.goneLeft, true);
    composer()?.querySelectorAll("textarea, button").forEach((part) => { part.disabled = true; });
    find("#typing")?.replaceChildren();
    setTimeout(() => document.querySelectorAll(LINE).forEach((line) => line.remove()));
  }

  on("htmx:sse:before:connection", (event) => {
    connection = event.detail.connection;
    if (isGone) connection.cancelled = true;
    else disconnected();
  });
  on("htmx:sse:after:connection", connected);
  on("gone", (event) => { if (event.target.matches(LINE)) gone(event.detail.data); });
  on("htmx:sse:error", ({ detail }) => {
    disconnected();
    if (detail.status === 401) { isGone = true; signIn(); }
    if (detail.status === 404 && find("#live")) gone("left");
  });
  on("htmx:response:error", ({ detail, target }) => { if (target.id === "live" && detail.ctx.response.status === 404) gone("left"); });
  addEventListener("online", () => connection?.delayCanceller?.());
  if (find("#live")) disconnected();

  /* ---- Small conveniences ---- */

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
