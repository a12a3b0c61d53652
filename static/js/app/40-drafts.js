/* Drafts: what was being written in each room, kept in this browser; other rooms that have one say so in the list. */
(() => {
  "use strict";

  const { find, make, on, store, person, outbox } = sampark;
  const nameOf = (path) => `draft:${person}:${path}`;
  // Its address may be written in several ways.
  const room = find("#unsent")?.dataset.room;
  const here = nameOf(room ? `/rooms/${room}` : location.pathname);

  sampark.drafts = {
    read: () => store.read(here) ?? "",
    write: (text) => store.write(here, text.trim() && text),
  };

  function badge() {
    for (const item of document.querySelectorAll(".rooms [data-room]")) {
      const { room } = item.dataset;
      const { draft, unsent } = item.parentElement.dataset;
      const isUnsent = outbox?.list(room).length > 0;
      find(".kept", item)?.remove();
      if (location.pathname === `/rooms/${room}` || !(isUnsent || store.read(nameOf(`/rooms/${room}`)))) continue;
      const link = find("a", item);
      link.insertBefore(make("span", isUnsent ? "kept unsent-kept" : "kept", isUnsent ? unsent : draft), find(".unread", link));
    }
  }

  on("outbox", badge);
  addEventListener("storage", badge);
  addEventListener("pageshow", badge);
})();
