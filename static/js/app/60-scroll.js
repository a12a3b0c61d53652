/* The place in the scroll. The scroller is reversed: 0 is the end, and the past is negative. */
(() => {
  "use strict";

  const { find, make, on, words, locale, me, isTouch, arrange } = sampark;
  const NEAR = 100;
  const MOST = 400;
  const KEPT = 300;
  const log = find("#messages");
  const scroller = log?.closest(".scroller");
  if (!scroller) return;

  const sequence = (message) => Number(message.dataset.seq);
  const isAtEnd = () => scroller.scrollTop > -NEAR;
  const newest = () => Math.max(0, ...[...log.children].slice(-3).map((child) => sequence(child) || 0));

  let held = [];
  let seen = newest();
  let waiting = 0;
  let pill = null;
  let wasAtEnd = true;
  let wasReadingOn = false;

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
    for (const [id, top] of held) {
      const message = document.getElementById(id);
      if (!message) continue;
      const moved = message.getBoundingClientRect().top - top;
      if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
      return;
    }
  }

  function mark() {
    wasAtEnd = isAtEnd();
    hold();
  }

  function toEnd() {
    scroller.scrollTop = 0;
    waiting = 0;
    showPill();
    mark();
  }

  // A page that stays open for days does not grow for ever: what is far above is fetched again by whoever goes there.
  function trim() {
    const rows = log.querySelectorAll(":scope > .message");
    if (rows.length <= MOST || log.contains(document.activeElement)) return;
    const first = rows[rows.length - KEPT];
    while (log.firstElementChild !== first) log.firstElementChild.remove();
    const before = `?before=${sequence(first)}`;
    const way = { href: before, "hx-get": `${location.pathname}/messages${before}`, "hx-trigger": "intersect once", "hx-target": "this", "hx-swap": "outerHTML" };
    const more = make("a", "more older", words.older);
    for (const name in way) more.setAttribute(name, way[name]);
    log.prepend(more);
    htmx.process(more);
  }

  function showPill() {
    if (!pill && !waiting) return;
    if (!pill) {
      pill = make("button", "pill");
      pill.type = "button";
      pill.addEventListener("click", () => { toEnd(); if (!isTouch()) find("#text")?.focus(); });
      scroller.closest(".room").append(pill);
    }
    pill.hidden = !waiting;
    const form = new Intl.PluralRules(locale).select(waiting) === "one" ? words.pillOne : words.pillOther;
    pill.textContent = (form ?? "").replace("{n}", new Intl.NumberFormat(locale).format(waiting));
  }

  function changed(mutations) {
    const touched = new Set();
    let arrived = 0;
    let mine = false;
    for (const { target, addedNodes, nextSibling } of mutations) {
      for (const node of target === log ? [...addedNodes, nextSibling] : []) {
        const message = node?.nodeType === 1 ? node : node?.nextElementSibling;
        if (message?.isConnected && message.matches(".message")) touched.add(message);
        if (message?.nextElementSibling?.matches(".message")) touched.add(message.nextElementSibling);
      }
    }
    touched.forEach(arrange);
    for (const message of touched) {
      if (sequence(message) <= seen || !find("#live")) continue;
      // One's own is gone to where it was written elsewhere; what was written here has been gone to when it was.
      if (message.dataset.author !== me || message.matches(".system")) arrived += 1;
      else mine ||= !sampark.isOurs?.(message);
    }
    seen = Math.max(seen, newest());
    if (mine || (wasAtEnd && !wasReadingOn)) {
      toEnd();
      trim();
    } else {
      keepPlace();
      waiting = isAtEnd() ? 0 : waiting + arrived;
      showPill();
    }
    wasReadingOn = false;
    mark();
  }

  // Whoever was away begins where they stopped, if the new messages are more than the window holds.
  function open() {
    const way = find(".to-new");
    const first = way && document.getElementById(find("a", way).hash.slice(1));
    const isVisit = performance.getEntriesByType("navigation")[0]?.type === "navigate";
    const isAbove = () => first.getBoundingClientRect().top < scroller.getBoundingClientRect().top;
    if (first && isVisit && !location.hash && isAbove()) {
      first.scrollIntoView();
      waiting = [...log.querySelectorAll(".message")].filter((message) => sequence(message) >= sequence(first)).length;
      showPill();
    }
    // The way there is of use until it was gone, or where the message is not in view anyway.
    if (first && (location.hash === `#${first.id}` || !isAbove())) way.remove();
    way?.addEventListener("click", () => setTimeout(() => way.remove()));
    mark();
  }

  // The place is kept here, for every browser alike; twice would be once too often.
  scroller.style.overflowAnchor = "none";
  const observer = new MutationObserver(changed);
  for (const list of [log, find("#unsent")]) if (list) observer.observe(list, { childList: true });

  let frame = 0;
  scroller.addEventListener("scroll", () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      mark();
      if (wasAtEnd && waiting) toEnd();
    });
  }, { passive: true });
  addEventListener("resize", mark);
  on("htmx:before:swap", ({ target }) => { wasReadingOn = Boolean(target.matches?.(".more.newer")); mark(); });
  open();
  sampark.toEnd = toEnd;
})();
