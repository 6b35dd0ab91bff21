// "Go to": all pages, from assets/pages.js, so that a page need not be written again when another one comes.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const menu = document.getElementById("goto");
  if (!menu || !window.H2H_PAGES) return;
  const root = menu.dataset.root;
  for (const [group, pages] of Object.entries(window.H2H_PAGES)) {
    if (!pages.length) continue;
    const part = document.createElement("optgroup");
    part.label = group;
    for (const [label, url] of pages) {
      const option = new Option(label, root + url);
      option.selected = new URL(root + url, location.href).pathname === location.pathname;
      part.append(option);
    }
    menu.append(part);
  }
  menu.hidden = false;
  menu.addEventListener("change", () => { if (menu.value) location.href = menu.value; });
});
