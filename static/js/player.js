/* Voice messages as they are heard: seek on the waveform, speed, one at a time. Without this script they are an audio player. */
(() => {
  "use strict";

  const RATES = [1, 1.5, 2];
  const MOST_HEARD = 1000;
  const PATIENCE = 1000;

  const language = document.documentElement.lang || "en";
  const digits = new Intl.NumberFormat(language, { minimumIntegerDigits: 2 });
  const number = new Intl.NumberFormat(language);
  const clock = (seconds) => `${number.format(Math.floor(seconds / 60))}:${digits.format(Math.floor(seconds % 60))}`;
  const make = (tag, className) => Object.assign(document.createElement(tag), { className });
  const stored = (name, fallback) => { try { return JSON.parse(localStorage.getItem(name)) ?? fallback; } catch { return fallback; } };
  const store = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* full or forbidden */ } };
  const all = () => document.querySelectorAll("voice-note");

  // By file: a message that is replaced while it sounds goes on sounding in its new body, and one that comes back knows its place.
  const sounds = new Map();
  const places = new Map();
  const heard = () => [stored("voices-heard", [])].flat();
  let rate = RATES.includes(stored("voice-rate", 1)) ? stored("voice-rate", 1) : 1;

  class VoiceNote extends HTMLElement {
    connectedCallback() {
      this.audio ??= this.querySelector("audio");
      if (!this.audio) return;
      if (!this.slider) this.build();
      this.resume();
      this.ears = new AbortController();
      for (const name of ["play", "pause", "ended", "timeupdate", "seeked", "error"]) {
        this.audio.addEventListener(name, () => this.changed(name), { signal: this.ears.signal });
      }
      const author = this.closest("[data-author]")?.dataset.author;
      this.dot.hidden = !this.file || (author && author === document.querySelector("[data-me]")?.dataset.me) || heard().includes(this.file);
      this.changed("");
    }

    disconnectedCallback() {
      this.ears?.abort();
      const { audio, file } = this;
      if (!audio || !file || audio.isConnected) return;
      places.set(file, audio.currentTime);
      if (audio.paused) return;
      sounds.set(file, audio);
      setTimeout(() => {
        if (audio.isConnected) return;
        places.set(file, audio.currentTime);
        audio.pause();
        sounds.delete(file);
      }, PATIENCE);
    }

    get file() { return this.dataset.file; }
    get length() { return Number(this.dataset.duration) || (Number.isFinite(this.audio.duration) ? this.audio.duration : 0); }
    get now() { return Math.min(this.audio.currentTime, this.length); }

    button(name, act) {
      const button = make("button", name);
      button.type = "button";
      button.addEventListener("click", act);
      return button;
    }

    build() {
      const wave = this.querySelector("svg");
      this.slider = make("div", "voice-seek");
      Object.entries({ role: "slider", tabindex: 0, dir: "ltr", "aria-label": this.dataset.seek, "aria-valuemin": 0 })
        .forEach(([name, value]) => this.slider.setAttribute(name, value));
      if (wave) {
        const played = wave.cloneNode(true);
        played.classList.add("played");
        this.slider.append(wave, played);
      }
      this.playButton = this.button("voice-play", () => this.toggle());
      this.rateButton = this.button("voice-rate", () => this.faster());
      this.time = make("span", "voice-clock");
      this.dot = make("span", "voice-unheard");
      this.dot.setAttribute("role", "img");
      this.dot.setAttribute("aria-label", this.dataset.unheard ?? "");
      this.querySelector(".voice-duration")?.remove();
      this.audio.controls = false;
      this.prepend(this.playButton, this.slider, this.time, this.rateButton, this.dot);
      for (const name of ["pointerdown", "pointermove"]) this.slider.addEventListener(name, (event) => this.drag(event));
      this.slider.addEventListener("keydown", (event) => this.key(event));
    }

    // The sound of the message that this one replaces, or the place where it was left.
    resume() {
      const sound = sounds.get(this.file);
      sounds.delete(this.file);
      if (sound && sound !== this.audio) {
        this.audio.replaceWith(sound);
        this.audio = sound;
      } else if (!sound && this.file && places.has(this.file) && !this.audio.currentTime) this.audio.currentTime = places.get(this.file);
      if (sound?.paused) sound.play().catch(() => {});
    }

    toggle() {
      if (!this.audio.paused) return this.audio.pause();
      this.audio.defaultPlaybackRate = this.audio.playbackRate = rate;
      this.audio.play().catch(() => {}); // what went wrong is said by the event
    }

    faster() {
      rate = RATES[(RATES.indexOf(rate) + 1) % RATES.length];
      store("voice-rate", rate);
      all().forEach((note) => note.audio && note.changed("rate"));
    }

    seek(seconds) {
      this.audio.currentTime = Math.max(0, Math.min(this.length, seconds));
      this.draw();
    }

    drag(event) {
      if (event.type === "pointerdown" && event.button === 0) this.slider.setPointerCapture(event.pointerId);
      if (!this.slider.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.slider.getBoundingClientRect();
      this.seek(this.length * (event.clientX - left) / (width || 1));
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = Math.max(1, Math.min(5, this.length / 20));
      const steps = { ArrowRight: step, ArrowUp: step, ArrowLeft: -step, ArrowDown: -step, PageUp: 2 * step, PageDown: -2 * step, Home: -Infinity, End: Infinity };
      if (event.key === " ") { if (!event.repeat) this.toggle(); }
      else if (event.key in steps) this.seek(this.now + steps[event.key]);
      else return;
      event.preventDefault();
    }

    changed(name) {
      if (name === "play") this.hear();
      if (name === "ended") this.audio.currentTime = 0;
      if (name === "error") this.fail();
      const isPlaying = !this.audio.paused && !this.audio.ended;
      this.audio.playbackRate = rate;
      this.toggleAttribute("data-playing", isPlaying);
      this.playButton.setAttribute("aria-label", isPlaying ? this.dataset.pause : this.dataset.play);
      this.rateButton.textContent = `${number.format(rate)}×`;
      this.rateButton.setAttribute("aria-label", `${this.dataset.rate} ${number.format(rate)}×`);
      this.draw();
      if (isPlaying) this.run();
    }

    // Between two reports of the player the bars move on by themselves, unless somebody asked for rest.
    run() {
      if (this.frame || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
      const step = () => {
        this.frame = 0;
        this.draw();
        if (this.isConnected && !this.audio.paused) this.frame = requestAnimationFrame(step);
      };
      this.frame = requestAnimationFrame(step);
    }

    draw() {
      const { now, length } = this;
      this.style.setProperty("--played", `${length ? (100 * now / length).toFixed(2) : 0}%`);
      const told = `${Math.round(now)} ${length}`;
      if (told === this.told) return;
      this.told = told;
      this.slider.setAttribute("aria-valuemax", Math.round(length));
      this.slider.setAttribute("aria-valuenow", Math.round(now));
      this.slider.setAttribute("aria-valuetext", (this.dataset.at ?? "{at}").replace("{at}", clock(now)).replace("{all}", clock(length)));
      this.time.textContent = clock(now || length);
    }

    hear() {
      const { file } = this;
      if (!file || heard().includes(file)) return;
      store("voices-heard", [...heard(), file].slice(-MOST_HEARD));
      all().forEach((note) => { if (note.file === file && note.dot) note.dot.hidden = true; });
    }

    fail() {
      this.audio.controls = true;
      if (this.problem || !this.dataset.failed) return;
      this.problem = make("p", "problem");
      this.problem.setAttribute("role", "alert");
      this.problem.textContent = this.dataset.failed;
      this.append(this.problem);
    }
  }

  // One at a time, with whatever controls it was started.
  let current = null;
  document.addEventListener("play", ({ target }) => {
    if (current !== target) current?.pause();
    current = target;
  }, true);

  customElements.define("voice-note", VoiceNote);
})();
