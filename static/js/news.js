/* One worker for all tabs of this browser. It counts what is new, listens for all tabs in the background over one stream (a browser
   opens six connections to a host over HTTP/1.1, and no more), and says which one tab rings, so that none does so twice. */
"use strict";

const PAUSE = 1500; // ms between two sounds: a hurried room is no alarm
const AGAIN = 30_000;
const SOON = 1000; // and up to three times that, so that a deploy does not bring everyone back at once
const MARGIN = 1000; // ms that a request may take
const tabs = new Map(); // port → what it said of itself
const unread = new Map(); // room → how many messages; 0: some
const told = new Map(); // room → the newest message that was counted
let me = null;
let source = null;
let listensFor = null;
let waits = 0;
let heardAt = performance.now(); // when a tab in view or the stream was last heard of as connected
let rangAt = -PAUSE;

const all = () => [...tabs.values()];
const isFocused = (room) => all().some((tab) => tab.isFocused && tab.room === room);

function tell() {
  for (const port of tabs.keys()) port.postMessage({ unread: Object.fromEntries(unread) });
}

/* The tab to ring: one that may make a sound, and rather the room's own. */
function ring(room, sound, note) {
  const worth = ([, tab]) => 2 * Boolean(tab.mayPlay) + Number(tab.room === room);
  const [best] = [...tabs].sort((one, other) => worth(other) - worth(one));
  if (!best) return;
  const sounds = best[1].mayPlay && performance.now() - rangAt >= PAUSE;
  if (sounds) rangAt = performance.now();
  best[0].postMessage({ ring: { sound: sounds ? sound : null, note } });
}

/* Messages of a room, from a tab that shows them or from the stream. */
function bring({ room, name, messages }, isFromStream) {
  const before = told.get(room) ?? 0;
  told.set(room, Math.max(before, ...messages.map(({ seq }) => seq)));
  const others = messages.filter(({ seq, author }) => seq > before && author !== me);
  const said = others.filter(({ kind }) => kind !== "joined" && kind !== "system");
  if (isFocused(room)) return;
  if (said.length) {
    const { who, words } = said[said.length - 1];
    unread.set(room, (unread.get(room) ?? 0) + said.length);
    ring(room, "message", isFromStream ? { room, title: `${who} · ${name}`, body: words } : null);
    tell();
  } else if (others.some(({ kind }) => kind === "joined")) ring(room, "join");
}

/* Read elsewhere, as the list of rooms would show it. */
function unmark({ data }) {
  const before = unread.size;
  for (const [, room] of data.matchAll(/\[data-room='(\w+)'\] \.unread"[^>]*><\/hx-partial>/g)) unread.delete(room);
  if (unread.size < before) tell();
}

function hush() {
  source?.close();
  source = listensFor = null;
}

function listen() {
  waits = 0;
  const behind = all().filter((tab) => tab.isHidden);
  const rooms = [...new Set(behind.map((tab) => tab.room).filter(Boolean))].sort();
  const wanted = behind.length ? rooms.join() : null;
  if (wanted === listensFor) return;
  hush();
  listensFor = wanted;
  if (wanted === null) return;
  if (all().some((tab) => tab.isLive)) heardAt = performance.now();
  const away = Math.ceil(performance.now() - heardAt) + MARGIN;
  source = new EventSource(`/events?seen=${rooms.map((room) => `${room}-${told.get(room) ?? 0}`)}&away=${away}`);
  source.onopen = () => { heardAt = performance.now(); };
  source.onmessage = (event) => { heardAt = performance.now(); unmark(event); };
  source.addEventListener("news", ({ data }) => { heardAt = performance.now(); bring(JSON.parse(data), true); });
  source.addEventListener("gone", ({ data }) => {
    source.close();
    for (const [port, tab] of tabs) if (tab.isHidden) port.postMessage({ gone: data });
  });
  // It would come back by itself, but ask for what was wanted when it was made.
  source.onerror = ({ target }) => {
    if (target !== source) return;
    const isRefused = target.readyState === EventSource.CLOSED;
    hush();
    clearTimeout(waits);
    waits = setTimeout(listen, isRefused ? AGAIN : SOON + 2 * Math.random() * SOON);
  };
}

function soon() {
  clearTimeout(waits);
  waits = setTimeout(listen, 20);
}

function hear(port, said) {
  if (said.bye) tabs.delete(port);
  else if (said.messages) return bring(said, false);
  else if (said.mark) {
    if (!said.isOn) unread.delete(said.mark);
    else if (!unread.has(said.mark)) {
      unread.set(said.mark, 0);
      if (!said.isOld) ring(said.mark, "message");
    }
    return tell();
  } else {
    if (said.me !== me) { // somebody else has signed in
      me = said.me;
      tabs.clear();
      unread.clear();
      told.clear();
      hush();
    }
    if (said.isLive || tabs.get(port)?.isLive) heardAt = performance.now();
    if (said.room && !told.has(said.room)) hush(); // it may be new, and unknown to the stream
    tabs.set(port, said);
    if (said.room) told.set(said.room, Math.max(told.get(said.room) ?? 0, said.seq));
    if (said.isFocused) unread.delete(said.room);
    tell();
  }
  soon();
}

function join(port) {
  port.onmessage = ({ data }) => hear(port, data);
  port.onclose = () => hear(port, { bye: true });
}

if ("onconnect" in self) self.onconnect = ({ ports }) => join(ports[0]);
else join(self); // a browser without shared workers: each tab has its own
