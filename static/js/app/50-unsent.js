/* What was written here and has not arrived stands below the log, until the server's own message takes its place. */
(() => {
  "use strict";

  const { find, on, me, outbox } = sampark;
  const place = find("#unsent");
  const shape = find("#unsent-shape");
  if (!place || !outbox) return;

  const room = place.dataset.room;
  const log = find("#messages");
  const notes = shape.dataset;
  // Milliseconds for the stream, after another tab has sent it.
  const lasts = 1500;
  const bubbles = new Map();
  const keyOf = (name) => name.split(":").at(-1);
  const isHere = (name) => find(`[data-author="${CSS.escape(me)}"] > [data-key="${CSS.escape(keyOf(name))}"]`, log);
  // The keys of what has been shown here.
  const ours = new Set();

  function bubble(name) {
    const made = find("article", shape.content).cloneNode(true);
    const act = (part, does) => find(`.unsent-${part}`, made).addEventListener("click", () => {
      does(outbox.list(room).find((entry) => entry.name === name) ?? { name });
      if (!sampark.isTouch()) find("#text")?.focus({ preventScroll: true });
    });
    act("retry", () => outbox.retry(name));
    act("discard", () => outbox.drop(name));
    act("edit", ({ text = "" }) => sampark.takeBack(name, text));
    act("copy", ({ text = "" }) => navigator.clipboard.writeText(text));
    made.querySelectorAll("[data-word]").forEach((button) => { button.textContent = button.dataset.word; });
    find(".unsent-copy", made).hidden = !navigator.clipboard;
    // Not in the page as it comes, which has an alert for what was refused.
    find(".unsent-problem", made).role = "alert";
    place.append(made);
    bubbles.set(name, made);
    ours.add(keyOf(name));
    return made;
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function show({ name, text, problem, status }, isBehind) {
    const made = bubbles.get(name) ?? bubble(name);
    const { why } = outbox.stateOf(room);
    made.dataset.state = problem ? "failed" : why || isBehind ? "waiting" : "sending";
    put(find(".unsent-text", made), text.trim());
    put(find(".unsent-problem", made), !problem ? "" : problem === "?" ? notes.failed : problem);
    put(find(".unsent-note", made), problem ? "" : isBehind ? notes.behind : notes[why] ?? "");
    // What was refused would be refused again, unless it is changed.
    const isRefused = [400, 409, 413, 415, 422].includes(status);
    find(".unsent-retry", made).hidden = !problem || isRefused;
    find(".unsent-edit", made).hidden = !isRefused;
  }

  function render() {
    let isBehind = false;
    const names = new Set();
    for (const entry of outbox.list(room)) {
      if (isHere(entry.name)) outbox.drop(entry.name);
      else {
        show(entry, isBehind);
        names.add(entry.name);
        isBehind ||= Boolean(entry.problem);
      }
    }
    for (const [name, made] of bubbles) {
      if (names.has(name)) continue;
      made.remove();
      bubbles.delete(name);
    }
  }

  // An answer brings its message, unless the stream was faster. One from before all that is shown here has its place there.
  sampark.arrived = async (where, html) => {
    const message = where === room && find("article", new DOMParser().parseFromString(html, "text/html"));
    if (!message || document.getElementById(message.id)) return;
    const first = find(".message", log);
    if (!find("#live")) location.assign(`${sampark.words.rooms ?? "/rooms"}/${room}#${message.id}`);
    else if (!first || Number(message.dataset.seq) > Number(first.dataset.seq)) await htmx.swap({ sourceElement: log, target: log, swap: "upsert key:data-seq", text: html });
  };

  sampark.isOurs = (message) => ours.has(find("[data-key]", message)?.dataset.key);

  on("outbox", ({ detail }) => {
    if (detail.room !== room) return;
    if (detail.isElsewhere && outbox.list(room).length < bubbles.size) setTimeout(render, lasts);
    else render();
  });
  new MutationObserver(() => { if (bubbles.size) render(); }).observe(log, { childList: true });
  render();
})();
