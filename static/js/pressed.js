/* What came of a press: a failed deletion or GIF says so, and a message that is gone for everyone can have its words back in the box. */
(() => {
  "use strict";

  const { find, make, on, say, takeBack, words } = sampark;
  const SHOWN = 10_000;
  const written = new WeakMap();

  const MARKS = { STRONG: "**", EM: "*", S: "~~", CODE: "`" };

  /** What was written, or what reads the same: the answer to a deletion is empty. */
  function said(text) {
    if (!text) return "";
    const copy = text.cloneNode(true);
    const each = (selector, act) => copy.querySelectorAll(selector).forEach(act);
    each(".code", (code) => code.replaceWith(`\n\n\`\`\`\n${find("pre", code).textContent.trimEnd()}\n\`\`\`\n\n`));
    each("a[href]", (link) => { if (link.href.replace(/\/$/, "") !== link.textContent.replace(/\/$/, "")) link.replaceWith(`[${link.textContent}](${link.href})`); });
    each("strong, em, s, code", (part) => { part.before(MARKS[part.tagName]); part.after(MARKS[part.tagName]); });
    each("ul, ol", (list) => { for (const part of [...list.childNodes]) if (part.nodeType === Node.TEXT_NODE) part.remove(); });
    each("li", (item) => item.prepend(item.parentNode.matches("ol") ? "1. " : "- "));
    each("blockquote > p", (line) => line.prepend("> "));
    Object.assign(copy.style, { position: "fixed", insetBlockEnd: "200vh", whiteSpace: "pre-wrap" });
    document.body.append(copy); // only what is rendered knows its lines
    const all = copy.innerText.replace(/\n{3,}/g, "\n\n").trim();
    copy.remove();
    return all;
  }

  function offer(text) {
    const notice = Object.assign(make("p", "notice", words.deleted), { role: "status" });
    const back = Object.assign(make("button", "", words.putBack), { type: "button" });
    back.addEventListener("click", () => {
      takeBack("", text);
      notice.remove();
      find("#text").focus();
    });
    notice.append(" ", back);
    find("#alerts").replaceChildren(notice);
    const go = () => notice.matches(":focus-within, :hover") ? setTimeout(go, SHOWN) : notice.remove();
    setTimeout(go, SHOWN);
  }

  const pressed = ({ detail }) => detail?.ctx?.sourceElement;

  function tell(event, isFailure) {
    const source = pressed(event);
    if (!source?.matches?.(".message-delete, .gif-grid")) return;
    const text = written.get(source);
    if (isFailure) say(words.undone);
    else if (text && takeBack && event.detail.ctx.response?.status === 200) offer(text);
  }

  // Read while it still stands there.
  on("htmx:before:request", (event) => {
    const source = pressed(event);
    if (source?.matches?.(".message-delete")) written.set(source, said(find(".message-text", source.closest("article"))));
  });
  on("htmx:error", (event) => tell(event, true));
  on("htmx:after:request", (event) => tell(event, event.detail?.ctx?.response?.status >= 500));
})();
