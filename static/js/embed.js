/* <sampark-room>: a room of this chat in another site's page. Attributes, events and styles: docs/embedding.md */
(() => {
  "use strict";

  const script = document.currentScript;
  if (!script || customElements.get("sampark-room")) return;
  const home = new URL(script.src).origin;
  const words = "{{words}}";
  const VERSION = 1;
  const SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads allow-storage-access-by-user-activation";
  const ICON = "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z";
  const CROSS = "M6 6l12 12M18 6L6 18";
  let count = 0;

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: block; position: relative; block-size: 32rem; --edge: rgb(127 127 127 / .35); color-scheme: light dark; }
    :host([hidden]) { display: none; }
    :host([theme="light"]) { color-scheme: light; }
    :host([theme="dark"]) { color-scheme: dark; }
    :host(:is([mode="bubble"], [mode="panel"])) { display: contents; }
    .window { display: grid; grid-template: auto minmax(0, 1fr) / minmax(0, 1fr); block-size: 100%; box-sizing: border-box; border: 1px solid var(--edge); border-radius: 10px; overflow: hidden; background: Canvas; color: CanvasText; }
    :host([fit]:not([mode="bubble"], [mode="panel"])) { block-size: auto; }
    :host([fit]:not([mode="bubble"], [mode="panel"])) .window { min-block-size: 15rem; max-block-size: var(--sampark-most, 40rem); }
    .window[hidden], .bar[hidden], button[hidden] { display: none; }
    .bar { display: flex; align-items: center; gap: .5rem; padding-inline: 1rem .25rem; background: var(--accent); color: var(--on-accent); font: 600 1rem/1.4 system-ui, sans-serif; }
    .name { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .bar button { display: grid; place-items: center; inline-size: 44px; block-size: 44px; padding: 0; border: 0; border-radius: 8px; background: none; color: inherit; cursor: pointer; }
    .place { grid-row: 2; display: grid; grid-template: minmax(0, 1fr) / minmax(0, 1fr); }
    .place > * { grid-area: 1 / 1; }
    .fallback { place-self: center; padding: 1rem; text-align: center; overflow-wrap: anywhere; font: 1rem/1.5 system-ui, sans-serif; }
    .ready > .fallback { display: none; }
    iframe { display: block; inline-size: 100%; block-size: 100%; border: 0; opacity: 0; }
    .ready > iframe { opacity: 1; }
    :focus-visible { outline: 3px solid var(--on-accent); outline-offset: -5px; }
    svg { inline-size: 24px; block-size: 24px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .open { position: fixed; inset-block-end: max(1rem, env(safe-area-inset-bottom)); inset-inline-end: max(1rem, env(safe-area-inset-right)); z-index: 2147483000; display: grid; place-items: center; inline-size: 56px; block-size: 56px; padding: 0; border: 0; border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: 0 2px 10px rgb(0 0 0 / .3); cursor: pointer; }
    .open[aria-expanded="true"] { visibility: hidden; }
    .open svg { fill: currentcolor; }
    :host([mode="panel"]) .open { inset-block: 50% auto; inset-inline-end: 0; translate: 0 -50%; inline-size: 44px; border-radius: 10px 0 0 10px; }
    :host([mode="panel"]) .open:dir(rtl) { border-radius: 0 10px 10px 0; }
    .count { position: absolute; inset-block-start: -6px; inset-inline-end: -6px; min-inline-size: 24px; padding-inline: 5px; box-sizing: border-box; border-radius: 12px; background: #b3261e; color: #fff; font: 700 .8rem/24px system-ui, sans-serif; text-align: center; }
    :host([mode="panel"]) .count { inset-inline-end: auto; inset-inline-start: -10px; }
    .count:empty { display: none; }
    :is(:host([mode="bubble"]), :host([mode="panel"])) .window { position: fixed; z-index: 2147483001; inset-inline-end: max(1rem, env(safe-area-inset-right)); box-shadow: 0 8px 32px rgb(0 0 0 / .35); }
    :host([mode="bubble"]) .window { inset-block-end: max(1rem, env(safe-area-inset-bottom)); inline-size: 24rem; block-size: min(38rem, 100dvh - 2rem); }
    :host([mode="panel"]) .window { inset-block: 0; inset-inline-end: 0; inline-size: min(26rem, 100vw); block-size: 100dvh; border-radius: 0; border-width: 0; border-inline-start-width: 1px; }
    @media (max-width: 30rem) {
      :is(:host([mode="bubble"]), :host([mode="panel"])) .window { inset: 0; inline-size: 100vw; block-size: 100dvh; border: 0; border-radius: 0; }
    }
    @media (forced-colors: active) { .open, .bar { border: 2px solid ButtonText; } }
    @media print { .open { display: none; } }
  `);

  const make = (tag, className, more = {}) => Object.assign(document.createElement(tag), { className, ...more });

  function drawing(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.appendChild(document.createElementNS(svg.namespaceURI, "path")).setAttribute("d", path);
    return svg;
  }

  // White or near black, whichever stands out more (WCAG 2.2, relative luminance).
  function readableOn(colour) {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#111" : "#fff";
  }

  class SamparkRoom extends HTMLElement {
    static observedAttributes = ["theme", "accent", "label"];

    #unread = 0;
    #isOpen = false;
    #isKnocking = false;
    #isEntered = false;
    #patience = 0;
    #name = "";

    get unread() { return this.#unread; }
    get room() { return (this.getAttribute("room") || "").replace(/[\s-]/g, "").toLowerCase(); }
    get floats() { return ["bubble", "panel"].includes(this.getAttribute("mode")); }

    connectedCallback() {
      if (!/^[2-9a-hjkmnp-z]{12}$/.test(this.room)) return;
      addEventListener("message", this);
      if (!this.shadowRoot) {
        this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
        this.#build();
      }
      this.#isOpen = !this.floats;
      this.#paint();
      if (!this.floats) this.#enter();
      // So that it can say how many new messages there are; it waits until the page itself has come.
      else if (!this.hasAttribute("lazy")) {
        const later = () => (window.requestIdleCallback || setTimeout)(() => this.#enter());
        if (document.readyState === "complete") later();
        else addEventListener("load", later, { once: true });
      }
    }

    // Elsewhere in the page it begins anew; taken away it leaves nothing behind.
    disconnectedCallback() {
      removeEventListener("message", this);
      this.frame?.remove();
      this.place?.classList.remove("ready");
      if (this.floats && this.win) this.#show(false);
      this.#isEntered = false;
      this.#unread = 0;
    }

    attributeChangedCallback() {
      if (!this.shadowRoot) return;
      this.#paint();
      this.#tell("theme", this.#look);
    }

    get #look() { return { theme: this.getAttribute("theme") || "", accent: this.getAttribute("accent") || "" }; }

    get #fits() { return this.hasAttribute("fit") && !this.floats; }

    #build() {
      const speaks = (this.closest("[lang]")?.lang || navigator.language || "en").split("-")[0];
      this.words = words[speaks] || words.en;
      this.opener = make("button", "open", { type: "button", hidden: !this.floats });
      this.opener.part = "button";
      this.opener.setAttribute("aria-expanded", "false");
      this.badge = make("span", "count");
      this.badge.part = "count";
      this.opener.append(drawing(ICON), this.badge);
      this.opener.addEventListener("click", () => this.open());
      this.win = make("div", "window", { hidden: this.floats });
      this.win.part = "window";
      this.bar = make("div", "bar", { hidden: !this.floats });
      this.bar.part = "bar";
      this.nameplate = make("span", "name", { dir: "auto" });
      const close = make("button", "", { type: "button", ariaLabel: this.words.close, title: this.words.close });
      close.append(drawing(CROSS));
      close.addEventListener("click", () => this.close());
      this.bar.append(this.nameplate, close);
      this.place = make("div", "place");
      const fallback = make("div", "fallback");
      fallback.append(document.createElement("slot"));
      this.frame = make("iframe", "", { name: `sampark-${this.room}-${++count}`, referrerPolicy: "origin", allow: `clipboard-write ${home}; storage-access ${home}` });
      this.frame.part = "frame";
      this.frame.setAttribute("sandbox", SANDBOX);
      this.frame.addEventListener("load", () => this.#greet());
      this.place.append(fallback);
      this.win.append(this.bar, this.place);
      if (this.floats) {
        this.win.setAttribute("role", "dialog");
        this.win.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
      }
      this.shadowRoot.append(this.opener, this.win);
    }

    #paint() {
      const accent = /^#[0-9a-f]{6}$/i.test(this.getAttribute("accent") || "") ? this.getAttribute("accent") : "#0e4c56";
      this.win.style.setProperty("--accent", accent);
      this.win.style.setProperty("--on-accent", readableOn(accent));
      this.opener.style.setProperty("--accent", accent);
      this.opener.style.setProperty("--on-accent", readableOn(accent));
      const name = this.getAttribute("label") || this.#name || this.words.chat;
      this.nameplate.textContent = name;
      this.frame.title = name;
      this.win.ariaLabel = name;
      const many = this.#unread > 99 ? "99+" : String(this.#unread);
      this.badge.textContent = this.#unread ? many : "";
      const says = this.#unread ? this.words.openUnread : this.words.open;
      this.opener.ariaLabel = says.replace("{count}", many).replace("{name}", () => name); // in which a $ is a $
      this.opener.title = this.opener.ariaLabel;
    }

    /* Bring the room into the frame, once: with the site's word for who this is, where the page offers one, else as a guest. */
    async #enter() {
      if (this.#isEntered || !this.isConnected) return;
      this.#isEntered = true;
      const address = new URL(`/embed/rooms/${this.room}`, home);
      for (const [key, value] of Object.entries(this.#look)) if (value) address.searchParams.set(key, value);
      const from = this.getAttribute("token-from");
      const token = from ? await this.#token(from) : "";
      if (!this.isConnected) return;
      if (!token) {
        if (!this.floats) this.frame.loading = "lazy";
        this.frame.src = address;
        this.place.append(this.frame);
        return;
      }
      this.frame.removeAttribute("src");
      this.place.append(this.frame);
      address.pathname += "/vouch";
      const form = make("form", "", { method: "post", action: address, target: this.frame.name, hidden: true });
      form.append(make("input", "", { type: "hidden", name: "token", value: token }));
      // A form finds its frame by name only from the page itself, and never leaves the token in an address.
      this.append(form);
      form.submit();
      form.remove();
    }

    async #token(from) {
      try {
        const answer = await fetch(from, { credentials: "same-origin", cache: "no-store", headers: { Accept: "application/jwt, text/plain" } });
        const said = answer.status === 200 ? (await answer.text()).trim() : "";
        if (said && !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(said)) throw new Error("what it answers is no token");
        return said;
      } catch (fault) {
        console.error(`<sampark-room>: ${from} gave no token, so the room opens for a guest. ${fault.message}`);
        return "";
      }
    }

    #tell(type, more = {}) {
      if (type === "hello" || this.#isReady) this.frame.contentWindow?.postMessage({ type: `sampark:${type}`, version: VERSION, ...more }, home);
    }

    get #isReady() { return this.place.classList.contains("ready"); }

    // Each page of the frame is greeted anew. What the browser refused to load does not answer, and the link stays.
    #greet() {
      // Without an answer there is no way to close the window inside it.
      clearTimeout(this.#patience);
      this.#patience = setTimeout(() => { this.bar.hidden = !this.floats; }, 500);
      if (this.#isEntered && !this.#isBlank) this.#tell("hello", { ...this.#look, visible: this.#isOpen, closable: this.floats, fit: this.#fits });
    }

    get #isBlank() {
      try { return this.frame.contentWindow.location.href === "about:blank"; } catch { return false; }
    }

    handleEvent({ origin, source, data }) {
      if (origin !== home || source !== this.frame?.contentWindow || data?.version !== VERSION) return;
      if (data.type === "sampark:ready") {
        this.place.classList.add("ready");
        clearTimeout(this.#patience);
        this.bar.hidden = true; // the room has a head of its own, with a way to close it
        this.#name = String(data.name || "").slice(0, 100);
        this.#paint();
        this.#say("ready", { name: this.#name });
        if (this.#isKnocking) {
          this.frame.focus();
          this.#tell("focus");
        }
        this.#isKnocking = false;
      } else if (data.type === "sampark:unread") {
        this.#unread = Math.max(0, Math.trunc(Number(data.count)) || 0);
        this.#paint();
        this.#say("unread", { count: this.#unread });
      } else if (data.type === "sampark:size" && this.#fits) this.win.style.blockSize = `${Math.max(0, Math.trunc(Number(data.height)) || 0) + 2}px`;
      else if (data.type === "sampark:refused") this.#say("refused", { reason: String(data.reason || "") });
      else if (data.type === "sampark:close" && this.floats) this.close();
    }

    #say(type, detail) {
      this.dispatchEvent(new CustomEvent(`sampark:${type}`, { bubbles: true, composed: true, detail: { room: this.room, ...detail } }));
    }

    open() {
      if (!this.floats || this.#isOpen) return;
      this.#show(true);
      this.#enter();
      this.#isKnocking = !this.#isReady;
      if (this.#isReady) this.frame.focus();
      else this.bar.querySelector("button").focus();
      this.#tell("visible", { visible: true });
      this.#tell("focus");
    }

    close() {
      if (!this.floats || !this.#isOpen) return;
      this.#show(false);
      this.#tell("visible", { visible: false });
      this.opener.focus();
    }

    #show(isOpen) {
      this.#isOpen = isOpen;
      this.win.hidden = !isOpen;
      this.opener.setAttribute("aria-expanded", String(isOpen));
    }
  }

  customElements.define("sampark-room", SamparkRoom);
})();
