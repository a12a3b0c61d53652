/* Voice messages: recorded here, sent by the composer's own form. Without this script the file field stays what it is. */
(() => {
  "use strict";

  const TYPES = ["audio/webm;codecs=opus", "audio/mp4"];
  const BITS_A_SECOND = 32_000;
  const LOOK = 100; // milliseconds between looks at level and clock
  const BARS = 64;
  const SVG = "http://www.w3.org/2000/svg";
  const REASONS = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing" };

  const language = document.documentElement.lang || "en";
  const digits = new Intl.NumberFormat(language, { minimumIntegerDigits: 2 });
  const number = new Intl.NumberFormat(language);
  const clock = (seconds) => `${number.format(Math.floor(seconds / 60))}:${digits.format(Math.floor(seconds % 60))}`;
  const make = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });
  const isAble = () => Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

  // What was recorded and not sent yet. A refused message comes back as a new form: the recording goes on in that one.
  let kept = null;

  class VoiceRecorder extends HTMLElement {
    connectedCallback() {
      this.field = this.querySelector("input[type=file]");
      this.form = this.field?.form;
      if (!this.form || !isAble()) return;
      if (!this.panel) this.build();
      if (kept?.action === this.form.action) this.offer();
      else this.rest();
    }

    disconnectedCallback() {
      this.state = "idle";
      this.halt();
      this.forgetSound();
    }

    get state() { return this.dataset.state; }
    set state(name) { this.dataset.state = name; }

    button(name, act) {
      const button = make("button", `voice-${name}`, this.dataset[name]);
      button.type = "button";
      button.addEventListener("click", act);
      return button;
    }

    build() {
      this.status = make("p", "sr");
      this.status.setAttribute("role", "status");
      this.panel = make("div", "voice-panel");
      this.append(this.panel, this.status);
    }

    // What the form shows besides; while a recording is in hand it is out of the way, and its draft stays a draft.
    setAside(isAside) {
      if (!this.dataset.aside) return;
      for (const part of this.form.querySelectorAll(this.dataset.aside)) {
        part.hidden = isAside;
        if ("disabled" in part) part.disabled = isAside;
      }
    }

    show(state, ...parts) {
      const isHeld = this.panel.contains(document.activeElement);
      this.state = state;
      this.panel.replaceChildren(...parts);
      this.setAside(state === "recording" || state === "recorded");
      if (isHeld) this.panel.querySelector("button:last-of-type:not(:disabled)")?.focus({ preventScroll: true });
    }

    rest() {
      this.field.value = "";
      this.field.closest("label").hidden = true;
      this.forgetSound();
      this.show("idle", this.button("start", () => this.ask()));
    }

    say(name) {
      this.alert?.remove();
      this.alert = null;
      if (!name) return;
      this.alert = make("p", "problem", this.dataset[name]);
      this.alert.setAttribute("role", "alert");
      this.append(this.alert);
    }

    tell(name, seconds = 0) { this.status.textContent = (this.dataset[name] ?? "").replace("{time}", clock(seconds)); }

    async ask() {
      if (this.state !== "idle") return;
      this.state = "asking";
      this.say("");
      let stream = null;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
        if (this.state === "asking" && this.isConnected) this.record(stream);
        else stream.getTracks().forEach((track) => track.stop());
      } catch (fault) {
        stream?.getTracks().forEach((track) => track.stop());
        if (!this.isConnected) return;
        this.rest();
        this.say(REASONS[fault.name] ?? "busy");
        this.field.closest("label").hidden = false;
      }
    }

    record(stream) {
      const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
      const recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITS_A_SECOND, ...(mimeType && { mimeType }) });
      const recording = { recorder, stream, parts: [], levels: [], began: performance.now() };
      recorder.addEventListener("dataavailable", ({ data }) => recording.parts.push(data));
      recorder.addEventListener("stop", () => this.recorded(recording));
      // In one piece: pieces would leave the file without its duration.
      recorder.start();
      this.recording = recording;
      const speed = (recorder.audioBitsPerSecond || BITS_A_SECOND) / 8;
      recording.limit = Math.min(Number(this.dataset.seconds) || 300, (Number(this.dataset.bytes) || 5e6) / speed);
      this.time = make("span", "voice-time", clock(0));
      this.time.setAttribute("role", "timer");
      this.level = make("span", "voice-level");
      this.level.setAttribute("aria-hidden", "true");
      this.show("recording", this.level, this.time, this.button("discard", () => this.cancel()), this.button("stop", () => this.halt()));
      this.panel.lastElementChild.focus({ preventScroll: true });
      this.tell("recording");
      this.listen(recording);
      recording.timer = setInterval(() => this.look(recording), LOOK);
    }

    listen(recording) {
      recording.wave = new Float32Array(2048);
      recording.isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
      try {
        const context = recording.context = new AudioContext();
        recording.analyser = new AnalyserNode(context, { fftSize: 2048 });
        context.createMediaStreamSource(recording.stream).connect(recording.analyser);
      } catch { recording.analyser = null; } // recorded all the same, only without a level
    }

    look(recording) {
      const seconds = (performance.now() - recording.began) / 1000;
      this.time.textContent = clock(seconds);
      recording.analyser?.getFloatTimeDomainData(recording.wave);
      const power = recording.wave.reduce((sum, value) => sum + value * value, 0) / recording.wave.length;
      const level = Math.min(1, 2 * power ** 0.3); // loudness as it is heard, as on the server
      recording.levels.push(level);
      if (!recording.isStill) this.level.style.setProperty("--level", level.toFixed(2));
      if (seconds < recording.limit) return;
      this.halt();
      this.say("limit");
    }

    // Ends the recording, and whatever happens the microphone is let go.
    halt() {
      const recording = this.recording;
      this.recording = null;
      if (!recording) return;
      clearInterval(recording.timer);
      recording.seconds = (performance.now() - recording.began) / 1000;
      if (recording.recorder.state !== "inactive") recording.recorder.stop();
      recording.stream.getTracks().forEach((track) => track.stop());
      recording.context?.close();
    }

    cancel() {
      if (this.state === "asking") this.state = "idle";
      if (this.recording) this.recording.isDiscarded = true;
      this.halt();
    }

    recorded(recording) {
      // The microphone was pulled out: what there is is kept.
      if (this.recording === recording) this.halt();
      if (recording.isDiscarded) return this.discard();
      const type = recording.recorder.mimeType;
      kept = { action: this.form.action, blob: new Blob(recording.parts, { type }), seconds: recording.seconds, levels: recording.levels };
      const heir = this.isConnected ? this : [...document.querySelectorAll(this.localName)].find((other) => other.form?.action === kept.action);
      heir?.offer();
    }

    offer() {
      this.forgetSound();
      this.source = URL.createObjectURL(kept.blob);
      const note = make("voice-note", "voice");
      Object.assign(note.dataset, { ...this.dataset, duration: kept.seconds.toFixed(2) });
      delete note.dataset.state;
      note.append(draw(kept.levels), Object.assign(make("audio"), { controls: true, preload: "metadata", src: this.source }));
      const send = this.button("send", () => this.send());
      send.classList.add("primary");
      send.disabled = kept.blob.size > (Number(this.dataset.bytes) || 5e6) || kept.blob.size === 0;
      if (send.disabled) this.say("large");
      this.show("recorded", note, this.button("discard", () => this.discard()), send);
      (send.disabled ? send.previousElementSibling : send).focus({ preventScroll: true });
      this.tell("ready", kept.seconds);
    }

    discard() {
      kept = null;
      if (!this.isConnected) return;
      this.say("");
      this.rest();
      this.tell("discarded");
      this.panel.lastElementChild.focus({ preventScroll: true });
    }

    send() {
      if (this.isPosting) {
        this.isDue = true;
        return;
      }
      const { blob } = kept;
      const name = `voice.${blob.type.split(/[/;]/)[1]}`;
      const files = new DataTransfer();
      files.items.add(new File([blob], name, { type: blob.type }));
      this.field.files = files.files;
      this.say("");
      this.form.requestSubmit();
    }

    posting() {
      this.isPosting = true;
      if (!this.field.files.length) return;
      this.isSending = true;
      this.panel.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    }

    posted(isSent) {
      this.isPosting = false;
      if (this.isSending) {
        this.isSending = false;
        this.field.value = "";
        if (isSent) {
          kept = null;
          this.rest();
          this.tell("sent");
        } else if (kept) this.offer();
      } else if (this.isDue && kept) setTimeout(() => this.send());
      this.isDue = false;
    }

    forgetSound() {
      if (this.source) URL.revokeObjectURL(this.source);
      this.source = "";
    }
  }

  function draw(levels) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "waveform");
    svg.setAttribute("viewBox", `0 0 ${BARS * 4} 40`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    const top = Math.max(0.05, ...levels);
    for (let bar = 0; bar < BARS; bar += 1) {
      const height = 2 + 38 * ((levels[Math.floor(bar * levels.length / BARS)] ?? 0) / top);
      const rect = svg.appendChild(document.createElementNS(SVG, "rect"));
      for (const [name, value] of Object.entries({ x: bar * 4 + 0.5, y: 20 - height / 2, width: 3, height, rx: 1.5 })) rect.setAttribute(name, value);
    }
    return svg;
  }

  customElements.define("voice-recorder", VoiceRecorder);

  const recorders = () => document.querySelectorAll("voice-recorder[data-state]");
  const recorderOf = (event) => [...recorders()].find((one) => one.form === event.detail?.ctx?.sourceElement);

  addEventListener("beforeunload", (event) => { if (kept || [...recorders()].some(({ recording }) => recording)) event.preventDefault(); });
  addEventListener("pagehide", () => recorders().forEach((recorder) => recorder.halt()));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") recorders().forEach((recorder) => { if (recorder.recording || recorder.state === "asking") recorder.cancel(); });
  });
  document.addEventListener("htmx:before:request", (event) => recorderOf(event)?.posting());
  document.addEventListener("htmx:finally:request", (event) => recorderOf(event)?.posted(event.detail.ctx.response?.status < 300));
})();
