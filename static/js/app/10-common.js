/* What several scripts need, under the one name that they share. */
(() => {
  "use strict";

  const language = document.documentElement.lang || "en";
  const find = (selector, within = document) => within.querySelector(selector);
  const make = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });
  // With `rooms` in another site's page, where a room has addresses of its own.
  const words = find("#words")?.dataset ?? {};

  window.sampark = {
    find,
    make,
    words,
    locale: navigator.languages.find((tag) => tag.split("-")[0] === language) || language,
    me: find("[data-me]")?.dataset.me,
    // Whose this is for good: a name may change.
    person: find("[data-person]")?.dataset.person,
    on: (name, act, options) => document.addEventListener(name, act, options),
    newKey: () => Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join(""),
    isTouch: () => matchMedia("(pointer: coarse)").matches,
    // On a touch screen, and for whoever has said so in the sheet of keys.
    entersLines: () => sampark.isTouch() || sampark.store.read("enter") === "line",

    // The browser's storage may be full or forbidden: then it holds nothing, and says so.
    store: {
      names: (start) => { try { return Object.keys(localStorage).filter((name) => name.startsWith(start)); } catch { return []; } },
      read: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
      write(name, value) {
        try {
          if (value) localStorage.setItem(name, value);
          else localStorage.removeItem(name);
          return true;
        } catch { return false; }
      },
    },

    say(sentence, link) {
      const alert = Object.assign(make("p", "problem", sentence), { role: "alert" });
      if (link && words.goHome) alert.append(" ", Object.assign(make("a", "", words.goHome), { href: "/" }));
      find("#alerts").replaceChildren(alert);
    },

    signIn: () => words.rooms ? location.reload() : location.assign(`/login?next=${encodeURIComponent(location.pathname)}`),
  };
})();
