"use strict";
(() => {
  const table = document.getElementById("class");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const headings = [...table.tHead.rows[0].querySelectorAll("th")];

  // Numbers that are not known sort last, whichever the direction.
  function compare(column, numeric, direction) {
    const key = numeric
      ? (row) => parseFloat(row.cells[column].dataset.value)
      : (row) => row.cells[column].textContent.trim();
    return (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (!numeric) return direction * x.localeCompare(y);
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
      return direction * (x - y);
    };
  }

  for (const heading of headings) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const numeric = "number" in heading.dataset;
      const sorted = heading.getAttribute("aria-sort");
      const down = sorted ? sorted === "ascending" : numeric;  // best scores first
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort(compare(heading.cellIndex, numeric, down ? -1 : 1));
      body.append(...rows);
    });
  }
  headings[0].setAttribute("aria-sort", "ascending");

  const search = document.getElementById("search");
  const shown = document.querySelector(".search output");
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  search.closest("p").hidden = false;
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const row of rows) {
      row.hidden = !words.every((word) => texts.get(row).includes(word));
      count += !row.hidden;
    }
    shown.textContent = `${count} of ${rows.length}`;
  });
})();
