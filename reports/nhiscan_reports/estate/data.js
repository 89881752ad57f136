// Unpacks the tables of the page; what belongs to one identity only when it is looked at.
"use strict";
const nhi = { tables: {}, now: Math.floor(Date.now() / 1000) };

nhi.unpack = async function (id) {
  const coded = document.getElementById(id).textContent;
  const bytes = Uint8Array.from(atob(coded), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
};

// A table: n rows, and each column as a function from a row's number to its value.
nhi.Table = class {
  constructor(packed) {
    this.n = packed.n;
    this.title = packed.title;
    this.notes = packed.notes;
    this.names = Object.keys(packed.columns);
    this.get = {};
    for (const name of this.names) {
      const column = packed.columns[name];
      if (Array.isArray(column)) this.get[name] = (row) => column[row];
      else this.get[name] = (row) => column.d[column.i[row]];
    }
  }
  row(number) {
    const found = {};
    for (const name of this.names) found[name] = this.get[name](number);
    return found;
  }
  rows() {
    if (!this.all) {
      this.all = new Array(this.n);
      for (let row = 0; row < this.n; row++) this.all[row] = this.row(row);
    }
    return this.all;
  }
};

nhi.load = async function () {
  const main = await nhi.unpack("data-main");
  nhi.title = main.title;
  nhi.block = main.block;
  for (const [name, packed] of Object.entries(main.tables)) nhi.tables[name] = new nhi.Table(packed);
  nhi.about = Object.fromEntries((nhi.table("about").rows() || []).map((r) => [r.key, r.value]));
  if (nhi.about.as_of || nhi.about.generated_at) nhi.now = nhi.about.as_of || nhi.about.generated_at;
};

nhi.table = function (name) {
  if (!nhi.tables[name]) nhi.tables[name] = new nhi.Table({ n: 0, title: "", notes: [], columns: {} });
  return nhi.tables[name];
};

// Row numbers by the value of a column, made once.
nhi.index = function (name, column) {
  const table = nhi.table(name);
  table.indexes = table.indexes || {};
  if (!table.indexes[column]) {
    const found = new Map();
    for (let row = 0; row < table.n; row++) {
      const value = table.get[column](row);
      const list = found.get(value);
      if (list) list.push(row);
      else found.set(value, [row]);
    }
    table.indexes[column] = found;
  }
  return table.indexes[column];
};

nhi.find = function (name, column, value) {
  const rows = nhi.table(name).n ? nhi.index(name, column).get(value) : null;
  return rows ? nhi.table(name).row(rows[0]) : null;
};

// One value of the row that has `value` in `column`, without making the row.
nhi.value = function (name, column, value, wanted) {
  const table = nhi.table(name);
  const rows = table.n && value ? nhi.index(name, column).get(value) : null;
  return rows ? table.get[wanted](rows[0]) : null;
};

// All details of one identity, by table: {grants: [{…}], …}.
nhi.detailsOf = async function (identityId) {
  const rows = nhi.index("identities", "identity_id").get(identityId);
  if (!rows) return {};
  nhi.labels = nhi.labels || (await nhi.unpack("data-details"));
  const number = rows[0];
  const block = await nhi.unpack("data-block-" + Math.floor(number / nhi.block));
  const found = {};
  for (const [table, names] of Object.entries(nhi.labels)) {
    const values = (block[table] || {})[number] || [];
    found[table] = values.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
  }
  return found;
};
