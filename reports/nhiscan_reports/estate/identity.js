// One identity: what it is, who answers for it and why, what it may do, and how that came about.
"use strict";

nhi.views.identity = async function (place, asked, id) {
  const one = nhi.find("identities", "identity_id", id);
  if (!one) { place.append(nhi.el("p", { class: "note" }, "No identity of this page has the id " + nhi.visible(id))); return; }
  place.append(nhi.el("h2", { class: "name" }, nhi.short(nhi.visible(one.name || one.native_id), 200)));
  place.append(nhi.facts(one), nhi.el("p", { class: "tools" }, nhi.link("path?from=" + encodeURIComponent(id), "Find a way from it"), " ", nhi.link("path?to=" + encodeURIComponent(id), "and to it")));
  const found = await nhi.detailsOf(id);
  if (!place.isConnected) return;
  // where something was not read, an empty table proves nothing
  nhi.none = (one.unread || []).length ? "none in what was read" : "none";
  const findings = (nhi.index("findings", "identity_id").get(id) || []).map((row) => nhi.table("findings").row(row));
  place.append(
    nhi.section("Owner, and why", nhi.ownerWords(one), nhi.plainTable([["party_id", "Party"], ["role", "Role"], ["signal", "Signal"], ["weight", "Weight"], ["observed_at", "Seen"], ["evidence", "Evidence"], ["outcome", "What became of it"]], found.claims || [], { party_id: (row) => document.createTextNode(nhi.partyName(row.party_id)) })),
    nhi.section("Findings", nhi.plainTable([["severity", "Severity"], ["rule", "Rule"], ["status", "State"], ["title", "What"], ["opened_at", "Opened"], ["due_at", "Due"], ["resolved_at", "Resolved"], ["ticket_ref", "Ticket"]], findings), nhi.remedies(findings)),
    nhi.section("Credentials", nhi.plainTable([["kind", "Kind"], ["public_id", "Ends in"], ["status", "State"], ["created_at", "Made"], ["expires_at", "Expires"], ["last_used_at", "Last used"], ["usage", "Usage"]], found.credentials || [])),
    nhi.section("What it may do", nhi.plainTable([["action_class", "Class"], ["verdict", "Verdict"], ["role", "By"], ["scope", "Scope"], ["account", "Account"], ["via", "Via"]], found.grants || []), nhi.moreGrants(found.grants || [])),
    nhi.section("Who may act as it", nhi.plainTable([["principal", "Principal"], ["principal_kind", "Kind"], ["relation", "Relation"], ["guard", "Guard"], ["verdict", "Verdict"], ["reason", "Why"]], found.trusts || [], { principal: nhi.principalLink }), nhi.neighbours(id)),
    nhi.section("Controls", nhi.plainTable([["instance_id", "Control instance"], ["grade", "Grade"], ["state", "State"], ["confidence", "Confidence"], ["basis", "Basis"], ["reason", "Why"]], found.controls || [])),
    nhi.section("History", nhi.timeLine(found.history || [])));
};

nhi.facts = function (one) {
  const words = [["Name", one.name], ["Client", nhi.clientName(one.tenant_id)], ["Native id", one.native_id], ["Id", one.identity_id], ["What", one.provider + " " + one.kind + ", " + one.class], ["Account", one.account], ["Enabled", nhi.text("", one.enabled) || "the platform does not say"], ["Privilege", one.privilege], ["Use", one.usage + (one.last_used_at ? ", last " + nhi.moment(one.last_used_at) : "")], ["Created", nhi.moment(one.created_at) || "not said"], ["Seen", nhi.moment(one.first_seen) + " – " + nhi.moment(one.last_seen)], ["Other tenants in reach", one.reach_tenants === null ? "not known" : one.reach_tenants]];
  const list = nhi.el("dl", { class: "facts" });
  for (const [name, value] of words) list.append(nhi.el("dt", {}, name), nhi.el("dd", {}, nhi.el("div", { class: "clip" }, nhi.text("", value))));
  const unread = one.unread || [];
  if (unread.length) list.append(nhi.el("dt", {}, "Not read"), nhi.el("dd", { class: "doubt" }, nhi.text("", unread)));
  return list;
};

nhi.ownerWords = function (one) {
  const sure = one.owner_confidence === null || one.owner_confidence === undefined ? "" : ", score " + one.owner_confidence;
  const who = one.owner_id ? nhi.partyName(one.owner_id) : "Nobody";
  const backup = one.backup_id ? "; backup " + nhi.partyName(one.backup_id) : "; no backup";
  return nhi.el("p", {}, nhi.el("b", {}, who), " (" + (one.owner_status || "not resolved").replace("_", " ") + sure + ")" + backup);
};

nhi.remedies = function (findings) {
  const rules = [...new Set(findings.filter(nhi.isActive).map((one) => one.rule))].map((rule) => nhi.find("rules", "rule", rule)).filter(Boolean);
  return rules.length ? nhi.el("ul", {}, ...rules.map((one) => nhi.el("li", {}, nhi.el("b", {}, one.rule), " " + nhi.text("", one.remediation || one.title)))) : null;
};

nhi.moreGrants = function (grants) {
  const more = grants.reduce((sum, one) => sum + (one.more || 0), 0);
  return more ? nhi.el("p", { class: "note" }, more + " more; `nhiscan explain` shows all.") : null;
};

nhi.principalLink = function (row) {
  return row.principal_identity_id ? nhi.link("identity/" + encodeURIComponent(row.principal_identity_id), nhi.short(nhi.visible(row.principal), 120)) : null;
};

// One step away: whom it can act as, and who can act as it.
nhi.neighbours = function (id) {
  const edges = nhi.graph(), out = new Map(), into = new Map();
  const follow = (node, via) => {
    for (const step of edges.get(node) || []) {
      if (nhi.isStep(step)) { if (step.target_id !== id) out.set(step.target_id, step); } else if (!via) follow(step.target_id, true);
    }
  };
  follow(id, false);
  const groups = new Map();
  for (const steps of edges.values()) for (const step of steps) {
    if (step.target_id === id && step.source_id.startsWith("nhi_")) into.set(step.source_id, step);
    if (step.target_id === id && step.source_id === "*") into.set("*", step);
    if (step.target_id === id && step.source_id.startsWith("holders:")) groups.set(step.source_id, step);
  }
  for (const steps of edges.values()) for (const step of steps) {
    if (groups.has(step.target_id) && step.source_id !== id) into.set(step.source_id, groups.get(step.target_id));
  }
  const part = (found, toCreate) => new Map([...found].filter(([, step]) => (step.kind === "can_become") === toCreate));
  const list = (title, found) => found.size === 0 ? null : nhi.el("div", {}, nhi.el("h3", {}, title + " (" + found.size + ")"), nhi.el("ul", { class: "near" },
    ...[...found].slice(0, 50).map(([other, step]) => nhi.el("li", {}, other === "*" ? "anybody" : nhi.link("identity/" + encodeURIComponent(other), nhi.short(nhi.identityName(other), 80)), " – " + nhi.howWords(step)))));
  return nhi.el("div", {}, nhi.nearPicture(id, part(into, false), part(out, false)), ...[["Whom it can act as", out], ["Who can act as it", into]].flatMap(([title, found]) => [
    list(title + ", as things stand", part(found, false)), list(title + " by first creating a way in", part(found, true))]).filter(Boolean));
};

nhi.timeLine = function (events) {
  if (!events.length) return nhi.el("p", { class: "none" }, "no event");
  return nhi.el("ol", { class: "time" }, ...events.map((one) => {
    const change = one.was !== null || one.became !== null ? ": " + (one.was === null ? "" : nhi.text("", one.was) + " → ") + (one.became === null ? "none" : nhi.text("", one.became)) : "";
    return nhi.el("li", {}, nhi.el("time", { datetime: new Date(one.at * 1000).toISOString() }, nhi.moment(one.at)), " ", nhi.text("", one.what) + (change.length > 300 ? "" : change), change.length > 300 ? nhi.el("div", { class: "clip" }, change) : null);
  }));
};
