/* What another app shares waits in this browser (sw.js) until a room was chosen for it: its files are attached here. */
(async () => {
  "use strict";

  const input = document.querySelector("#composer [name=files]");
  if (!input || !window.caches || !sessionStorage.getItem("shared")) return;
  sessionStorage.removeItem("shared");
  const waiting = await caches.match("/share", { cacheName: "shared" });
  if (!waiting) return;
  const made = new DataTransfer();
  for (const file of (await waiting.formData()).getAll("files")) if (file.size) made.items.add(file);
  await caches.delete("shared");
  if (!made.files.length) return;
  input.files = made.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
})();
