// How one identity can act as another: the shortest way over the steps, as a picture and in words.
"use strict";

nhi.graph = function () {
  if (nhi.edges) return nhi.edges;
  const table = nhi.table("steps"), edges = new Map();
  for (let row = 0; row < table.n; row++) {
    const step = table.row(row);
    if (!edges.has(step.source_id)) edges.set(step.source_id, []);
    edges.get(step.source_id).push(step);
  }
  nhi.edges = edges;
  return edges;
};

nhi.isStep = (step) => !step.target_id.startsWith("holders:");

// Breadth first, with steps into a group of holders for nothing (0-1 breadth-first search).
nhi.findPath = function (from, to, become, everybody = false) {
  const edges = nhi.graph(), best = new Map([[from, 0]]), came = new Map();
  let layer = [from];
  while (layer.length) {
    const next = [];
    while (layer.length) {
      const node = layer.shift();
      if (node === to) return nhi.walked(came, from, to);
      const out = (edges.get(node) || []).concat(everybody && node === from ? edges.get("*") || [] : []);
      for (const step of out) {
        if (step.kind === "can_become" && !become) continue;
        if (!become && step.target_id.startsWith("holders:become:")) continue;
        const cost = best.get(node) + (nhi.isStep(step) ? 1 : 0);
        if (best.has(step.target_id) && best.get(step.target_id) <= cost) continue;
        best.set(step.target_id, cost);
        came.set(step.target_id, { node, step });
        (nhi.isStep(step) ? next : layer).push(step.target_id);
      }
    }
    layer = next;
  }
  return everybody ? null : nhi.findPath(from, to, become, true);
};

nhi.walked = function (came, from, to) {
  const steps = [];
  let node = to, last = null;
  while (node !== from) {
    const { node: before, step } = came.get(node);
    if (nhi.isStep(step)) { last = { target: node, how: step.how, kind: step.kind, certain: step.certain }; steps.unshift(last); }
    if (!before.startsWith("holders:") && last) { last.source = before; }
    node = before;
  }
  return steps;
};

nhi.views.path = function (place, asked) {
  const fields = ["from", "to"].map((name) => {
    // a name that several have would not lead back here
    const called = asked[name] ? nhi.value("identities", "identity_id", asked[name], "name") : "";
    const known = asked[name] && nhi.identified(called || "") !== asked[name] ? asked[name] : called;
    return nhi.el("input", { id: "path-" + name, type: "text", list: "path-names", value: known, autocomplete: "off", size: 34 });
  });
  const names = nhi.el("datalist", { id: "path-names" });
  const become = nhi.el("input", { type: "checkbox", id: "path-become" });
  become.checked = asked.become === "yes";
  const go = (event) => {
    event.preventDefault();
    const [from, to] = fields.map((field) => nhi.identified(field.value.trim()));
    const out = { ...(from ? { from } : {}), ...(to ? { to } : {}), ...(become.checked ? { become: "yes" } : {}) };
    if (!from || !to) { result.replaceChildren(nhi.el("p", { class: "note" }, "Name two identities: by name, native id or id. A name that several have needs the id.")); return; }
    location.hash = "#/path?" + new URLSearchParams(out);
  };
  for (const field of fields) field.addEventListener("input", () => nhi.offer(names, field.value));
  const result = nhi.el("div", { id: "path-result" });
  const form = nhi.el("div", { class: "tools", role: "search" }, nhi.el("label", { for: "path-from" }, "From "), fields[0], nhi.el("label", { for: "path-to" }, " to "), fields[1],
    nhi.el("label", {}, become, " also what would have to be created first"), nhi.el("button", { type: "button", on: { click: go } }, "Find the way"), names);
  form.addEventListener("keydown", (event) => { if (event.key === "Enter") go(event); });
  place.append(form, result);
  if (asked.from && asked.to) nhi.showPath(result, asked.from, asked.to, become.checked);
};

// At most twenty names that hold what was typed; an id is offered for each, for names repeat.
nhi.offer = function (list, typed) {
  const words = typed.toLowerCase(), table = nhi.table("identities"), found = [];
  for (let row = 0; row < table.n && found.length < 20 && words.length > 1; row++) {
    const name = table.get.name(row) || "";
    if (name.toLowerCase().includes(words)) found.push(nhi.el("option", { value: table.get.identity_id(row) }, nhi.short(nhi.visible(name), 60) + " (" + nhi.clientName(table.get.tenant_id(row)) + ")"));
  }
  list.replaceChildren(...found);
};

nhi.identified = function (text) {
  for (const column of ["identity_id", "native_id", "name"]) {
    const rows = nhi.index("identities", column).get(text);
    if (rows && rows.length === 1) return nhi.table("identities").get.identity_id(rows[0]);
  }
  return null;
};

nhi.showPath = function (place, from, to, become) {
  const steps = from === to ? [] : nhi.findPath(from, to, become);
  if (steps === null || from === to) {
    const text = from === to ? "That is the same identity." : "No way was found" + (become ? "." : " as things stand.");
    const doubt = nhi.isUnsure() ? " Not everything was read, so there may be one." : "";
    place.append(nhi.el("p", { class: nhi.isUnsure() ? "note" : "" }, text + doubt, " ", nhi.isUnsure() ? nhi.link("coverage", "What was not read") : ""));
    return;
  }
  place.append(nhi.pathPicture([from, ...steps.map((one) => one.target)], steps));
  place.append(nhi.el("ol", { class: "steps" }, ...steps.map((one) => nhi.el("li", {},
    nhi.link("identity/" + encodeURIComponent(one.source), nhi.identityName(one.source)), " can act as ",
    nhi.link("identity/" + encodeURIComponent(one.target), nhi.identityName(one.target)), ": " + nhi.howWords(one)))));
};

nhi.WAYS = { named: "it is named in its trust", member: "its account or organization is trusted, and a grant lets it", public: "it is open to anybody",
  federated: "it is the outside workload that is trusted", new_credential: "it could add a key or secret to it", changed_trust: "it could rewrite who is let in",
  passed_role: "it could start a workload that runs as it", added_federation: "it could let an outside workload in" };

nhi.howWords = (step) => (nhi.WAYS[step.how] || step.how.replace(/_/g, " ")) + (step.kind === "shared_credential" ? " (the same credential proves both)" : "") + (step.certain ? "" : " (not proven: not all of it was read)");

nhi.pathPicture = function (nodes, steps) {
  const width = Math.max(460, nodes.length * 250), chart = nhi.svg(width, 130, "Way from " + nhi.identityName(nodes[0]) + " to " + nhi.identityName(nodes[nodes.length - 1]), steps.map(nhi.howWords).join("; "));
  chart.attr("id", "path-picture").attr("width", width).attr("height", 130).attr("class", "chart fixed").append("defs").append("marker").attr("id", "arrow").attr("viewBox", "0 0 10 10").attr("refX", 9).attr("refY", 5).attr("markerWidth", 7).attr("markerHeight", 7).attr("orient", "auto").append("path").attr("class", "arrow").attr("d", "M0 0L10 5L0 10z");
  nodes.forEach((id, i) => {
    const x = 20 + i * 250, found = nhi.find("identities", "identity_id", id) || {};
    const node = chart.append("g").attr("class", "node").attr("data-id", id);
    node.append("rect").attr("class", "box").attr("x", x).attr("y", 30).attr("width", 160).attr("height", 60).attr("rx", 6);
    node.append("text").attr("x", x + 8).attr("y", 55).text(nhi.short(nhi.identityName(id), 20));
    node.append("text").attr("class", "small").attr("x", x + 8).attr("y", 76).text(nhi.short(nhi.clientName(found.tenant_id || ""), 22));
    node.append("title").text(nhi.identityName(id));
  });
  steps.forEach((step, i) => {
    const x = 182 + i * 250;
    chart.append("path").attr("class", step.certain ? "way" : "way unproven").attr("marker-end", "url(#arrow)").attr("d", `M${x} 60L${x + 84} 60`);
    chart.append("text").attr("class", "small").attr("x", x + 42).attr("y", 22).attr("text-anchor", "middle").text(step.how.replace(/_/g, " "));
    if (!step.certain) chart.append("text").attr("class", "small").attr("x", x + 42).attr("y", 112).attr("text-anchor", "middle").text("not proven");
  });
  return nhi.el("div", { class: "figure" }, chart.node());
};
