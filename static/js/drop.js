/* Files that are pasted or dropped go the way of chosen ones: into the composer's field. */
(() => {
  "use strict";

  const find = (selector) => document.querySelector(selector);
  const input = () => find("#composer [name=files]");
  const isClosed = () => !input() || find("#text").disabled;
  if (!input()) return;

  const zone = Object.assign(document.createElement("div"), { className: "drop-zone", textContent: input().dataset.drop, ariaHidden: true, hidden: true });
  find("#composer").after(zone);

  function take(files) {
    input().files = files;
    input().dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("paste", (event) => {
    const { clipboardData: data, target } = event;
    if (isClosed() || !target.closest?.("#composer")) return;
    const text = data.getData("text");
    // Cells of a table come as a picture too: people mean the text.
    if (data.files.length && !(text && data.types.includes("text/html"))) take(data.files);
    else if (text.trim().length > input().dataset.mostText) {
      const made = new DataTransfer();
      made.items.add(new File([text], "text.txt", { type: "text/plain" }));
      take(made.files);
      const said = find("#composer > .refusal");
      if (said) said.textContent = input().dataset.longText;
    } else return;
    event.preventDefault();
  });

  let entered; // last: leaving anything else is not leaving the page
  let isOurs; // a picture of this page is a file too
  addEventListener("dragstart", () => { isOurs = true; });
  addEventListener("dragend", () => { isOurs = false; });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    addEventListener(name, (event) => {
      if (isOurs || !event.dataTransfer?.types.includes("Files")) return;
      // Else the browser leaves the page for the file.
      event.preventDefault();
      if (name === "dragenter") {
        entered = event.target;
        zone.hidden = isClosed();
      } else if (name === "drop" || (name === "dragleave" && event.target === entered)) zone.hidden = true;
      if (name === "drop" && !isClosed()) take(event.dataTransfer.files);
    });
  }
})();
