// Writes values as text that is only text, whatever a name from a cloud holds.
"use strict";
nhi.LEVELS = ["critical", "high", "medium", "low", "info"];
nhi.LETTERS = { critical: "C", high: "H", medium: "M", low: "L", info: "I" };
nhi.OWNED = ["attested", "declared", "inferred", "suggested", "team_only", "conflict", "orphaned",
  "unowned", "platform", "unresolved"];

// Characters that cannot be seen, or turn the direction of what follows, are shown as codes.
nhi.visible = function (text) {
  return String(text).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
};

nhi.short = function (text, most = 120) {
  if (text.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  return text.slice(0, most - 1 - tail) + "…" + text.slice(text.length - tail);
};

nhi.moment = function (seconds) {
  if (seconds === null || seconds === undefined) return "";
  const text = new Date(seconds * 1000).toISOString();
  return text.slice(11, 19) === "00:00:00" ? text.slice(0, 10) : text.slice(0, 10) + " " + text.slice(11, 16);
};

nhi.TIMES = new Set(["at", "first_seen", "opened_at", "last_seen", "due_at", "resolved_at", "created_at",
  "last_used_at", "expires_at", "observed_at", "generated_at", "scan_started_at", "as_of"]);

// Any value of a column as text.
nhi.text = function (name, value) {
  if (value === null || value === undefined) return "";
  if (nhi.TIMES.has(name) && typeof value === "number") return nhi.moment(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((one) => nhi.text("", one)).join(", ");
  if (typeof value === "object") {
    return Object.entries(value).map(([key, one]) => key + ": " + nhi.text("", one)).join(", ");
  }
  return nhi.visible(value);
};

// Makes an element; every child that is no element becomes text.
nhi.el = function (tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") made.className = value;
    else if (name === "on") for (const [event, run] of Object.entries(value)) made.addEventListener(event, run);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((one) => one !== null && one !== undefined));
  return made;
};

nhi.link = function (hash, text, attributes = {}) {
  return nhi.el("a", { href: "#/" + hash, ...attributes }, text);
};

nhi.clientName = function (tenant) {
  return nhi.visible(nhi.value("clients", "tenant_id", tenant, "name") || tenant || "");
};

nhi.partyName = function (party) {
  return nhi.visible(nhi.value("parties", "party_id", party, "name") || party || "");
};

nhi.identityName = function (identity) {
  const of = (column) => nhi.value("identities", "identity_id", identity, column);
  return nhi.visible(of("name") || of("native_id") || identity || "");
};

// Whether a tenant, or with none any, was not read whole: then counts are lower bounds.
nhi.isUnsure = function (tenant) {
  const clients = nhi.table("clients").rows();
  return clients.some((one) => (!tenant || one.tenant_id === tenant) && nhi.isUnread(one));
};

// No account of it was ever read: it has no row that says so, and its zeros mean nothing.
nhi.isNever = (client) => client.accounts === 0 && client.kind !== "subservice";
nhi.isUnread = (client) => client.unread_sources > 0 || nhi.isNever(client);

nhi.count = function (number, tenant) {
  return (nhi.isUnsure(tenant) ? "≥ " : "") + number.toLocaleString("en");
};

nhi.say = function (text) { document.getElementById("said").textContent = text; };

nhi.family = function (rule) { return rule.split("-")[0]; };

nhi.isActive = function (finding) { return finding.status === "open" || finding.status === "unknown"; };

nhi.severityMark = function (level) {
  return nhi.el("span", { class: "sev sev-" + level }, nhi.LETTERS[level] || "?", " ", level);
};
