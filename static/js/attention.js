/* What asks for attention: title, icon, badge, sounds, notifications. What is new, one worker knows for all tabs (news.js). */
(() => {
  "use strict";

  const { dataset: known } = document.currentScript;
  const find = (selector) => document.querySelector(selector);
  const LINE = "#live, #own-live";
  const room = () => find("#live")?.getAttribute("hx-sse:connect").split("/")[2];
  const isMuted = (code) => Boolean(find(`[data-room="${code}"] .muted`));
  const port = window.SharedWorker ? new SharedWorker(known.worker).port : new Worker(known.worker);
  const say = (said) => port.postMessage(said);
  const workers = navigator.serviceWorker;
  const title = document.title;
  const icon = find("link[rel=icon]");
  const plain = icon.href;
  const sounds = {};
  let isBack = false;
  let isGone = false;
  let isLive = false;

  function status() {
    if (isGone) return; // a page that is left becomes hidden after that
    const isFocused = !document.hidden && document.hasFocus();
    const last = [...document.querySelectorAll("#messages > .message")].slice(-3);
    const seq = Math.max(0, ...last.map((message) => Number(message.dataset.seq)));
    say({ me: known.me, room: room(), seq, isHidden: document.hidden, isLive, isFocused, mayPlay: Boolean(sounds.message) });
    if (isFocused && mayNotify()) workers.ready.then((worker) => worker.getNotifications({ tag: room() })).then((all) => all.forEach((one) => one.close()));
  }

  function show({ [room()]: mine, ...others }) {
    const isElsewhere = Object.keys(others).length > 0;
    const count = Object.values(others).reduce((sum, one) => sum + one, mine ?? 0);
    document.title = (mine ? `(${mine > 99 ? "99+" : mine}) ` : isElsewhere ? "• " : "") + title;
    icon.href = mine || isElsewhere ? known.news : plain;
    if (count || isElsewhere) navigator.setAppBadge?.(count || undefined).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  }

  /* ---- Sounds: a browser lets an element play once it was loaded under the hand of its reader ---- */

  function unlock() {
    if (sounds.message || !known.message) return;
    for (const name of ["message", "join"]) {
      sounds[name] = new Audio(known[name]);
      sounds[name].load();
    }
    status();
  }

  function play(name) {
    const sound = sounds[name];
    if (!sound) return;
    sound.currentTime = 0;
    sound.play().catch(() => {});
  }

  /* ---- Notifications ---- */

  const box = find(".notify");
  const permission = () => (workers && window.Notification?.permission) || "unsupported";
  const mayNotify = () => permission() === "granted" && localStorage[`notify:${known.person}`] === "on";

  async function notify({ room: tag, title: head, body }) {
    const worker = await workers.ready;
    worker.showNotification(head, { body, tag, renotify: true, silent: Boolean(sounds.message), icon: known.icon, dir: "auto", data: tag });
  }

  const ACTS = { default: ["on"], silent: ["on"], granted: ["test", "off"] };

  function showState() {
    if (!box) return;
    const state = permission() === "granted" && !mayNotify() ? "silent" : permission();
    const buttons = (ACTS[state] ?? []).map((act) => Object.assign(document.createElement("button"), { type: "button", name: act, textContent: box.dataset[act] }));
    box.hidden = false;
    box.firstElementChild.textContent = box.dataset[state];
    box.replaceChildren(box.firstElementChild, ...buttons);
  }

  box?.addEventListener("click", async ({ target: { name: act } }) => {
    if (act === "test") return notify({ ...box.dataset, room: "test" });
    if (!act) return;
    localStorage[`notify:${known.person}`] = act;
    if (act === "on") await Notification.requestPermission();
    showState();
    box.querySelector("button")?.focus();
  });

  /* ---- Between this tab and the worker ---- */

  port.onmessage = ({ data: { unread, ring, gone } }) => {
    if (unread && !isGone) show(unread);
    if (ring?.sound) play(ring.sound);
    if (ring?.note && mayNotify()) notify(ring.note);
    if (gone) htmx.trigger(find(LINE) ?? document.body, "gone", { data: gone });
  };

  function mark(place, isOld) {
    const code = place.closest?.("[data-room]")?.dataset.room;
    const isOn = Boolean(place.textContent.trim());
    if (code && place.matches(".unread") && !isMuted(code) && (isOn || !isOld)) say({ mark: code, isOn, isOld });
  }

  function arrived(changes) {
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node.matches?.(".message"));
    const messages = added.map(({ dataset: { seq, author, notice, kind } }) => ({ seq: Number(seq), author, kind: notice || kind }));
    if (messages.length && room() && !isMuted(room())) say({ room: room(), messages });
  }

  const log = find("#messages");
  if (log) new MutationObserver(arrived).observe(log, { childList: true });
  status();
  for (const list of document.querySelectorAll(".rooms")) {
    list.querySelectorAll(".unread").forEach((place) => mark(place, true));
    new MutationObserver((changes) => changes.forEach(({ target }) => mark(target))).observe(list, { childList: true, subtree: true });
  }
  addEventListener("pageshow", () => { isGone = false; });
  for (const name of ["focus", "blur", "pageshow"]) addEventListener(name, status);
  for (const [name, isNow] of [["after:connection", true], ["error", false], ["close", false]]) {
    addEventListener(`htmx:sse:${name}`, () => {
      isLive = isNow && !document.hidden;
      status();
    });
  }
  for (const name of ["click", "keydown"]) addEventListener(name, unlock, true);
  addEventListener("pagehide", () => {
    isGone = true;
    say({ bye: true });
  });
  // Who comes next in this browser is not to read what the last one was told.
  addEventListener("submit", async ({ target }) => {
    if (!target.matches("[action='/logout']")) return;
    show({});
    isGone = true; // what the worker says meanwhile would bring it back
    window.caches?.delete("shared");
    const worker = await workers?.getRegistration();
    (await worker?.getNotifications())?.forEach((one) => one.close());
  });
  addEventListener("load", () => workers?.register("/sw.js").catch(() => {}));
  showState();

  /* ---- A tab in the background holds no stream: htmx closes it, and here it is not even opened ---- */

  addEventListener("visibilitychange", () => {
    isBack = !document.hidden;
    isLive = false; // htmx has closed the stream, or will open it
    status();
    if (isBack && find(LINE)) htmx.trigger(find(LINE), "shown");
  });
  addEventListener("htmx:before:request", (event) => {
    if (document.hidden && event.target.matches?.(LINE)) event.preventDefault();
  });
  addEventListener("htmx:sse:before:connection", ({ detail }) => {
    if (isBack) setTimeout(() => detail.connection.delayCanceller?.()); // whoever looks does not wait
    isBack = false;
  });
  addEventListener("htmx:sse:after:connection", () => {
    setTimeout(() => { if (document.hidden) document.dispatchEvent(new Event("visibilitychange")); });
  });
})();
