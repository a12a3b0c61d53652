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
  let floats = false;
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
      floats = said.closable === true;
      if (said.fit === true) fit();
      close.hidden = !floats;
      tell("ready", { name: find("h1")?.textContent.trim() ?? "" });
      const refusal = find("[data-refused] .for-developers");
      if (refusal) tell("refused", { reason: refusal.textContent.trim() });
      told = 0;
      look();
      seekPlace();
    },
    "sampark:theme": dress,
    "sampark:visible": ({ visible }) => { isWanted = visible === true; look(); },
    "sampark:focus": () => {
      const place = find("#text") ?? find("#name") ?? Object.assign(find("main"), { tabIndex: -1 });
      place.focus();
    },
  };

  // How high the frame would be without anything to scroll; the page around it says how high it may be.
  let sizes = null;
  function fit() {
    const room = find(".room");
    if (sizes || !room) return;
    const scroller = find(".scroller");
    const high = (parts) => parts.reduce((sum, part) => sum + part.getBoundingClientRect().height, 0);
    const parts = [...[...room.children].filter((part) => part !== scroller), ...scroller.children];
    let before = 0;
    sizes = new ResizeObserver(() => {
      const height = Math.ceil(high(parts)) + 16;
      if (height === before) return;
      before = height;
      tell("size", { height });
    });
    parts.forEach((part) => sizes.observe(part));
  }

  // Who may frame this page may talk to it; another window that knows of the frame may not.
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== parent || parent === window || !sites.includes(origin) || data?.version !== VERSION) return;
    if (!Object.hasOwn(heard, data.type)) return;
    host = origin;
    heard[data.type](data);
  });

  on("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !find("dialog[open]")) tell("close");
  });

  const head = find("[data-close]");
  const title = head?.dataset.close;
  const close = Object.assign(document.createElement("button"), { type: "button", id: "embed-close", className: "embed-close", title, ariaLabel: title, hidden: true });
  close.addEventListener("click", () => tell("close"));
  head?.append(close);

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
   * would come through. So they share four places, and a frame that has none says so. Over HTTP/2 there is nothing to share.
   * (Web Locks would be the tool, but browsers that block other sites' cookies deny them to a frame; they leave it this channel.) */
  const PLACES = 4;
  const PATIENCE = 250;
  const protocol = performance.getEntriesByType("navigation")[0]?.nextHopProtocol;
  const isShared = parent !== window && (protocol ? protocol.startsWith("http/1") : location.protocol === "http:");
  const me = Math.random().toString(36).slice(2);
  const line = () => find("#live");
  const note = find("#embed-waiting");
  const holders = new Set();
  const askers = new Set();
  let channel = null;
  let hasPlace = !isShared;
  let isAsking = false;
  let isJudging = false;

  const say = (type, who = me) => channel.postMessage({ type, who });
  const show = () => { if (note) note.hidden = hasPlace || !isInView || !line(); };

  function begin() {
    hasPlace = true;
    say("held");
    show();
    htmx.trigger(line(), "shown");
  }

  function giveUp() {
    if (!hasPlace) return;
    hasPlace = false;
    line()?._htmx?.sse?.reader?.cancel();
    say("free");
    show();
  }

  async function seekPlace() {
    if (!channel || isAsking || !line()) return;
    // A closed window counts what comes.
    if (document.hidden || !(isInView || floats)) giveUp();
    else if (!hasPlace) {
      isAsking = true;
      holders.clear();
      askers.clear();
      say("ask");
      await new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
      isAsking = false;
      // Of those who ask at once the first by name comes first.
      const ahead = [...askers].filter((other) => other < me).length;
      if (holders.size + ahead < PLACES) begin();
      else show();
    }
  }

  // On a slow machine answers come late, and too many have begun: of those who say so again the first keep their places.
  async function judge() {
    if (isJudging || !hasPlace || holders.size < PLACES) return;
    isJudging = true;
    holders.clear();
    say("who");
    await new Promise((resolve) => { setTimeout(resolve, 4 * PATIENCE); });
    isJudging = false;
    if ([...holders].filter((other) => other < me).length >= PLACES) giveUp();
    else judge();
  }

  const answers = {
    ask: (who) => { askers.add(who); if (hasPlace) say("held"); },
    who: () => { if (hasPlace) say("held"); },
    held: (who) => { holders.add(who); askers.delete(who); judge(); },
    free: (who) => { holders.delete(who); seekPlace(); },
    yield: (who) => { if (who === me) giveUp(); },
  };

  if (isShared) {
    channel = new BroadcastChannel("sampark-live");
    channel.addEventListener("message", ({ data }) => answers[data.type]?.(data.who));
    on("htmx:before:request", (event) => { if (event.target === line() && !hasPlace) event.preventDefault(); });
    on("htmx:sse:before:connection", (event) => { if (event.target === line() && !hasPlace) event.preventDefault(); });
    // Who comes back to a place begins where they were.
    on("htmx:sse:after:message", ({ target, detail }) => {
      const id = detail.connection.lastEventId;
      const address = target === line() && id && target.getAttribute("hx-sse:connect").replace(/since=-?\d+/, `since=${id}`);
      if (address) target.setAttribute("hx-sse:connect", address);
    });
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: note?.dataset.act });
    note?.append(sampark.make("p", "", note.dataset.said), " ", button);
    button.addEventListener("click", () => {
      const [other] = holders;
      if (other) say("yield", other);
      begin();
    });
    on("visibilitychange", seekPlace);
    addEventListener("pagehide", giveUp);
    setInterval(seekPlace, 3000);
    seekPlace();
  }
})();
