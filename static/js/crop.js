/* A profile picture is cut to a square: here one sees the square, drags the picture in it, and chooses how large it is. */
(() => {
  "use strict";

  const field = document.querySelector("#picture");
  if (!field) return;
  const SIDE = 224;
  const { cropHint, zoom } = field.dataset;
  let pane = null;
  let image = null;
  let place = { x: 0, y: 0, scale: 1 };

  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const shorter = () => Math.min(image.naturalWidth, image.naturalHeight);
  const held = (value, most) => Math.min(Math.max(value, 0), most);

  // x and y: the corner of the square, in pixels of the picture; scale: how often the square fits into the shorter side.
  function side() {
    return shorter() / place.scale;
  }

  function draw() {
    place.x = held(place.x, image.naturalWidth - side());
    place.y = held(place.y, image.naturalHeight - side());
    const context = pane.querySelector("canvas").getContext("2d");
    context.drawImage(image, place.x, place.y, side(), side(), 0, 0, SIDE * 2, SIDE * 2);
    pane.querySelector("[name=crop]").value = [place.x / image.naturalWidth, place.y / image.naturalHeight, 1 / place.scale]
      .map((part) => part.toFixed(5)).join(" ");
  }

  function resize(scale) {
    const before = side();
    place.scale = scale;
    place.x += (before - side()) / 2;
    place.y += (before - side()) / 2;
    draw();
  }

  function move(across, down) {
    const pixels = side() / SIDE;
    place.x -= across * pixels;
    place.y -= down * pixels;
    draw();
  }

  function open() {
    pane?.remove();
    pane = make("div", { className: "crop" });
    const canvas = make("canvas", { width: SIDE * 2, height: SIDE * 2, tabIndex: 0 });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", cropHint);
    const label = make("label", { textContent: zoom });
    const range = make("input", { type: "range", min: "1", max: "4", step: "0.01", value: "1" });
    label.append(range);
    pane.append(canvas, make("p", { className: "hint", textContent: cropHint }), label, make("input", { type: "hidden", name: "crop" }));
    field.after(pane);
    place = { x: (image.naturalWidth - shorter()) / 2, y: (image.naturalHeight - shorter()) / 2, scale: 1 };

    range.addEventListener("input", () => resize(Number(range.value)));
    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) move(event.movementX, event.movementY);
    });
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [8, 0], ArrowRight: [-8, 0], ArrowUp: [0, 8], ArrowDown: [0, -8] }[event.key];
      if (!step) return;
      event.preventDefault();
      move(...step);
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      range.value = held(place.scale - event.deltaY / 400, 4) < 1 ? 1 : place.scale - event.deltaY / 400;
      resize(Number(range.value));
    }, { passive: false });
    draw();
  }

  field.addEventListener("change", () => {
    const [file] = field.files;
    pane?.remove();
    pane = null;
    if (!file?.type.startsWith("image/")) return;
    const address = URL.createObjectURL(file);
    const picture = new Image();
    // What this browser cannot draw the server may: then it is cut from the middle.
    picture.addEventListener("load", () => { image = picture; open(); URL.revokeObjectURL(address); });
    picture.addEventListener("error", () => URL.revokeObjectURL(address));
    picture.src = address;
  });
})();
