/* What another app shares waits in this browser (sw.js): here its words come into their field, and its files are named. */
(async () => {
  "use strict";

  const find = (selector) => document.querySelector(selector);
  const HOUR = 3_600_000;
  const field = find("#shared");
  const waiting = await window.caches?.match("/share", { cacheName: "shared" });
  if (!waiting) return;
  // Words that came otherwise are another share; only on the way to another room they are the same.
  const isOther = location.pathname === "/share" && field.defaultValue;
  if (isOther || Date.now() - waiting.headers.get("X-Since") > HOUR) {
    await caches.delete("shared");
    return;
  }
  field.form.addEventListener("submit", () => sessionStorage.setItem("shared", "1"));
  const data = await waiting.formData();
  const files = data.getAll("files").filter(({ size }) => size);
  const said = ["title", "text", "url"].map((name) => [name, data.get(name) ?? ""]);
  // At once, for whoever is quick; which of the words are said twice, the server knows.
  const all = said.map(([, words]) => words).filter(Boolean).join("\n");
  field.value ||= all;
  const answer = await fetch("/share", { method: "POST", body: new URLSearchParams(said) }).then((response) => response.text()).catch(() => "");
  const once = new DOMParser().parseFromString(answer, "text/html").querySelector("#shared")?.value;
  if (once && field.value === all) field.value = once;
  if (!files.length) return;
  const { lang } = document.documentElement;
  const named = find("#shared-files");
  const many = named.dataset[new Intl.PluralRules(lang).select(files.length) === "one" ? "one" : "other"];
  named.hidden = false;
  named.textContent = `${many.replace("{}", new Intl.NumberFormat(lang).format(files.length))}: ${files.map(({ name }) => `\u2068${name}\u2069`).join(", ")}`;
})();
