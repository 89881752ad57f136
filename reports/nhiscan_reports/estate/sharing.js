// What clients have in common, as a picture and as a list: the rows of view `shared`.
"use strict";
nhi.DRAWN = 100;
nhi.SHAPES = { principal: d3.symbolCircle, credential: d3.symbolDiamond, trust: d3.symbolSquare, partner: d3.symbolTriangle };

nhi.views.sharing = function (place, asked) {
  const all = nhi.table("shared").rows();
  const chosen = all.filter((one) => !asked.tenant || one.tenant_ids.includes(asked.tenant));
  const drawn = chosen.slice(0, nhi.DRAWN);
  place.append(nhi.unreadNotes(), nhi.sharingFilter(all, asked.tenant));
  if (drawn.length) place.append(nhi.section("Picture", nhi.sharingPicture(drawn)));
  if (chosen.length > drawn.length) {
    place.append(nhi.el("p", { class: "note" }, "The picture shows the first " + drawn.length + "; " + (chosen.length - drawn.length) + " more stand in the list."));
  }
  const list = nhi.el("div");
  place.append(nhi.section("List", list));
  nhi.grid(list, {
    name: "shared", rows: chosen.map((one) => ({ ...one, clients: one.tenant_ids.map(nhi.clientName), identities: one.identity_ids.map(nhi.identityName) })),
    columns: [nhi.column("level", "Level"), nhi.column("sanctioned", "Sanctioned"), nhi.column("title", "What", { width: 420 }), nhi.column("clients", "Clients", { width: 300 }), nhi.column("relation", "Relation"), nhi.column("identities", "Identities", { width: 260 }), nhi.column("key", "Key", { visible: false })],
    open: (row) => { if (row.identity_ids.length) location.hash = "#/identity/" + encodeURIComponent(row.identity_ids[0]); },
  });
};

nhi.sharingFilter = function (all, chosen) {
  const tenants = [...new Set(all.flatMap((one) => one.tenant_ids))].sort();
  const options = tenants.map((one) => nhi.el("option", { value: one, selected: one === chosen }, nhi.clientName(one)));
  const pick = nhi.el("select", { id: "sharing-client" }, nhi.el("option", { value: "" }, "all clients"), ...options);
  pick.addEventListener("change", () => { location.hash = "#/sharing" + (pick.value ? "?tenant=" + encodeURIComponent(pick.value) : ""); });
  return nhi.el("p", { class: "tools" }, nhi.el("label", { for: "sharing-client" }, "Client "), pick);
};

nhi.sharingPicture = function (rows) {
  const tenants = [...new Set(rows.flatMap((one) => one.tenant_ids))].sort();
  const step = 24, height = Math.max(rows.length, tenants.length) * step + 40, width = 1100, left = 470, right = 820;
  const spot = (number, count) => 24 + (number + 0.5) * ((height - 40) / count);
  const chart = nhi.svg(width, height, "What clients share", rows.map((one) => one.title + ": " + one.tenant_ids.join(", ")).join("; ").slice(0, 8000));
  chart.attr("id", "sharing-picture");
  rows.forEach((one, row) => {
    for (const tenant of one.tenant_ids) {
      const end = spot(tenants.indexOf(tenant), tenants.length);
      const line = d3.linkHorizontal()({ source: [left, spot(row, rows.length)], target: [right, end] });
      const edge = chart.append("path").attr("d", line).attr("class", one.sanctioned ? "edge sanctioned" : "edge unsanctioned");
      edge.attr("data-level", one.level).attr("data-key", one.key).attr("data-tenant", tenant);
      edge.append("title").text(nhi.visible(one.title || one.key) + " – " + nhi.clientName(tenant) + (one.sanctioned ? " (sanctioned)" : " (not sanctioned)"));
    }
  });
  rows.forEach((one, row) => {
    const y = spot(row, rows.length);
    const node = chart.append("g").attr("class", "node level-" + one.level).attr("data-level", one.level).attr("data-key", one.key);
    node.append("path").attr("transform", `translate(${left} ${y})`).attr("d", d3.symbol(nhi.SHAPES[one.level] || d3.symbolStar, 110)());
    const text = nhi.short(nhi.visible(one.title || one.key), 62);
    node.append("text").attr("x", left - 14).attr("y", y + 4).attr("text-anchor", "end").text((one.sanctioned ? "" : "! ") + text);
    node.append("title").text(one.level + ": " + nhi.visible(one.title || one.key));
  });
  tenants.forEach((tenant, row) => {
    const y = spot(row, tenants.length);
    const node = chart.append("g").attr("class", "node client").attr("data-client", tenant);
    node.append("rect").attr("x", right - 6).attr("y", y - 6).attr("width", 12).attr("height", 12);
    node.append("text").attr("x", right + 14).attr("y", y + 4).text(nhi.short(nhi.clientName(tenant), 34));
  });
  const key = "Circle: one principal. Diamond: the same credential. Square: the same outside principal trusted. Triangle: a partner relationship. Solid line: sanctioned by signed splits. Dashed, and !: not.";
  return nhi.el("div", { class: "figure" }, chart.node(), nhi.el("p", { class: "key" }, key));
};

nhi.NEAR = 12;

// One identity in the middle: who can act as it to the left, whom it can act as to the right.
nhi.nearPicture = function (id, into, out) {
  const sides = [[...into].slice(0, nhi.NEAR), [...out].slice(0, nhi.NEAR)], most = Math.max(sides[0].length, sides[1].length);
  if (most === 0) return null;
  const height = most * 34 + 20, middle = height / 2, width = 1000;
  const told = (list) => list.map(([other]) => (other === "*" ? "anybody" : nhi.identityName(other))).join(", ") || "nobody";
  const text = "Can act as it: " + told(sides[0]) + ". It can act as: " + told(sides[1]);
  const chart = nhi.svg(width, height, "One step around " + nhi.identityName(id), nhi.short(text, 4000)).attr("id", "near-picture");
  sides.forEach((list, side) => list.forEach(([other, step], row) => {
    const y = 10 + (row + 0.5) * ((height - 20) / list.length), x = side ? 660 : 340;
    const ends = side ? { source: [570, middle], target: [x, y] } : { source: [x, y], target: [430, middle] };
    chart.append("path").attr("class", step.certain ? "step" : "step unproven").attr("data-id", other).attr("d", d3.linkHorizontal()(ends));
    const around = other === "*" ? chart : chart.append("a").attr("href", "#/identity/" + encodeURIComponent(other));
    const link = around.append("text").attr("y", y + 4);
    link.attr("x", side ? x + 8 : x - 8).attr("text-anchor", side ? "start" : "end").text(other === "*" ? "anybody" : nhi.short(nhi.identityName(other), 44));
  }));
  chart.append("rect").attr("class", "box").attr("x", 430).attr("y", middle - 16).attr("width", 140).attr("height", 32).attr("rx", 6);
  chart.append("text").attr("x", 500).attr("y", middle + 4).attr("text-anchor", "middle").text(nhi.short(nhi.identityName(id), 18));
  const more = into.size + out.size - sides[0].length - sides[1].length;
  const key = "Left: who can act as it. Right: whom it can act as. Dashed: not proven." + (more ? " " + more + " more stand in the lists." : "");
  return nhi.el("div", { class: "figure" }, chart.node(), nhi.el("p", { class: "key" }, key));
};
