/* Messages that have not arrived yet: kept in this browser for each person and room, and sent in order, each one once. */
(() => {
  "use strict";

  const { find, on, store, person, newKey, signIn, words } = sampark;
  if (!person) return;

  // Milliseconds for an answer.
  const PATIENCE = 30_000;
  const AWAY = [408, 429, 502, 503, 504];
  const HOME = `outbox:${person}:`;
  const roomOf = (name) => name.slice(HOME.length).split(":")[0];
  // What the storage had no room for.
  const memory = new Map();
  const rooms = new Map();
  // In frames side by side one is somebody else in each.
  const SIGNED_IN = words.rooms ? HOME : "signed-in";

  const stateOf = (room) => rooms.get(room) ?? rooms.set(room, { isBusy: false, why: "", tries: 0, timer: 0 }).get(room);
  const names = (room) => [...new Set([...store.names(HOME), ...memory.keys()])].filter((name) => !room || roomOf(name) === room).sort();

  function read(name) {
    try { return { ...JSON.parse(memory.get(name) ?? store.read(name)), name, key: name.split(":").at(-1) }; } catch { return { name }; }
  }

  const list = (room) => names(room).map(read).filter(({ text }) => text);
  const tell = (room, more) => document.dispatchEvent(new CustomEvent("outbox", { detail: { room, isBusy: stateOf(room).isBusy, ...more } }));

  function write(name, entry) {
    const text = JSON.stringify(entry);
    if (memory.has(name) || !store.write(name, text)) memory.set(name, text);
  }

  function drop(name) {
    memory.delete(name);
    store.write(name, "");
    tell(roomOf(name));
    send(roomOf(name));
  }

  function add(room, text) {
    const last = Number(names(room).at(-1)?.split(":").at(-2)) || 0;
    // One name in the storage for each message: tabs that write at once do not overwrite each other's.
    // In order, even where the clock was set back.
    const name = `${HOME}${room}:${Math.max(Date.now(), last + 1)}:${newKey()}`;
    write(name, { text });
    send(room);
    tell(room);
    return name;
  }

  /* ---- Sending ---- */

  // Another person may have signed in with this browser since this page was made.
  const isMe = () => (store.read(SIGNED_IN) ?? person) === person;
  const next = (room) => { const [first] = list(room); return isMe() && first && !first.problem ? first : null; };
  // Refused in another site's page, where a frame may keep nothing: then no other tab has these messages either.
  const lock = (room, work) => navigator.locks?.request(HOME + room, work).catch(work) ?? work();

  async function send(room) {
    const state = stateOf(room);
    // Who was told to go slower does so, whatever else happens.
    if (state.isBusy || (state.timer && state.why === "slow") || !next(room)) return;
    state.isBusy = true;
    clearTimeout(state.timer);
    state.timer = 0;
    try {
      await lock(room, async () => {
        for (let entry = next(room); entry && await post(room, entry, state);) entry = next(room);
      });
    } finally {
      state.isBusy = false;
      tell(room);
    }
    // What was added after the last look.
    if (!state.timer && !state.isOut) send(room);
  }

  async function post(room, { name, text, key }, state) {
    let response;
    let html;
    try {
      response = await fetch(`${words.rooms ?? "/rooms"}/${room}/messages`, {
        method: "POST",
        headers: { "HX-Request": "true" },
        body: new URLSearchParams({ text, key, person, csrf: find("[name=csrf]")?.value ?? "" }),
        signal: AbortSignal.timeout?.(PATIENCE),
      });
      html = await response.text();
    } catch { return later(room, state, "lost"); }
    const { status, headers } = response;
    if (status === 401) {
      state.isOut = true;
      signIn();
      return false;
    }
    if (AWAY.includes(status)) return later(room, state, status === 429 ? "slow" : "busy", Number(headers.get("Retry-After")) || 0);
    // Whatever else answers well is not this server: a hotel's own page, say.
    if (status < 400 && status !== 201) return later(room, state, "lost");
    state.why = "";
    state.tries = 0;
    if (status === 201) {
      memory.delete(name);
      store.write(name, "");
      await sampark.arrived?.(room, html);
    } else if (names(room).includes(name)) {
      const problem = find("[role=alert]", new DOMParser().parseFromString(html, "text/html"))?.textContent.trim();
      write(name, { text, problem: problem || "?", status });
      tell(room, { refused: name });
      return false;
    }
    tell(room);
    return true;
  }

  function later(room, state, why, seconds = 0) {
    state.why = why;
    state.tries += 1;
    // Spread, so that a server that comes back is not met by all at once.
    const wait = Math.max(seconds, Math.min(60, 2 ** state.tries / 2)) * (1 + Math.random() / 3);
    state.timer = setTimeout(() => {
      state.timer = 0;
      send(room);
    }, wait * 1000);
    return false;
  }

  function sendAll() {
    for (const room of new Set(names("").map(roomOf))) {
      stateOf(room).tries = 0;
      send(room);
    }
  }

  function retry(name) {
    const { text } = read(name);
    if (text) write(name, { text });
    tell(roomOf(name));
    send(roomOf(name));
  }

  function forget() {
    memory.clear();
    for (const name of names("")) store.write(name, "");
  }

  on("submit", (event) => {
    const form = event.target;
    if (!form.matches("[action='/logout']")) return;
    if (!list("").length || confirm(form.dataset.unsent)) return forget();
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  addEventListener("storage", ({ key, newValue }) => {
    if (!key?.startsWith(HOME)) return;
    tell(roomOf(key), { isElsewhere: true });
    // The tab that wrote it may be closed before it is sent.
    if (newValue) send(roomOf(key));
  });
  addEventListener("beforeunload", (event) => { if (memory.size) event.preventDefault(); });
  addEventListener("online", sendAll);
  on("htmx:sse:after:connection", sendAll);
  on("visibilitychange", () => { if (!document.hidden) sendAll(); });

  store.write(SIGNED_IN, person) || store.write(SIGNED_IN, "");
  sampark.outbox = { add, drop, retry, list, sendAll, stateOf };
  addEventListener("DOMContentLoaded", sendAll);
})();
