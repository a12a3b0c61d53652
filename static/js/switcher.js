/* What keys.js fetches when somebody asks for it: the next room, the switcher of rooms, the sheet of keys. Closing gives the focus back. */
const words = document.querySelector("#keys").dataset;
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const make = (tag, more, ...children) => {
  const made = Object.assign(document.createElement(tag), more);
  made.append(...children);
  return made;
};
// Where nothing may be stored, single keys could not be turned off: they are.
const store = (() => { try { return localStorage; } catch { return null; } })();
const isOff = () => Boolean(!store || store.getItem("single-keys"));
const partial = async (path) => (await fetch(path, { headers: { "HX-Request": "true" } })).text();

function open(id, title, ...children) {
  const close = make("button", { type: "button", className: "sheet-close", ariaLabel: words.close, onclick: () => dialog.close() });
  const heading = make("h2", { id: `${id}-title` }, title);
  const dialog = make("dialog", { id, className: "sheet", onclose: () => dialog.remove() }, make("div", { className: "sheet-body" }, heading, ...children, close));
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.onclick = ({ target }) => { if (target === dialog) dialog.close(); };
  // What was asked for twice before it came opens once.
  if (find("dialog:modal")) return;
  document.body.append(dialog);
  dialog.showModal();
}

export async function sheet(isSingleKey) {
  if (isSingleKey && isOff()) return;
  const body = make("div", { className: "sheet-text", tabIndex: 0, role: "group", ariaLabel: words.title, innerHTML: await partial("/keys") });
  open("shortcuts", words.title, body);
  tune(body);
}

/** What this browser keeps of one's ways. Who speaks to their machine may press a key without wanting to (WCAG 2.1.4). */
export function tune(within = document) {
  if (!store) return;
  const place = find("[data-single-keys]", within);
  const choice = (name, on, off, text) => {
    const box = make("input", { type: "checkbox", checked: (store.getItem(name) ?? "") === on, onchange: () => store.setItem(name, box.checked ? on : off) });
    return make("label", { className: "choice" }, box, " ", text);
  };
  place.replaceChildren(choice("enter", "line", "", place.dataset.enter), choice("single-keys", "", "off", place.dataset.singleKeys));
}

const fold = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLocaleLowerCase();
const mark = (link) => find(".unread", link).textContent.trim();
const rank = (link) => (link.ariaCurrent ? 2 : mark(link) ? 0 : 1);

async function rooms() {
  const links = all(".rooms a");
  return links.length ? links : all(".rooms a", new DOMParser().parseFromString(await partial("/"), "text/html"));
}

/** To the next room of the list, or the one before; round its ends. */
export async function step(by, onlyNew) {
  const links = await rooms();
  if (by < 0) links.reverse();
  const at = links.findIndex((link) => link.ariaCurrent);
  const next = [...links.slice(at + 1), ...links.slice(0, Math.max(at, 0))].find((link) => !onlyNew || mark(link));
  if (next) location.assign(next.href);
}

/** A combobox over one's rooms: unread ones first, the one that is open last. */
export async function switcher() {
  const links = await rooms();
  // In no room, or signed out: the first page says what to do.
  if (!links.length) return location.assign("/");
  const options = links.sort((one, other) => rank(one) - rank(other)).map((link, at) => make("li",
    { role: "option", id: `option-${at}`, ariaSelected: false, onclick: () => location.assign(link.href) },
    make("bdi", {}, find("bdi", link).textContent), make("span", { className: "unread" }, mark(link))));
  const none = make("p", { className: "hint", role: "status" });
  const list = make("ul", { id: "options", role: "listbox", ariaLabel: words.rooms });
  const input = make("input", {
    type: "text", role: "combobox", autocomplete: "off", spellcheck: false, dir: "auto", enterKeyHint: "go",
    ariaLabel: words.find, placeholder: words.find, ariaAutoComplete: "list", oninput: draw,
  });
  let shown = options;
  let at = 0;

  function pick(next) {
    if (shown[at]) shown[at].ariaSelected = false;
    at = (next + shown.length) % shown.length || 0;
    const option = shown[at];
    input.setAttribute("aria-activedescendant", option?.id ?? "");
    if (!option) return;
    option.ariaSelected = true;
    option.scrollIntoView({ block: "nearest" });
  }

  function draw() {
    const asked = fold(input.value).split(/\s+/);
    shown = options.filter((option) => asked.every((word) => fold(option.firstChild.textContent).includes(word)));
    for (const option of options) option.ariaSelected = false;
    list.replaceChildren(...shown);
    list.hidden = !shown.length;
    input.ariaExpanded = Boolean(shown.length);
    none.textContent = shown.length ? "" : words.none;
    pick(0);
  }

  input.setAttribute("aria-controls", list.id);
  input.onkeydown = (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing || !(by || event.key === "Enter")) return;
    event.preventDefault();
    if (by) pick(at + by);
    else shown[at]?.click();
  };
  open("switcher", words.go, input, none, list);
  draw();
  input.focus();
}
