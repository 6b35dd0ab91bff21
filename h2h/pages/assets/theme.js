// Light, dark, or as the system wishes: a switch that remembers. Loaded in the head, so that no page flashes.
"use strict";
(() => {
  const root = document.documentElement;
  const names = ["auto", "light", "dark"];
  const kept = { get: () => { try { return localStorage.getItem("h2h-theme"); } catch { return null; } },
                 set: (value) => { try { localStorage.setItem("h2h-theme", value); } catch { /* from disk, some browsers keep nothing */ } } };
  let now = names.includes(kept.get()) ? kept.get() : "auto";
  const show = () => {
    if (now === "auto") delete root.dataset.theme; else root.dataset.theme = now;
    const button = document.getElementById("theme");
    if (button) button.textContent = { auto: "◐ auto", light: "☀ light", dark: "☾ dark" }[now];
  };
  show();
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    button.hidden = false;
    button.addEventListener("click", () => {
      now = names[(names.indexOf(now) + 1) % names.length];
      kept.set(now);
      show();
    });
    show();
  });
})();
