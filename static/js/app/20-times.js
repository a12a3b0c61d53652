/* Times: short and in the reader's own zone; days divided; one person's run of messages drawn together. */
(() => {
  "use strict";

  const { find, on, locale } = sampark;
  const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
  const nearby = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const distant = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const RUN = 5 * 60 * 1000;
  const moments = new WeakMap();

  const momentOf = (message) => moments.get(message) ?? localise(message);
  const dayOf = (moment) => new Date(moment).setHours(0, 0, 0, 0);

  function localise(message) {
    const time = find("time[datetime]", message);
    const moment = Date.parse(time?.dateTime);
    moments.set(message, moment);
    if (!Number.isNaN(moment)) {
      time.textContent = clock.format(moment);
      time.title = full.format(moment);
      // Under the pointer the browser shows the title; for the keyboard the style sheet shows this.
      time.parentElement.dataset.full = time.title;
    }
    return moment;
  }

  function dayName(day) {
    const ago = Math.round((dayOf(Date.now()) - day) / 86_400_000);
    if (ago < 2) return relative.format(-ago, "day").replace(/^./u, (letter) => letter.toLocaleUpperCase(locale));
    return (ago < 300 ? nearby : distant).format(day);
  }

  sampark.arrange = (message) => {
    const moment = momentOf(message);
    const before = message.previousElementSibling;
    const earlier = before?.matches(".message") ? momentOf(before) : NaN;
    const isNewDay = dayOf(earlier) !== dayOf(moment);
    const follows = !isNewDay && moment - earlier < RUN && before.dataset.author === message.dataset.author;
    if (isNewDay) message.dataset.day = dayName(dayOf(moment));
    else delete message.dataset.day;
    message.toggleAttribute("data-follows", follows && !message.matches(".system") && !before.matches(".system"));
  };

  const messages = () => document.querySelectorAll("#messages > .message");
  if (find("#messages")) messages().forEach(sampark.arrange);
  else document.querySelectorAll(".message").forEach(localise);

  // "Today" is yesterday after midnight; a sleeping computer's timers come late.
  let today;
  let midnight;
  function newDay() {
    clearTimeout(midnight);
    midnight = setTimeout(newDay, new Date().setHours(24, 0, 1, 0) - Date.now());
    if (today !== dayOf(Date.now())) messages().forEach(sampark.arrange);
    today = dayOf(Date.now());
  }
  newDay();
  on("visibilitychange", newDay);
})();
