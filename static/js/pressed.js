/* What came of a press: a failed deletion or GIF says so, and a message that is gone for everyone can have its words back in the box. */
(() => {
  "use strict";

  const { find, make, on, say, takeBack, words } = sampark;
  const SHOWN = 10_000;
  const written = new WeakMap();

  /** As it was read, without what stands around code. */
  function said(text) {
    const around = text?.querySelectorAll(".code > :not(pre)") ?? [];
    const hide = (isHidden) => { for (const part of around) part.style.display = isHidden ? "none" : ""; };
    hide(true);
    const all = text?.innerText.trim();
    hide(false);
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
