/* Pictures, large, over the room. */
(() => {
  "use strict";

  const words = document.querySelector("#words").dataset;
  const make = (tag, className = "", more) => Object.assign(document.createElement(tag), { className }, more);
  const all = () => [...document.querySelectorAll("#messages a.picture")];
  const onward = document.documentElement.dir === "rtl" ? -1 : 1; // to the right

  // Addresses: elements are replaced.
  let opened;
  let shown;

  const tool = (kind, title, onclick) => make("button", `lightbox-${kind}`, { type: "button", title, onclick });
  const dialog = make("dialog", "lightbox");
  const image = make("img", "lightbox-picture");
  const caption = make("p", "lightbox-caption", { ariaLive: "polite" });
  const name = make("bdi");
  const place = make("span", "hint");
  const close = tool("close", words.close, () => dialog.close());
  const before = tool("previous", words.previous, () => step(-1));
  const after = tool("next", words.next, () => step(1));
  const save = make("a", "button lightbox-download", { download: "", title: words.download });
  caption.append(name, " ", place);
  dialog.append(caption, save, close, before, image, after);
  document.body.append(dialog);

  function show(link) {
    const { width, height } = link.dataset;
    const links = all();
    shown = link.href;
    const still = link.querySelector("source") && matchMedia("(prefers-reduced-motion: reduce)").matches && `${shown}?size=still`;
    // Small, which is here already; large; then the file itself, if it has more to show.
    image.style.backgroundImage = `url("${link.querySelector("img").currentSrc}")`;
    image.style.setProperty("--width", width);
    image.style.setProperty("--height", height);
    image.src = still || `${shown}?size=large`;
    image.alt = name.textContent = dialog.ariaLabel = link.dataset.name;
    place.textContent = links.length > 1 ? words.place.replace("{at}", links.indexOf(link) + 1).replace("{all}", links.length) : "";
    before.hidden = after.hidden = links.length < 2;
    save.href = `${shown}?download`;
    const here = shown;
    const whole = new Image();
    image.onload = () => { if (!still && width > image.naturalWidth) whole.src = here; };
    whole.onload = () => {
      if (shown !== here) return;
      image.onload = null;
      image.src = here;
    };
  }

  function step(by) {
    const links = all();
    if (links.length) show(links.at((links.findIndex(({ href }) => href === shown) + by) % links.length));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#messages a.picture");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    opened = link.href;
    show(link);
    dialog.showModal();
    close.focus();
  });

  dialog.onclick = ({ target }) => { if (!target.closest("button, a, p, img")) dialog.close(); };
  dialog.onclose = () => {
    image.removeAttribute("src");
    shown = "";
    all().find(({ href }) => href === opened)?.focus({ preventScroll: true });
  };
  dialog.onkeydown = ({ key }) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (by) step(by * onward);
  };

  let start;
  dialog.ontouchstart = ({ touches }) => { start = touches.length < 2 && visualViewport.scale === 1 && touches[0]; };
  dialog.ontouchend = ({ changedTouches: [end] }) => {
    const [x, y] = [end.clientX - start.clientX, end.clientY - start.clientY];
    if (Math.abs(x) > 50 && Math.abs(x) > 2 * Math.abs(y)) step(x < 0 ? onward : -onward);
  };
})();
