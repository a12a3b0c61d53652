/* Messages that never arrived and never will: their room is gone, or left. On the first page they are copied or thrown away. */
(() => {
  "use strict";

  const { find, make, on, outbox } = sampark;
  const place = find("#stranded");
  if (!place || !outbox) return;

  const SAID = 2000;
  const words = place.dataset;
  const why = Object.assign(make("p", "hint"), { role: "status" });
  const said = Object.assign(make("p", "sr"), { role: "status" });
  const list = make("ul", "stranded");
  const shown = new Map();
  // What waits behind a message that found no room has not been tried itself.
  const gone = new Set();
  const roomOf = (name) => name.split(":").at(-3);
  const isHere = (room) => find(`.rooms [data-room="${CSS.escape(room)}"]`);

  function button(word, text, act) {
    const made = Object.assign(make("button", "", word), { type: "button" });
    made.setAttribute("aria-describedby", text.id);
    made.addEventListener("click", () => act(made));
    return made;
  }

  function item({ name, text }) {
    const made = make("li", "unsent");
    const body = Object.assign(make("div", "unsent-text", text.trim()), { id: `stranded-${name.split(":").at(-1)}`, dir: "auto" });
    const actions = make("div", "unsent-actions");
    made.dataset.state = "failed";
    if (navigator.clipboard) actions.append(button(words.copy, body, (pressed) => copy(text, pressed)));
    actions.append(button(words.discard, body, () => discard(name)));
    made.append(body, actions);
    return made;
  }

  async function copy(text, pressed) {
    await navigator.clipboard.writeText(text);
    said.textContent = pressed.textContent = words.copied;
    setTimeout(() => {
      pressed.textContent = words.copy;
      said.textContent = "";
    }, SAID);
  }

  function discard(name) {
    const item = shown.get(name);
    const beside = item.nextElementSibling ?? item.previousElementSibling;
    outbox.drop(name);
    (beside ? find("button:last-child", beside) : find("#main")).focus();
  }

  function render() {
    const waiting = outbox.list("");
    for (const { name, status } of waiting) if (status === 404) gone.add(roomOf(name));
    const over = new Map(waiting.map((entry) => [entry.name, entry]).filter(([name]) => gone.has(roomOf(name)) && !isHere(roomOf(name))));
    for (const [name, made] of shown) {
      if (over.has(name)) continue;
      made.remove();
      shown.delete(name);
    }
    for (const [name, entry] of over) {
      if (shown.has(name)) continue;
      shown.set(name, item(entry));
      list.append(shown.get(name));
    }
    place.hidden = !over.size;
    if (place.hidden || why.textContent !== words.why) why.textContent = place.hidden ? "" : words.why;
  }

  place.append(Object.assign(make("h2", "", words.title), { id: "stranded-title" }), why, list, said);
  place.setAttribute("aria-labelledby", "stranded-title");
  on("outbox", render);
  render();
})();
