// Draws the region to mask with a pointer; the four number fields do the same without it.
"use strict";
(() => {
  const frame = document.querySelector(".frame[data-width]");
  const form = document.querySelector("form[data-mask]");
  if (!frame || !form) return;
  const width = Number(frame.dataset.width);
  const field = (name) => form.elements.namedItem(name);
  const box = document.createElement("div");
  box.className = "box";
  box.hidden = true;
  frame.append(box);
  frame.classList.add("draws");
  let start = null;

  const place = (event) => {
    const area = frame.querySelector("img").getBoundingClientRect();
    const scale = width / area.width;
    return {
      x: Math.min(Math.max(event.clientX - area.left, 0), area.width) * scale,
      y: Math.min(Math.max(event.clientY - area.top, 0), area.height) * scale,
    };
  };
  const show = () => {
    const [x, y, w, h] = ["x", "y", "width", "height"].map((name) => Number(field(name).value) || 0);
    const scale = frame.querySelector("img").getBoundingClientRect().width / width;
    box.hidden = w < 1 || h < 1;
    Object.assign(box.style, { left: `${x * scale}px`, top: `${y * scale}px`, width: `${w * scale}px`, height: `${h * scale}px` });
  };
  const set = (from, to) => {
    field("x").value = Math.floor(Math.min(from.x, to.x));
    field("y").value = Math.floor(Math.min(from.y, to.y));
    field("width").value = Math.ceil(Math.abs(to.x - from.x));
    field("height").value = Math.ceil(Math.abs(to.y - from.y));
    show();
  };
  frame.addEventListener("pointerdown", (event) => {
    start = place(event);
    frame.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  frame.addEventListener("pointermove", (event) => { if (start) set(start, place(event)); });
  frame.addEventListener("pointerup", (event) => { if (start) set(start, place(event)); start = null; });
  form.addEventListener("input", show);
  addEventListener("resize", show);
  show();
})();
