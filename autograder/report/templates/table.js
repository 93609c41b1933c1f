"use strict";
(() => {
  const { compare } = new Intl.Collator(undefined, { numeric: true });

  // Numbers that are not known sort last, whichever the direction.
  function compareNumbers(direction) {
    return (a, b) => Number.isNaN(a) || Number.isNaN(b)
      ? Number.isNaN(a) - Number.isNaN(b)
      : direction * (a - b);
  }

  function sort(table, heading, descending) {
    const body = table.tBodies[0];
    const text = (row) => row.cells[heading.cellIndex].textContent.trim();
    const direction = descending ? -1 : 1;
    const [key, order] = "number" in heading.dataset
      ? [(row) => parseFloat(text(row).replace("−", "-")), compareNumbers(direction)]
      : [text, (a, b) => direction * compare(a, b)];
    const rows = [...body.rows].map((row) => [key(row), row]);
    rows.sort(([a], [b]) => order(a, b));
    // Replaced, not appended: the white space between rows would pile up and slow the next sort.
    body.replaceChildren(...rows.map(([, row]) => row));
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    const headings = [...table.tHead.querySelectorAll("th")];
    for (const heading of headings) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const sorted = heading.getAttribute("aria-sort");
        // Large numbers first, the first letters first.
        const descending = sorted ? sorted === "ascending" : "number" in heading.dataset;
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(table, heading, descending);
      });
    }
  }

  const search = document.getElementById("search");
  if (!search) return;
  // José is found by jose.
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const rows = [...document.getElementById("class").tBodies[0].rows];
  const texts = rows.map((row) => plain(row.textContent));
  const shown = document.querySelector(".search output");
  const section = document.getElementById("section");
  const isOfSection = (row) => !section || !section.value ||
    (row.dataset.section ?? "").split("; ").includes(section.value);
  search.closest("p").hidden = false;
  function filter() {
    const words = plain(search.value).split(/\s+/);
    let count = 0;
    rows.forEach((row, index) => {
      row.hidden = !isOfSection(row) || !words.every((word) => texts[index].includes(word));
      count += !row.hidden;
    });
    shown.textContent = `${count} of ${rows.length}`;
  }
  search.addEventListener("input", filter);
  section?.addEventListener("change", filter);
})();
