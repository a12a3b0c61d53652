/* The day of what stands at the top is named while one reads in the past, and leads to other days. */
(() => {
  "use strict";

  const { find, make } = sampark;
  const log = find(".room #messages");
  const form = find(".to-day");
  if (!log || !form) return;

  const NEAR = 100;
  const scroller = log.closest(".scroller");
  const day = make("button", "day");
  let frame = 0;

  function show() {
    frame = 0;
    const { top } = scroller.getBoundingClientRect();
    const rows = log.querySelectorAll(":scope > .message");
    let [low, high] = [0, rows.length - 1];
    // The first that is not wholly above, and then the one that its day begins with.
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].getBoundingClientRect().bottom > top) high = middle;
      else low = middle + 1;
    }
    while (low > 0 && !rows[low].dataset.day) low -= 1;
    const first = rows[low];
    // Where the line of its day is in view, it says the same.
    day.hidden = !first || scroller.scrollTop > -NEAR || first.getBoundingClientRect().top - parseFloat(getComputedStyle(first).marginTop) >= top;
    day.textContent = first?.dataset.day ?? "";
  }

  day.type = "button";
  day.title = find("label", form).textContent.trim();
  day.addEventListener("click", (event) => {
    event.stopPropagation(); // a click elsewhere closes the menu
    form.closest("details").open = true;
    form.date.focus();
  });
  form.addEventListener("submit", () => {
    // That day begins where the reader is.
    const minutes = -new Date(`${form.date.value}T00:00`).getTimezoneOffset();
    const [hours, rest] = [Math.abs(minutes) / 60, Math.abs(minutes) % 60].map((part) => String(Math.floor(part)).padStart(2, "0"));
    form.zone.value = `${minutes < 0 ? "-" : "+"}${hours}:${rest}`;
  });

  scroller.closest(".room").append(day);
  scroller.addEventListener("scroll", () => { frame ||= requestAnimationFrame(show); }, { passive: true });
  show();
})();
