// The estate at a glance: what is worst where, and how sure that is.
"use strict";
nhi.views = {};

nhi.views.overview = function (place) {
  const active = nhi.table("findings").rows().filter(nhi.isActive);
  place.append(nhi.unreadNotes(), nhi.tiles(active));
  place.append(nhi.section("Clients and findings", nhi.heatMap(active)));
  place.append(nhi.section("Who answers for the identities", nhi.ownerBars()));
  place.append(nhi.section("Age of what is open", nhi.ageChart(active)));
  place.append(nhi.section("Over time", nhi.trendChart()));
  place.append(nhi.section("The worst", nhi.plainTable(
    [["severity", "Severity"], ["rule", "Rule"], ["tenant_id", "Client"], ["title", "What"], ["owner_id", "Owner"], ["due_at", "Due"]],
    nhi.LEVELS.flatMap((level) => active.filter((one) => one.severity === level).slice(0, 15)).slice(0, 15),
    { title: nhi.findingLink, owner_id: (row) => document.createTextNode(nhi.partyName(row.owner_id) || "nobody") })));
};

nhi.findingLink = function (row) {
  const text = nhi.short(nhi.visible(row.title || ""), 200);
  return row.identity_id ? nhi.link("identity/" + encodeURIComponent(row.identity_id), text) : nhi.link("finding/" + encodeURIComponent(row.finding_id), text);
};

nhi.section = function (title, ...children) {
  const id = "h-" + title.toLowerCase().replace(/[^a-z]+/g, "-");
  return nhi.el("section", { "aria-labelledby": id }, nhi.el("h2", { id }, title), ...children);
};

// What was not read, before any number that rests on it.
nhi.unreadNotes = function () {
  const n = nhi.table("coverage").n;
  const never = nhi.table("clients").rows().filter(nhi.isNever).map((one) => nhi.clientName(one.tenant_id));
  if (!nhi.about.scan_id) return nhi.el("p", { class: "note", role: "note" }, "No scan is on record: nothing was read, and no zero here means anything.");
  if (n === 0 && never.length === 0 && nhi.table("about").notes.length === 0) return nhi.el("p", { class: "sure" }, "Everything that was asked for was read whole at the last scan.");
  const words = never.length ? nhi.el("p", {}, "No account was ever read of " + nhi.short(never.join(", "), 400) + ".") : null;
  if (n === 0) return nhi.el("div", { class: "note", role: "note" }, words, ...nhi.table("about").notes.map((note) => nhi.el("p", {}, nhi.visible(note))));
  return nhi.el("div", { class: "note", role: "note" }, words,
    nhi.el("p", {}, (n === 1 ? "1 source was" : n + " sources were") + " not read whole. Counts marked ≥ are lower bounds. ", nhi.link("coverage", "What was not read")));
};

nhi.tiles = function (active) {
  const overdue = active.filter((one) => one.due_at !== null && one.due_at <= nhi.now).length;
  const identities = nhi.table("identities");
  const unowned = identities.rows().filter((one) => ["unowned", "orphaned", "conflict"].includes(one.owner_status)).length;
  const unsure = active.filter((one) => one.status === "unknown").length;
  const tile = (value, text, hash) => nhi.el("a", { class: "tile", href: "#/" + hash }, nhi.el("b", {}, value), nhi.el("span", {}, text));
  const shared = nhi.table("shared").rows();
  return nhi.el("div", { class: "tiles" },
    tile(nhi.count(identities.n), "identities", "identities"),
    tile(nhi.count(unowned), "unowned, orphaned or in conflict", "identities?owner_status=unowned,orphaned,conflict"),
    tile(nhi.count(active.length - unsure), "findings open", "findings?status=open"),
    tile(nhi.count(unsure), "findings unsure", "findings?status=unknown"),
    tile(nhi.count(overdue), "overdue", "findings?overdue=yes"),
    tile(nhi.count(shared.filter((one) => !one.sanctioned).length), "shared, unsanctioned", "sharing"));
};

// Clients down, families of rules across; a cell has its number and the letter of its worst.
nhi.heatMap = function (active) {
  const families = [...new Set(active.map((one) => nhi.family(one.rule)))].sort();
  const cells = new Map();
  for (const one of active) {
    const key = one.tenant_id + " " + nhi.family(one.rule);
    const found = cells.get(key) || { n: 0, worst: one.severity };
    found.n += 1;
    if (nhi.rank(one.severity) > nhi.rank(found.worst)) found.worst = one.severity;
    cells.set(key, found);
  }
  const clients = nhi.table("clients").rows();
  const head = nhi.el("tr", {}, nhi.el("th", { scope: "col" }, "Client"),
    ...families.map((one) => nhi.el("th", { scope: "col" }, one)), nhi.el("th", { scope: "col" }, "not read"));
  const rows = clients.map((client) => nhi.el("tr", { "data-tenant": client.tenant_id },
    nhi.el("th", { scope: "row" }, nhi.short(nhi.visible(client.name || client.tenant_id), 40)),
    ...families.map((family) => nhi.heatCell(client, family, cells.get(client.tenant_id + " " + family))),
    nhi.el("td", { class: nhi.isUnread(client) ? "doubt" : "" },
      client.unread_sources ? nhi.link("coverage?tenant=" + encodeURIComponent(client.tenant_id), "? " + client.unread_sources) : nhi.isNever(client) ? "? never read" : "")));
  const key = nhi.el("p", { class: "key" }, "C critical, H high, M medium, L low, I info: the worst in the cell. Findings that are unsure are counted too. ≥: not all of that client was read.");
  return nhi.el("div", {}, nhi.el("div", { class: "wrap" }, nhi.el("table", { class: "heat" }, nhi.el("thead", {}, head), nhi.el("tbody", {}, ...rows))), key);
};

nhi.heatCell = function (client, family, found) {
  const unsure = nhi.isUnread(client);
  if (!found) return nhi.el("td", { class: "zero" }, unsure ? "?" : "0");
  const hash = "findings?tenant_id=" + encodeURIComponent(client.tenant_id) + "&family=" + family;
  const label = (unsure ? "at least " : "") + found.n + " findings " + family + " of " + nhi.clientName(client.tenant_id) + ", worst " + found.worst;
  return nhi.el("td", { class: "sev-" + found.worst },
    nhi.link(hash, (unsure ? "≥" : "") + found.n + " " + nhi.LETTERS[found.worst], { "aria-label": label, "data-n": found.n }));
};
