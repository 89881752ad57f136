// Tables that filter, sort, print and leave as CSV, with the keyboard as with the mouse.
"use strict";
nhi.PRINTED = 200;

nhi.cellOf = function (name) {
  return (cell) => {
    const value = cell.getValue();
    if ((name === "severity" || name === "worst_severity") && value) return nhi.severityMark(value);
    const text = nhi.text(name, value);
    const span = nhi.el("span", { class: text.length > 160 ? "long" : "" }, nhi.short(text, 160));
    return span;
  };
};

nhi.SORTERS = {
  severity: (a, b) => nhi.LEVELS.indexOf(b) - nhi.LEVELS.indexOf(a),
  worst_severity: (a, b) => nhi.rank(a) - nhi.rank(b),
};
nhi.rank = (level) => (level ? nhi.LEVELS.length - nhi.LEVELS.indexOf(level) : 0);

// One column of a grid; words are filtered by what they hold, numbers by their least.
nhi.column = function (name, title, more = {}) {
  const matches = (asked, value) => nhi.text(name, value).toLowerCase().includes(String(asked).toLowerCase());
  return {
    field: name, title, formatter: nhi.cellOf(name), headerFilter: "input", headerFilterFunc: matches,
    sorter: nhi.SORTERS[name] || ((a, b) => nhi.compare(a, b)), headerSortTristate: true, minWidth: 70,
    headerFilterParams: { elementAttributes: { "aria-label": "Filter " + title } }, ...more,
  };
};

nhi.compare = function (a, b) {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return nhi.text("", a).localeCompare(nhi.text("", b), "en");
};

// Puts a grid with its tools into `place`. `open` is called with the row that is chosen.
nhi.grid = function (place, { name, rows, columns, open, sort, search }) {
  const box = nhi.el("div", { class: "grid", id: "grid-" + name });
  const count = nhi.el("span", { class: "count", "aria-live": "polite" });
  const asked = nhi.el("input", { type: "search", class: "search", placeholder: "Search all columns (/)",
    "aria-label": "Search all columns", value: search || "" });
  const printed = nhi.el("div", { class: "printed" });
  const chooser = nhi.el("details", { class: "chooser" }, nhi.el("summary", {}, "Columns"));
  const save = nhi.el("button", { type: "button", class: "csv" }, "CSV of these rows");
  place.append(nhi.el("div", { class: "tools" }, asked, count, chooser, save), box, printed);
  const table = new Tabulator(box, {
    data: rows, columns, layout: "fitDataFill", height: "70vh", placeholder: "no rows", index: undefined,
    initialSort: sort ? [sort] : [], columnDefaults: { resizable: true }, movableColumns: true,
    rowFormatter: (row) => { row.getElement().tabIndex = -1; },
  });
  const told = () => {
    const shown = table.getDataCount("active");
    const text = shown === rows.length ? rows.length.toLocaleString("en") + " rows"
      : shown.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " rows";
    count.textContent = text;
    nhi.say(text);
  };
  const filter = () => {
    const words = asked.value.toLowerCase().split(/\s+/).filter(Boolean);
    const names = columns.map((one) => one.field);
    table.setFilter(words.length === 0 ? [] : (row) => {
      const text = nhi.searched(names, row);
      return words.every((word) => text.includes(word));
    });
  };
  let waiting = 0;
  asked.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 150); });
  asked.addEventListener("keydown", nhi.enterRows(box));
  table.on("dataFiltered", () => setTimeout(told, 0));
  table.on("tableBuilt", () => {
    if (asked.value) filter();
    nhi.choices(chooser, table, columns);
    nhi.sortKeys(table);
    told();
    nhi.grids[name] = table;
    box.dataset.built = "yes";
  });
  if (open) table.on("rowClick", (event, row) => { if (!event.target.closest("a")) open(row.getData()); });
  nhi.keys(box, table, open);
  save.addEventListener("click", () => nhi.saveCsv(name, columns, table.getData("active")));
  nhi.printing.push(() => nhi.printRows(printed, columns.filter((one) => table.getColumn(one.field).isVisible()), table.getData("active")));
  return table;
};
nhi.grids = {};
nhi.printing = [];

// All that a row says in its columns, made once per row: a search asks for it at every letter.
nhi.searched = function (names, row) {
  if (!nhi.texts.has(row)) nhi.texts.set(row, names.map((one) => nhi.text(one, row[one])).join("\n").toLowerCase());
  return nhi.texts.get(row);
};
nhi.texts = new WeakMap();

// Enter on a column's head sorts by it, as a click does.
nhi.sortKeys = function (table) {
  for (const column of table.getColumns()) {
    const head = column.getElement();
    head.tabIndex = 0;
    head.addEventListener("keydown", (event) => {
      if (event.target === head && event.key === "Enter") head.querySelector(".tabulator-col-title").click();
    });
  }
};

// From the search straight to the first row.
nhi.enterRows = (box) => (event) => {
  const first = event.key === "ArrowDown" && box.querySelector(".tabulator-row");
  if (first) { first.focus(); event.preventDefault(); }
};

nhi.choices = function (chooser, table, columns) {
  const choices = nhi.el("div", { class: "choices" });
  chooser.append(choices);
  for (const one of columns) {
    const box = nhi.el("input", { type: "checkbox", checked: one.visible !== false });
    box.checked = one.visible !== false;
    box.addEventListener("change", () => table.toggleColumn(one.field));
    choices.append(nhi.el("label", {}, box, " ", one.title));
  }
};

// Arrow keys move from row to row, Enter opens one.
nhi.keys = function (box, table, open) {
  box.addEventListener("keydown", (event) => {
    const row = event.target.closest(".tabulator-row");
    if (event.key === "ArrowDown" && !row && event.target.closest(".tabulator-header")) {
      const first = box.querySelector(".tabulator-row");
      if (first) { first.focus(); event.preventDefault(); }
    } else if (row && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
      if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); event.preventDefault(); }
    } else if (row && event.key === "Enter" && open) {
      const found = table.getRows("visible").find((one) => one.getElement() === row);
      if (found) open(found.getData());
    }
  });
};

// A cell that a spreadsheet would run as a formula gets a quote before it (OWASP, CSV Injection).
nhi.csvCell = function (text) {
  const guarded = /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^[+-]?[0-9]+(\.[0-9]+)?$/.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(guarded) ? '"' + guarded.replace(/"/g, '""') + '"' : guarded;
};

nhi.csv = function (columns, rows) {
  const lines = [columns.map((one) => nhi.csvCell(one.field))];
  for (const row of rows) lines.push(columns.map((one) => nhi.csvCell(nhi.text(one.field, row[one.field]))));
  return lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
};

nhi.saveCsv = function (name, columns, rows) {
  const link = nhi.el("a", { download: "nhiscan-" + name + ".csv",
    href: URL.createObjectURL(new Blob([nhi.csv(columns, rows)], { type: "text/csv" })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  nhi.say(rows.length + " rows saved as CSV");
};

nhi.printRows = function (place, columns, rows) {
  place.replaceChildren(nhi.plainTable(columns.map((one) => [one.field, one.title]), rows.slice(0, nhi.PRINTED)));
  if (rows.length > nhi.PRINTED) {
    place.append(nhi.el("p", { class: "note" }, "The first " + nhi.PRINTED + " of " + rows.length + " rows; the CSV holds all."));
  }
};

// A table of few rows, as it is.
nhi.plainTable = function (columns, rows, linked = {}) {
  const head = nhi.el("tr", {}, ...columns.map(([, title]) => nhi.el("th", { scope: "col" }, title)));
  const body = rows.map((row) => nhi.el("tr", {}, ...columns.map(([name]) => {
    const made = linked[name] ? linked[name](row) : null;
    if (made) return nhi.el("td", { class: made.textContent.length > 60 ? "wide" : "" }, made);
    const text = nhi.text(name, row[name]);
    const level = name === "severity" && row[name] ? nhi.severityMark(row[name]) : null;
    return nhi.el("td", { class: text.length > 60 ? "wide" : text.length <= 16 ? "tight" : "" }, level || nhi.el("div", { class: "clip" }, text));
  })));
  if (rows.length === 0) body.push(nhi.el("tr", {}, nhi.el("td", { colspan: columns.length, class: "none" }, nhi.none || "none")));
  return nhi.el("div", { class: "wrap", tabindex: "0" }, nhi.el("table", {}, nhi.el("thead", {}, head), nhi.el("tbody", {}, ...body)));
};
