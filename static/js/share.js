/* What another app shares waits in this browser (sw.js): here its words come into their field, and its files are named. */
(async () => {
  "use strict";

  const find = (selector) => document.querySelector(selector);
  const waiting = await window.caches?.match("/share", { cacheName: "shared" });
  if (!waiting) return;
  const data = await waiting.formData();
  const files = data.getAll("files").filter(({ size }) => size);
  data.delete("files");
  // Which of the words are said twice, the server knows.
  const answer = await fetch("/share", { method: "POST", body: new URLSearchParams(data) }).then((response) => response.text()).catch(() => "");
  const once = new DOMParser().parseFromString(answer, "text/html").querySelector("#shared")?.value;
  find("#shared").value ||= once ?? [...data.values()].filter(Boolean).join("\n");
  if (!files.length) return;
  const { lang } = document.documentElement;
  const said = find("#shared-files");
  const many = said.dataset[new Intl.PluralRules(lang).select(files.length) === "one" ? "one" : "other"];
  said.hidden = false;
  said.textContent = `${many.replace("{}", new Intl.NumberFormat(lang).format(files.length))}: ${files.map(({ name }) => `\u2068${name}\u2069`).join(", ")}`;
})();
