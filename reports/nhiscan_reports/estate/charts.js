// Charts as SVG: how identities are owned, how old findings are, and how that went.
"use strict";
nhi.svg = function (width, height, title, text) {
  const made = d3.create("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("class", "chart");
  made.append("title").text(title);
  made.append("desc").text(text);
  return made;
};

// The numbers of a chart as a table: for whoever cannot see it, and for exactness.
nhi.numbers = (columns, rows) => nhi.el("details", { class: "numbers" }, nhi.el("summary", {}, "As a table"), nhi.plainTable(columns, rows));

nhi.ownerBars = function () {
  const clients = nhi.table("clients").rows().filter((one) => one.identities > 0 || nhi.isUnread(one));
  const kinds = nhi.OWNED.filter((kind) => clients.some((one) => one[kind] > 0));
  const step = 26, left = 190, width = 960;
  const text = clients.map((one) => nhi.clientName(one.tenant_id) + ": " + kinds.map((kind) => one[kind] + " " + kind).join(", ")).join("; ");
  const chart = nhi.svg(width, clients.length * step + 8, "Owners by client", text.slice(0, 4000));
  clients.forEach((client, row) => {
    const scale = d3.scaleLinear([0, Math.max(1, client.identities)], [0, width - left - 90]);
    const name = nhi.short(nhi.clientName(client.tenant_id), 26);
    chart.append("text").attr("x", left - 8).attr("y", row * step + 19).attr("text-anchor", "end").text(name);
    let x = left;
    for (const kind of kinds) {
      const size = scale(client[kind]);
      if (!client[kind]) continue;
      const bar = chart.append("rect").attr("x", x).attr("y", row * step + 4).attr("width", Math.max(1, size)).attr("height", step - 6);
      bar.attr("class", "own own-" + kind).append("title").text(client[kind] + " " + kind.replace("_", " "));
      if (size > 34) chart.append("text").attr("class", "inbar ink-" + kind).attr("x", x + 4).attr("y", row * step + 18).text(kind.slice(0, 2) + " " + client[kind]);
      x += size;
    }
    chart.append("text").attr("x", x + 6).attr("y", row * step + 19).text((nhi.isUnread(client) ? "≥ " : "") + client.identities);
  });
  const names = kinds.map((kind) => nhi.el("span", { class: "legend" }, nhi.el("i", { class: "own-" + kind }), kind.replace("_", " ") + " (" + kind.slice(0, 2) + ")"));
  const columns = [["client", "Client"], ...kinds.map((kind) => [kind, kind.replace("_", " ")]), ["identities", "all"], ["read", "Read"]];
  const numbers = clients.map((one) => ({ ...one, client: nhi.clientName(one.tenant_id), read: nhi.isUnread(one) ? "not whole: at least" : "whole" }));
  return nhi.el("div", { class: "figure" }, chart.node(), nhi.el("p", { class: "key" }, ...names), nhi.numbers(columns, numbers));
};

nhi.AGES = [[7, "a week"], [30, "30 days"], [60, "60 days"], [90, "90 days"], [180, "180 days"], [Infinity, "longer"]];

nhi.ageChart = function (active) {
  const counted = nhi.AGES.map(() => Object.fromEntries(nhi.LEVELS.map((level) => [level, 0])));
  for (const one of active) {
    const days = (nhi.now - (one.opened_at || one.first_seen)) / 86400;
    counted[nhi.AGES.findIndex(([most]) => days < most)][one.severity] += 1;
  }
  const totals = counted.map((one) => d3.sum(nhi.LEVELS, (level) => one[level]));
  const overdue = active.filter((one) => one.due_at !== null && one.due_at <= nhi.now).length;
  const width = 960, height = 220, scale = d3.scaleLinear([0, Math.max(1, d3.max(totals))], [0, height - 60]);
  const text = nhi.AGES.map(([, name], i) => "under " + name + ": " + totals[i]).join("; ");
  const chart = nhi.svg(width, height, "Age of open findings", text);
  nhi.AGES.forEach(([most, name], i) => {
    let y = height - 30;
    const x = 20 + i * 155;
    for (const level of nhi.LEVELS) {
      const size = scale(counted[i][level]);
      y -= size;
      if (size) chart.append("rect").attr("class", "bar-" + level).attr("x", x).attr("y", y).attr("width", 110).attr("height", size).append("title").text(counted[i][level] + " " + level);
      if (size > 14) chart.append("text").attr("class", "inbar ink-" + level).attr("x", x + 6).attr("y", y + 13).text(nhi.LETTERS[level] + " " + counted[i][level]);
    }
    chart.append("text").attr("x", x + 55).attr("y", y - 6).attr("text-anchor", "middle").text(nhi.count(totals[i]));
    chart.append("text").attr("x", x + 55).attr("y", height - 10).attr("text-anchor", "middle").text(most === Infinity ? name : "under " + name);
  });
  return nhi.el("div", { class: "figure" }, chart.node(), nhi.el("p", { class: "key" }, nhi.link("findings?overdue=yes", nhi.count(overdue) + " are overdue"), ". Age counts from when a finding opened, or came back."),
    nhi.numbers([["age", "Age"], ...nhi.LEVELS.map((level) => [level, level])], nhi.AGES.map(([most, name], i) => ({ age: most === Infinity ? name : "under " + name, ...counted[i] }))));
};

nhi.trendChart = function () {
  const rows = nhi.table("trend").rows();
  const scans = d3.rollups(rows, (part) => ({ open: d3.sum(part, (r) => r.open), unknown: d3.sum(part, (r) => r.unknown),
    accepted: d3.sum(part, (r) => r.accepted), unowned: d3.sum(part, (r) => r.identities - r.owned), state: part[0].state }), (r) => r.at);
  if (scans.length < 2) {
    return nhi.el("p", { class: "none" }, scans.length ? "One scan so far: a second one makes a line." : "No scan is on record.");
  }
  const width = 960, height = 260, lines = ["open", "unknown", "accepted", "unowned"];
  const x = d3.scaleUtc(d3.extent(scans, ([at]) => at * 1000), [60, width - 120]);
  const y = d3.scaleLinear([0, d3.max(scans, ([, one]) => d3.max(lines, (name) => one[name])) || 1], [height - 40, 16]).nice();
  const chart = nhi.svg(width, height, "Findings over scans", scans.map(([at, one]) => nhi.moment(at) + ": " + one.open + " open").join("; ").slice(0, 4000));
  chart.append("g").attr("transform", `translate(0 ${height - 36})`).call(d3.axisBottom(x).ticks(8));
  chart.append("g").attr("transform", "translate(56 0)").call(d3.axisLeft(y).ticks(5));
  for (const name of lines) {
    chart.append("path").attr("class", "line line-" + name).attr("d", d3.line(([at]) => x(at * 1000), ([, one]) => y(one[name]))(scans));
    const [at, last] = scans[scans.length - 1];
    chart.append("text").attr("x", x(at * 1000) + 10).attr("y", y(last[name]) + 4).text(name + " " + last[name]);
  }
  for (const [at, one] of scans) {
    const mark = chart.append("path").attr("class", "mark-" + one.state).attr("transform", `translate(${x(at * 1000)} ${y(one.open)})`);
    mark.attr("d", d3.symbol(one.state === "complete" ? d3.symbolCircle : d3.symbolTriangle, 60)()).append("title").text(nhi.moment(at) + ": " + one.open + " open, " + one.state);
  }
  return nhi.el("div", { class: "figure" }, chart.node(), nhi.el("p", { class: "key" }, "Circle: a complete scan. Triangle: not all was read, so its counts are lower bounds."),
    nhi.numbers([["at", "Scan"], ["state", "State"], ...lines.map((name) => [name, name])], scans.map(([at, one]) => ({ at, ...one }))));
};
