/* The frame's side of what it and the page around it tell each other (docs/embedding.md), and how many frames are live at once. */
(() => {
  "use strict";

  const { find, on } = sampark;
  const VERSION = 1;
  const root = document.documentElement;
  const sites = (root.dataset.sites ?? "").split(" ");
  const log = find("#messages");
  let host = "";
  let isWanted = true;
  let isInView = true;
  let unread = 0;
  let told = 0;

  const tell = (type, more) => { if (host) parent.postMessage({ type: `sampark:${type}`, version: VERSION, ...more }, host); };

  function dress({ theme, accent }) {
    if (["system", "light", "dark"].includes(theme)) {
      root.dataset.theme = theme;
      find("meta[name='color-scheme']").content = theme === "system" ? "light dark" : theme;
    }
    if (/^#[0-9a-f]{6}$/i.test(accent)) {
      root.style.setProperty("--accent", accent);
      document.body.classList.add("accented");
    }
  }

  const heard = {
    "sampark:hello": (said) => {
      dress(said);
      isWanted = said.visible !== false;
      tell("ready", { name: find("h1")?.textContent.trim() ?? "" });
      const refusal = find("[data-refused] .for-developers");
      if (refusal) tell("refused", { reason: refusal.textContent.trim() });
      told = 0;
      look();
    },
    "sampark:theme": dress,
    "sampark:visible": ({ visible }) => { isWanted = visible === true; look(); },
    "sampark:focus": () => (find("#composer textarea") ?? find("main input:not([type='hidden']), main button, main"))?.focus(),
  };

  // Who may frame this page may talk to it; another window that knows of the frame may not.
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== parent || parent === window || !sites.includes(origin) || data?.version !== VERSION) return;
    if (!Object.hasOwn(heard, data.type)) return;
    host = origin;
    heard[data.type](data);
  });

  on("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !find("dialog[open], :popover-open")) tell("close");
  });

  // What came while nobody could see it.
  const isSeen = () => isWanted && isInView && !document.hidden;

  function look() {
    if (isSeen()) unread = 0;
    if (unread !== told) {
      told = unread;
      tell("unread", { count: unread });
    }
  }

  let newest = Math.max(0, ...[...(log?.querySelectorAll(".message") ?? [])].map((message) => Number(message.dataset.seq)));
  if (log) {
    new MutationObserver(() => {
      const news = [...log.querySelectorAll(":scope > .message")].filter((message) => Number(message.dataset.seq) > newest);
      if (!news.length) return;
      newest = Math.max(...news.map((message) => Number(message.dataset.seq)));
      if (!isSeen()) unread += news.filter((message) => !message.matches(".system") && message.dataset.author !== sampark.me).length;
      look();
    }).observe(log, { childList: true });
  }
  on("visibilitychange", look);
  new IntersectionObserver((entries) => {
    isInView = entries.at(-1).isIntersecting;
    look();
    seekPlace();
  }).observe(document.body);

  /* Over HTTP/1.1 a browser has six connections to a site, and each live room holds one: with more of them than four nothing else
   * would come through. So they share four places, and a frame that has none says so. Over HTTP/2 there is nothing to share. */
  const PLACES = 4;
  const protocol = performance.getEntriesByType("navigation")[0]?.nextHopProtocol;
  const isShared = Boolean(navigator.locks) && (protocol ? protocol.startsWith("http/1") : location.protocol === "http:");
  const note = find("#embed-waiting");
  let hasPlace = !isShared;
  let leave = null;
  let isSeeking = false;

  const line = () => find("#live");

  function take(name, options) {
    return new Promise((resolve) => {
      navigator.locks.request(`sampark-live-${name}`, options, (lock) => {
        if (!lock) return resolve(false);
        hasPlace = true;
        resolve(true);
        return new Promise((end) => { leave = end; });
      }).catch(() => giveUp());
    });
  }

  function giveUp() {
    hasPlace = false;
    leave?.();
    leave = null;
    line()?._htmx?.sse?.reader?.cancel();
    show();
  }

  function show() {
    if (note) note.hidden = hasPlace || !isInView || !line();
  }

  async function seekPlace() {
    if (!isShared || isSeeking || !line()) return;
    if (!isInView) {
      if (hasPlace) giveUp();
      return;
    }
    if (hasPlace) return;
    isSeeking = true;
    for (let name = 1; name <= PLACES && !hasPlace; name += 1) await take(name, { ifAvailable: true });
    isSeeking = false;
    if (hasPlace) begin();
    show();
  }

  function begin() {
    show();
    htmx.trigger(line(), "shown");
  }

  if (isShared) {
    on("htmx:before:request", (event) => { if (event.target === line() && !hasPlace) event.preventDefault(); });
    on("htmx:sse:before:connection", (event) => { if (event.target === line() && !hasPlace) event.preventDefault(); });
    // The one that was live longest ago makes room: which one that is, nobody knows, so it is left to chance.
    note?.querySelector("button").addEventListener("click", async () => {
      await take(1 + Math.floor(Math.random() * PLACES), { steal: true });
      if (hasPlace) begin();
    });
    setInterval(seekPlace, 3000);
  }
})();
