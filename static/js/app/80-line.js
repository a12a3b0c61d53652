/* The line to the server: what is said while it is down, and what follows once it is down for good. */
(() => {
  "use strict";

  const { find, make, on, words, say, signIn, outbox } = sampark;
  const PATIENCE = 5000;
  const LINE = "#live, #own-live";
  let connection = null;
  let isGone = false;
  let alarm = 0;
  let banner = null;
  let due = 0;

  const isOff = () => navigator.onLine === false;

  function build() {
    const button = make("button", "banner-retry", words.retryNow);
    button.type = "button";
    button.addEventListener("click", hurry);
    // The seconds are for the eye: read out one by one they would be a nuisance.
    const rest = Object.assign(make("span", "banner-rest"), { ariaHidden: true });
    const status = Object.assign(make("span", "banner-status"), { role: "status" });
    banner = find(".room").appendChild(make("div", "banner"));
    banner.append(status, " ", rest, " ", button);
  }

  function disconnected() {
    if (isGone || alarm || !words.waiting || !find("#live")) return;
    alarm = setTimeout(() => {
      if (!banner) build();
      banner.hidden = false;
      count();
    }, PATIENCE);
  }

  function count() {
    if (!alarm) return;
    alarm = setTimeout(count, 1000);
    const seconds = Math.ceil((due - Date.now()) / 1000);
    const sentence = isOff() ? words.offline : words.waiting;
    if (find(".banner-status").textContent !== sentence) find(".banner-status").textContent = sentence;
    find(".banner-rest").textContent = seconds > 0 && !isOff() ? words.retryIn.replace("{n}", new Intl.NumberFormat(sampark.locale).format(seconds)) : "";
  }

  function connected() {
    clearTimeout(alarm);
    alarm = 0;
    due = 0;
    if (banner) banner.hidden = true;
  }

  function hurry() {
    const line = find(LINE);
    due = 0;
    outbox?.sendAll();
    if (connection?.delayCanceller) connection.delayCanceller();
    else if (line && !line._htmx?.sse) htmx.ajax("GET", line.getAttribute("hx-sse:connect"), { source: line });
  }

  function gone(reason) {
    if (isGone) return;
    isGone = true;
    connected();
    if (reason === "signed-out") return signIn();
    say(reason === "deleted" ? words.goneDeleted : words.goneLeft, true);
    document.querySelectorAll("#composer :is(textarea, button)").forEach((part) => { part.disabled = true; });
    find("#typing")?.replaceChildren();
    setTimeout(() => document.querySelectorAll(LINE).forEach((line) => line.remove()));
  }

  on("htmx:sse:before:connection", (event) => {
    connection = event.detail.connection;
    const { attempt, config } = connection;
    if (isGone) connection.cancelled = true;
    else disconnected();
    // Spread once for all tries rather than in each: so it can be said how long the next one takes.
    if (config.reconnectJitter) Object.assign(config, { reconnectJitter: 0, reconnectDelay: Math.round(config.reconnectDelay * (0.7 + 0.6 * Math.random())) });
    due = attempt ? Date.now() + Math.min(config.reconnectDelay * 2 ** (attempt - 1), config.reconnectMaxDelay) : 0;
  });
  on("htmx:sse:after:connection", connected);
  on("gone", (event) => { if (event.target.matches(LINE)) gone(event.detail.data); });
  on("htmx:sse:error", ({ detail }) => {
    disconnected();
    if (detail.status === 401) { isGone = true; signIn(); }
    if (detail.status === 404 && find("#live")) gone("left");
  });
  on("htmx:response:error", ({ detail, target }) => { if (target.id === "live" && detail.ctx.response.status === 404) gone("left"); });
  on("submit", ({ target, defaultPrevented }) => { if (target.matches("[action='/logout']") && !defaultPrevented) isGone = true; }, true);
  addEventListener("offline", disconnected);
  addEventListener("online", () => {
    // A line that seems to be up may be that of the network before.
    if (connection?.reader) connection.reader.cancel();
    else hurry();
  });
  if (find("#live")) disconnected();
})();
