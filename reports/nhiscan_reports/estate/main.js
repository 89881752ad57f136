// Shows the page that the address names; back, forward and links that point into the file work.
"use strict";
nhi.PAGES = { overview: "Overview", findings: "Findings", identities: "Identities", owners: "Owners", controls: "Controls", sharing: "Sharing", path: "Paths", coverage: "Not read" };

nhi.show = async function () {
  const [address, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [page, id] = address.split("/");
  const name = nhi.views[page] ? page : "overview";
  const place = document.getElementById("content");
  nhi.printing = [];
  nhi.grids = {};
  nhi.none = "none";
  place.replaceChildren();
  for (const link of document.querySelectorAll("#pages a")) {
    if (link.dataset.page === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const view = nhi.el("div", { class: "view view-" + name });
  place.append(view);
  if (nhi.PAGES[name] && name !== "overview") view.append(nhi.el("h2", {}, nhi.PAGES[name]));
  await nhi.views[name](view, Object.fromEntries(new URLSearchParams(query || "")), id ? decodeURIComponent(id) : "");
  document.documentElement.dataset.page = name + (id ? "/" + decodeURIComponent(id) : "");
  window.scrollTo(0, 0);
};

nhi.theme = function () {
  const button = document.getElementById("theme"), root = document.documentElement;
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const told = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.hidden = false;
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; told(); });
  told();
};

nhi.start = async function () {
  if (typeof DecompressionStream === "undefined") {
    document.getElementById("why-static").textContent = "This browser is too old to unpack the page's data: what follows is its summary.";
    return;
  }
  await nhi.load();
  const about = nhi.about;
  const told = [about.scan_started_at ? "Scan of " + nhi.moment(about.scan_started_at) + (about.scan_state === "complete" ? "" : " (" + about.scan_state + ")") : "", about.as_of ? "as of " + nhi.moment(about.as_of) : "", "made " + nhi.moment(about.generated_at), "all times are UTC"];
  document.getElementById("subtitle").textContent = told.filter(Boolean).join(" · ");
  for (const [page, title] of Object.entries(nhi.PAGES)) document.getElementById("pages").append(nhi.link(page, title, { "data-page": page }), " ");
  nhi.theme();
  document.documentElement.classList.add("js");
  document.getElementById("static").remove();
  window.addEventListener("hashchange", () => { nhi.moved = true; nhi.show(); });
  window.addEventListener("beforeprint", () => nhi.printing.forEach((fill) => fill()));
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, textarea, select");
    const search = document.querySelector(".search");
    if (event.key === "/" && !writing && search) { search.focus(); event.preventDefault(); }
    if (event.key === "Escape" && writing) writing.blur();
    else if (event.key === "Escape" && nhi.moved) history.back();
    else if (event.key === "Escape") location.hash = "#/overview";
  });
  await nhi.show();
  performance.mark("nhiscan-ready");
  document.documentElement.dataset.ready = "yes";
};

nhi.start();
