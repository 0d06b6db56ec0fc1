// Sorting, searching and paging of the table of utterances. Without it the page shows all rows in their order.
(() => {
  "use strict";
  const PAGE = 50;
  const table = document.getElementById("utterance-table");
  if (!table) return;
  const body = table.tBodies[0];
  const all = Array.from(body.rows);
  const controls = document.getElementById("utterance-controls");
  const search = document.getElementById("search");
  const split = document.getElementById("split");
  const status = document.getElementById("shown");
  const more = document.getElementById("more");
  const heads = Array.from(table.tHead.rows[0].cells);
  const words = all.map((row) => row.textContent.toLocaleLowerCase());
  const order = all.map((_, number) => number);
  let limit = PAGE;

  const value = (number, column) => {
    const cell = all[number].cells[column];
    return heads[column].className === "number"
      ? Number.parseFloat(cell.dataset.value ?? "NaN")
      : cell.textContent;
  };

  const compare = (a, b) => {
    if (typeof a === "number") {
      // What has no value comes last, whichever way.
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
      return a - b;
    }
    return a < b ? -1 : a > b ? 1 : 0;
  };

  const show = () => {
    const wanted = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const found = order.filter((number) => {
      const inSplit = !split.value || all[number].dataset.split === split.value;
      return inSplit && wanted.every((word) => words[number].includes(word));
    });
    body.replaceChildren(...found.slice(0, limit).map((number) => all[number]));
    const shown = Math.min(limit, found.length);
    status.textContent = `${shown} of ${found.length} found, ${all.length} listed`;
    more.hidden = shown === found.length;
  };

  const sort = (column) => {
    const head = heads[column];
    const up = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    order.sort((a, b) => {
      const [x, y] = [value(a, column), value(b, column)];
      const missing = typeof x === "number" && (Number.isNaN(x) || Number.isNaN(y));
      return (up || missing ? 1 : -1) * compare(x, y) || a - b;
    });
    show();
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(column));
    head.replaceChildren(button);
  });
  const again = () => {
    limit = PAGE;
    show();
  };
  search.addEventListener("input", again);
  split.addEventListener("change", again);
  more.addEventListener("click", () => {
    limit += 4 * PAGE;
    show();
  });
  // What is printed is what was found, all of it.
  window.addEventListener("beforeprint", () => {
    limit = all.length;
    show();
  });
  controls.hidden = false;
  show();
})();
