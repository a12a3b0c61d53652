/* Files: shown when chosen, and sent while the composer is free for more. */
(() => {
  "use strict";

  const PATIENCE = 3000; // ms for the stream
  const find = (selector, within = document) => within.querySelector(selector);
  let form = find("#composer");
  let input = find("[name=files]");
  if (!input) return;

  const words = { ...input.dataset };
  const language = document.documentElement.lang;
  const number = (value, how) => new Intl.NumberFormat(language, how).format(value);
  const fill = (sentence, value) => sentence.replace("{}", () => value);
  const make = (tag, className, more) => Object.assign(document.createElement(tag), { className }, more);
  const icon = (className, title, onclick) => make("button", className, { type: "button", title, onclick });
  const chipList = () => make("ul", "chips", { role: "list", ariaLabel: words.list });
  const field = () => find("#text");
  const toField = () => field().focus({ preventScroll: true });
  const type = (value) => {
    field().value = value;
    field().dispatchEvent(new Event("input", { bubbles: true }));
  };

  const attach = icon("attach-button", words.button, () => input.click());
  const alert = make("p", "refusal", { role: "alert" });
  const status = make("p", "sr", { role: "status" });
  const list = chipList();
  const outbox = make("ol", "outbox", { role: "list", ariaLabel: words.outbox });

  /* ---- What is chosen ---- */

  let chosen = [];

  function size(bytes) {
    const power = Math.floor(Math.log10(bytes) / 3);
    return number(bytes / 1000 ** power, { style: "unit", unit: ["byte", "kilobyte", "megabyte", "gigabyte"][power], unitDisplay: power ? "short" : "long", maximumSignificantDigits: 3 });
  }

  function say(...sentences) {
    alert.textContent = sentences.join("\n");
    const many = new Intl.PluralRules(language).select(chosen.length) === "one" ? words.attachedOne : words.attachedOther;
    status.textContent = chosen.length ? fill(many, number(chosen.length)) : "";
  }

  function chipOf(file) {
    const kind = make("span", "file-icon", { ariaHidden: true, textContent: /\.(\w{1,5})$/.exec(file.name)?.[1] ?? "" });
    const url = file.type.startsWith("image/") ? URL.createObjectURL(file) : "";
    const face = url ? make("img", "", { alt: "", src: url, onerror: () => face.replaceWith(kind) }) : kind;
    const chip = { file, url, row: make("li", "chip"), note: make("span", "chip-note"), bar: make("progress", "", { ariaLabel: file.name }) };
    chip.remove = icon("chip-remove", "", () => drop(chip));
    chip.row.append(face, make("bdi", "chip-name", { textContent: file.name }), chip.note, chip.remove);
    rest(chip);
    return chip;
  }

  function rest(chip, isRefused) {
    chip.row.className = isRefused ? "chip refused" : "chip";
    chip.note.textContent = isRefused ? words.refused : size(chip.file.size);
    chip.bar.remove();
    chip.remove.disabled = false;
    chip.remove.title = fill(words.remove, chip.file.name);
  }

  function forget({ row, url }) {
    row.remove();
    URL.revokeObjectURL(url);
  }

  function drop(chip) {
    const job = jobs.find(({ chips }) => chips.includes(chip));
    const chips = job?.chips ?? chosen;
    const at = chips.indexOf(chip);
    const isHeld = chip.row.matches(":focus-within");
    chips.splice(at, 1);
    forget(chip);
    if (isHeld) (chips[at]?.remove ?? chips[at - 1]?.remove ?? attach).focus();
    if (!job) return say();
    job.xhr?.abort();
    if (!chips.length && !job.text) end(job);
    else if (job.xhr) post(job);
  }

  function add(files) {
    const wrong = new Set();
    for (const file of files) {
      const reason = file.size > words.mostBytes ? words.tooLarge : !file.size ? words.empty : chosen.length >= words.mostFiles && words.tooMany;
      if (reason) wrong.add(fill(reason, file.name));
      else {
        const chip = chipOf(file);
        chosen.push(chip);
        list.append(chip.row);
        // A folder looks like a file until it is read.
        file.slice(0, 1).arrayBuffer().catch(() => {
          if (!chosen.includes(chip)) return;
          drop(chip);
          say(fill(words.unreadable, file.name));
        });
      }
    }
    say(...wrong);
    if (chosen.length && !sampark.isTouch()) toField();
  }

  /* ---- What is on the way ---- */

  let jobs = [];

  function send() {
    const job = { action: form.action, text: field().value.trim(), chips: chosen, card: make("li", "pending") };
    job.body = new FormData(form);
    job.body.delete("voice");
    // One key for all tries: it is one message.
    job.body.set("key", crypto.getRandomValues(new Uint32Array(4)).join("-"));
    const chips = chipList();
    chips.append(...chosen.map(({ row }) => row));
    job.card.append(make("p", "pending-text", { textContent: job.text, dir: "auto" }), chips);
    outbox.append(job.card);
    jobs.push(job);
    chosen = [];
    isDue = false;
    say();
    type("");
    toField();
    post(job);
    job.card.scrollIntoView({ block: "nearest" });
  }

  function post(job) {
    const xhr = new XMLHttpRequest();
    job.xhr = xhr;
    job.failure?.remove();
    job.body.delete("files");
    for (const chip of job.chips) {
      job.body.append("files", chip.file);
      rest(chip);
      chip.row.append(chip.bar);
      chip.remove.title = fill(words.cancel, chip.file.name);
    }
    xhr.open("POST", job.action);
    xhr.setRequestHeader("HX-Request", "true");
    xhr.upload.onprogress = ({ loaded, total }) => show(job, loaded, total);
    xhr.onload = xhr.onerror = () => answered(job, xhr);
    show(job, 0, 1);
    xhr.send(job.body);
  }

  // What is not theirs counts as sent first: none seems further than it is.
  function show({ chips }, loaded, total) {
    let before = total;
    for (const { file } of chips) before -= file.size;
    for (const { file, bar, note, remove } of chips) {
      const part = loaded && Math.min(1, Math.max(0, (loaded - before) / file.size));
      before += file.size;
      bar.value = part;
      note.textContent = fill(words.sending, number(Math.floor(part * 100)));
      if (loaded < total) continue;
      // The server has it all: now it can only be deleted there.
      remove.disabled = true;
      note.textContent = words.checking;
      bar.removeAttribute("value");
    }
  }

  function end(job) {
    job.chips.forEach(forget);
    job.card.remove();
    jobs = jobs.filter((other) => other !== job);
  }

  function postRest(job) {
    job.chips.filter(({ row }) => row.matches(".refused")).forEach(drop);
    post(job);
  }

  // Where there is no rest, the style hides its button.
  function fail(job, said) {
    const blamed = (said.dataset.files ?? "").split(" ");
    const then = (textContent, act) => Object.assign(icon("", "", () => { act(job); toField(); }), { textContent });
    job.xhr = null;
    job.chips.forEach((chip, at) => rest(chip, blamed.includes(`${at}`)));
    said.removeAttribute("id");
    job.failure = make("div", "pending-failure");
    job.failure.append(said, then(words.rest, postRest), then(words.retry, post), then(words.discard, end));
    job.card.append(job.failure);
    job.card.scrollIntoView({ block: "end" });
  }

  function answered(job, xhr) {
    const text = xhr.responseText;
    const code = xhr.status;
    const page = new DOMParser().parseFromString(text, "text/html");
    if (!code || code >= 300) {
      fail(job, find("[role=alert]", page) ?? make("p", "problem", { role: "alert", textContent: code ? words.failed : words.lost }));
      const signIn = xhr.getResponseHeader("HX-Redirect");
      return signIn && location.assign(signIn);
    }
    job.xhr = job.text = "";
    status.textContent = words.sent;
    const id = find("article", page)?.id;
    if (id && find("#live")) return arrive(job, id, text);
    end(job);
    if (id && !jobs.length) location.assign(`${job.action.replace(/\/messages$/, "")}#${id}`);
  }

  // The stream brings it; where the line is down, the answer does.
  function arrive(job, id, text) {
    const log = find("#messages");
    const look = () => {
      if (!document.getElementById(id)) return;
      clearTimeout(timer);
      watch.disconnect();
      end(job);
    };
    const watch = new MutationObserver(look);
    const timer = setTimeout(() => htmx.swap({ sourceElement: log, target: log, swap: "upsert key:data-seq", text }), PATIENCE);
    watch.observe(log, { childList: true });
    look();
  }

  /* ---- The composer. A text under way stays in the box until it is out: files wait. ---- */

  let isPosting, isDue;

  function take(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.repeat) return;
    if (isPosting) isDue = true;
    else send();
  }

  // A refused text comes back as a new form: the files move into it.
  function adopt() {
    isPosting = isDue = false;
    form = find("#composer");
    input = find("[name=files]", form);
    // Hidden by what is around it: htmx takes new attributes off.
    const around = make("span", "", { hidden: true });
    input.closest("details").replaceWith(around);
    around.append(input);
    input.onchange = () => {
      const files = [...input.files];
      input.value = ""; // htmx shall send nothing; the same file can be chosen again
      add(files);
    };
    attach.disabled = field().disabled;
    find(".composer-box", form).prepend(list, attach);
    form.prepend(alert);
    input.onchange();
  }

  form.before(outbox, status);
  adopt();
  new MutationObserver(() => { if (!form.isConnected && find("#composer")) adopt(); }).observe(form.parentElement, { childList: true });

  // Texts under way go first; where one was refused, people look before they send more.
  document.addEventListener("outbox", ({ detail: { room, isBusy, refused } }) => {
    if (!form.action.includes(room)) return;
    if (refused) isDue = false;
    isPosting = isBusy;
    setTimeout(() => { if (isDue && !isPosting && chosen.length) send(); });
  });

  // These two come before app.js, which listens at the document.
  addEventListener("submit", (event) => {
    if (event.target !== form) return;
    const hasVoice = find("[name=voice]", form)?.files?.length;
    form.enctype = hasVoice ? "multipart/form-data" : "";
    if (!hasVoice && chosen.length && event.submitter) take(event);
  }, true);

  addEventListener("keydown", (event) => {
    if (!chosen.length || event.target !== field() || event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    if (!event.ctrlKey && !event.metaKey && (event.shiftKey || event.altKey || sampark.entersLines())) return;
    take(event);
  }, true);

  addEventListener("beforeunload", (event) => { if (jobs.some(({ xhr }) => xhr)) event.preventDefault(); });
  // What was typed with files that did not get away is a draft again.
  addEventListener("pagehide", () => { if (jobs.length) type([...jobs.map(({ text }) => text), field().value].join("\n\n").trim()); });
})();
