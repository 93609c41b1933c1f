"use strict";
(() => {
  const ROW = { ArrowUp: -1, ArrowDown: 1 };
  const COLUMN = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  const MAP = { PageUp: -1, PageDown: 1 };
  const within = (place, step, count) => Math.max(0, Math.min(count - 1, place + step));

  function start(root) {
    const { kernel, stride, dilation, size, said, factors } = JSON.parse(root.dataset.window);
    const part = (name) => [...root.querySelectorAll(`[data-part="${name}"] table`)].map((table) =>
      [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("td")]));
    const image = part("image"), kernels = part("kernel"), outputs = part("output");
    const yours = part("yours"), products = part("products").flat(2);
    const status = root.querySelector("[role=status]");
    let [map, row, column] = [0, 0, 0];

    function mark() {
      for (const cell of root.querySelectorAll(".under")) cell.classList.remove("under");
      for (const channel of image)
        for (let a = 0; a < kernel[0]; a++)
          for (let b = 0; b < kernel[1]; b++)
            channel[row * stride[0] + a * dilation[0]][column * stride[1] + b * dilation[1]]
              .classList.add("under");
      for (const maps of [outputs, yours]) maps[map]?.[row]?.[column]?.classList.add("under");
      kernels.forEach(([[cell]], number) => {
        cell.closest(".scroll").hidden = Math.floor(number / image.length) !== map;
      });
      const place = row * size[1] + column;
      products.forEach((cell, number) => { cell.textContent = factors[map][place][number]; });
      status.textContent = said[map * size[0] * size[1] + place];
    }

    function go(to, focus) {
      outputs[map][row][column].tabIndex = -1;
      [map, row, column] = to;
      const cell = outputs[map][row][column];
      cell.tabIndex = 0;
      if (focus) cell.focus();
      mark();
    }

    outputs.forEach((rows, m) => rows.forEach((cells, r) => cells.forEach((cell, c) => {
      cell.tabIndex = -1;
      cell.addEventListener("click", () => go([m, r, c], true));
      cell.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        if (!(event.key in ROW || event.key in COLUMN || event.key in MAP)) return;
        // The page would scroll, and a notebook go to another cell.
        event.preventDefault();
        event.stopPropagation();
        go([within(m, MAP[event.key] ?? 0, outputs.length), within(r, ROW[event.key] ?? 0, size[0]),
          within(c, COLUMN[event.key] ?? 0, size[1])], true);
      });
    })));
    root.querySelector("p[hidden]").hidden = false;
    go([0, 0, 0], false);
  }

  // A notebook may show an output twice, and runs the script of each.
  for (const root of document.querySelectorAll(".autograder.window:not(.live)")) {
    root.classList.add("live");
    start(root);
  }
})();
