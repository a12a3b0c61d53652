/* The day of what stands at the top is named while one reads in the past, and leads to other days. */
(() => {
  "use strict";

  const { find, make } = sampark;
  const scroller = find(".room .scroller");
  const form = find(".to-day");
  if (!scroller || !form) return;

  const NEAR = 100;
  const day = make("button", "day");
  const menu = form.closest("details");
  let frame = 0;

  function show() {
    frame = 0;
    day.hidden = scroller.scrollTop > -NEAR;
    const { top, left, width } = scroller.getBoundingClientRect();
    const behind = day.hidden ? [] : document.elementsFromPoint(left + width / 2, top + 1);
    let message = behind.find((part) => part.matches(".message"));
    while (message && !message.dataset.day) message = message.previousElementSibling;
    if (message) day.textContent = message.dataset.day;
    day.hidden ||= !day.textContent;
  }

  day.type = "button";
  day.title = find("label", form).textContent.trim();
  day.addEventListener("click", (event) => {
    event.stopPropagation(); // a click elsewhere closes the menu
    menu.open = true;
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
