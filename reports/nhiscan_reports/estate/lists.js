// The long lists: findings, identities, owners, control instances, and what was not read.
"use strict";

nhi.openIdentity = (row) => { if (row.identity_id) location.hash = "#/identity/" + encodeURIComponent(row.identity_id); };
// A finding is looked at where its identity is; one of no identity has a page of its own.
nhi.openFinding = (row) => { if (row.identity_id) nhi.openIdentity(row); else location.hash = "#/finding/" + encodeURIComponent(row.finding_id); };

nhi.views.finding = function (place, asked, id) {
  const found = nhi.find("findings", "finding_id", id);
  if (!found) { place.append(nhi.el("p", { class: "note" }, "No finding of this page has the id " + nhi.visible(id))); return; }
  const list = nhi.el("dl", { class: "facts" });
  const named = { tenant_id: nhi.clientName, owner_id: nhi.partyName, backup_id: nhi.partyName };
  for (const [name, value] of Object.entries(found)) {
    const text = named[name] ? named[name](value) : nhi.text(name, value);
    if (text) list.append(nhi.el("dt", {}, name.replace(/_(id|at)$/, "").replace(/_/g, " ")), nhi.el("dd", {}, nhi.el("div", { class: "clip" }, text)));
  }
  place.append(nhi.el("h2", { class: "name" }, nhi.short(nhi.visible(found.title || id), 200)), list, nhi.remedies([found]) || "");
};

// Rows that a link asks for: a column's value, or one of several with commas between.
nhi.chosen = function (rows, asked) {
  return Object.entries(asked).reduce((left, [name, value]) => {
    if (name === "family") return left.filter((row) => nhi.family(row.rule) === value);
    if (name === "overdue") return left.filter((row) => nhi.isActive(row) && row.due_at !== null && row.due_at <= nhi.now);
    const values = value.split(",");
    return left.filter((row) => values.includes(nhi.text("", row[name])) || values.includes(String(row[name])));
  }, rows);
};

nhi.askedWords = function (place, asked, page) {
  const words = Object.entries(asked).map(([name, value]) => name.replace("_id", "") + " " + (name === "tenant_id" ? nhi.clientName(value) : value.replace(/_/g, " ")));
  if (words.length) place.append(nhi.el("p", { class: "asked" }, "Only " + words.join(", ") + ". ", nhi.link(page, "Show all")));
};

nhi.views.findings = function (place, asked) {
  const wanted = asked.status || asked.overdue ? asked : { status: "open,unknown", ...asked };
  place.append(nhi.unreadNotes());
  nhi.askedWords(place, asked, "findings");
  const rows = nhi.chosen(nhi.table("findings").rows(), wanted);
  for (const row of rows) { row.owner = row.owner || nhi.partyName(row.owner_id); row.identity = row.identity || nhi.identityName(row.identity_id); }
  nhi.grid(place, { name: "findings", rows, open: nhi.openFinding, sort: { column: "severity", dir: "desc" },
    columns: [nhi.column("severity", "Severity", { width: 110 }), nhi.column("rule", "Rule", { width: 90 }), nhi.column("status", "State", { width: 90 }), nhi.column("tenant_id", "Client", { width: 130 }), nhi.column("title", "What", { width: 460 }), nhi.column("owner", "Owner", { width: 140 }), nhi.column("due_at", "Due", { width: 145 }), nhi.column("opened_at", "Opened", { width: 145 }), nhi.column("identity", "Identity", { width: 180 }), nhi.column("instance_id", "Control instance", { width: 180 }), nhi.column("ticket_ref", "Ticket", { width: 90 }), nhi.column("unread", "Not read", { visible: false }), nhi.column("last_seen", "Last seen", { visible: false }), nhi.column("finding_id", "Id", { visible: false })] });
};

nhi.views.identities = function (place, asked) {
  place.append(nhi.unreadNotes());
  nhi.askedWords(place, asked, "identities");
  const rows = nhi.chosen(nhi.table("identities").rows(), asked);
  for (const row of rows) row.owner = row.owner || nhi.partyName(row.owner_id);
  nhi.grid(place, { name: "identities", rows, open: nhi.openIdentity,
    columns: [nhi.column("name", "Name", { width: 240 }), nhi.column("tenant_id", "Client", { width: 130 }), nhi.column("provider", "Cloud", { width: 80 }), nhi.column("kind", "Kind", { width: 130 }), nhi.column("class", "Class", { width: 100 }), nhi.column("owner", "Owner", { width: 140 }), nhi.column("owner_status", "Owner known by", { width: 155 }), nhi.column("privilege", "Privilege", { width: 100 }), nhi.column("usage", "Use", { width: 90 }), nhi.column("last_used_at", "Last used", { width: 145 }), nhi.column("open_findings", "Findings", { width: 90 }), nhi.column("worst_severity", "Worst", { width: 110 }), nhi.column("reach_tenants", "Reach", { width: 80 }), nhi.column("account", "Account", { width: 150 }), nhi.column("native_id", "Native id", { visible: false }), nhi.column("created_at", "Created", { visible: false }), nhi.column("identity_id", "Id", { visible: false })] });
};

nhi.views.owners = function (place) {
  place.append(nhi.unreadNotes());
  const people = new Map();
  const entry = (id) => {
    if (!people.has(id)) people.set(id, { party_id: id, name: id ? nhi.partyName(id) : "nobody", identities: 0, backs_up: 0, findings: 0, overdue: 0, worst_severity: null, ...(nhi.find("parties", "party_id", id) ? { org: nhi.find("parties", "party_id", id).org, employment: nhi.find("parties", "party_id", id).employment } : {}) });
    return people.get(id);
  };
  for (const one of nhi.table("identities").rows()) { entry(one.owner_id).identities += 1; if (one.backup_id) entry(one.backup_id).backs_up += 1; }
  for (const one of nhi.table("findings").rows().filter(nhi.isActive)) {
    const who = entry(one.owner_id);
    who.findings += 1;
    if (one.due_at !== null && one.due_at <= nhi.now) who.overdue += 1;
    if (nhi.rank(one.severity) > nhi.rank(who.worst_severity)) who.worst_severity = one.severity;
  }
  nhi.grid(place, { name: "owners", rows: [...people.values()], sort: { column: "findings", dir: "desc" }, open: (row) => { location.hash = "#/findings?owner_id=" + encodeURIComponent(row.party_id || ""); },
    columns: [nhi.column("name", "Owner", { width: 220 }), nhi.column("org", "Organization", { width: 160 }), nhi.column("employment", "Employment", { width: 140 }), nhi.column("identities", "Identities", { width: 110 }), nhi.column("backs_up", "Stands in for", { width: 140 }), nhi.column("findings", "Open findings", { width: 150 }), nhi.column("overdue", "Overdue", { width: 100 }), nhi.column("worst_severity", "Worst", { width: 120 })] });
};

nhi.views.controls = function (place) {
  place.append(nhi.unreadNotes());
  const open = new Map();
  for (const one of nhi.table("findings").rows().filter(nhi.isActive)) if (one.instance_id) open.set(one.instance_id, (open.get(one.instance_id) || 0) + 1);
  const rows = nhi.table("instances").rows().map((one) => ({ ...one, accountable: nhi.partyName(one.accountable_id), backup: nhi.partyName(one.backup_id), findings: open.get(one.instance_id) || 0 }));
  nhi.grid(place, { name: "controls", rows, open: (row) => { location.hash = "#/findings?instance_id=" + encodeURIComponent(row.instance_id); },
    columns: [nhi.column("instance_id", "Control instance", { width: 250 }), nhi.column("tenant_id", "Client", { width: 130 }), nhi.column("criteria", "Criteria", { width: 110 }), nhi.column("statement", "What is done", { width: 380 }), nhi.column("accountable", "Accountable", { width: 150 }), nhi.column("backup", "Backup", { width: 150 }), nhi.column("responsibility", "Responsibility", { width: 170 }), nhi.column("frequency", "How often", { width: 110 }), nhi.column("findings", "Findings", { width: 100 })] });
};

nhi.views.coverage = function (place, asked) {
  nhi.askedWords(place, asked, "coverage");
  const rows = nhi.chosen(nhi.table("coverage").rows(), asked.tenant ? { tenant_id: asked.tenant } : {});
  if (!nhi.table("coverage").n) place.append(nhi.unreadNotes());
  nhi.grid(place, { name: "coverage", rows,
    columns: [nhi.column("tenant_id", "Client", { width: 140 }), nhi.column("account", "Account", { width: 220 }), nhi.column("source", "Source", { width: 220 }), nhi.column("region", "Region", { width: 110 }), nhi.column("state", "State", { width: 120 }), nhi.column("reason", "Why, and what would mend it", { width: 520 })] });
};
