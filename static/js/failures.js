/* Whatever was pressed and not done says so: a deletion, a GIF. What the composer sends has words of its own. */
(() => {
  "use strict";

  const { on, say, words } = sampark;
  const sayOf = ({ detail }, isFailure) => {
    const source = detail?.ctx?.sourceElement;
    if (isFailure && source?.matches?.(".message-delete, .gif-grid")) say(words.undone);
  };

  on("htmx:error", (event) => sayOf(event, true));
  on("htmx:after:request", (event) => sayOf(event, event.detail?.ctx?.response?.status >= 500));
})();
