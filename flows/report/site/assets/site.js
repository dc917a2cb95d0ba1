"use strict";
/* What all pages share: light or dark, and the arrow keys of the calendar. */
(function () {
  const root = document.documentElement;
  const button = document.querySelector(".theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const kept = function (value) {
    try { /* A page from disk may have no storage. */
      if (value === undefined) return localStorage.getItem("tallybook-theme");
      localStorage.setItem("tallybook-theme", value);
    } catch (error) { /* Then the choice is forgotten. */ }
    return null;
  };
  const theme = () => root.dataset.theme || (dark.matches ? "dark" : "light");
  const show = function () {
    button.textContent = theme() === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", "Use " + button.textContent.toLowerCase() + " colours");
    document.dispatchEvent(new Event("colours"));
  };
  const chosen = kept();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  button.hidden = false;
  button.addEventListener("click", function () {
    root.dataset.theme = theme() === "dark" ? "light" : "dark";
    kept(root.dataset.theme);
    show();
  });
  dark.addEventListener("change", show);
  show();

  /* How old the newest day is, which a page from disk knows only when it is read. */
  const age = document.getElementById("age");
  if (age) {
    const today = new Date().toLocaleDateString("en-CA", { timeZone: "Europe/Kyiv" });
    const days = Math.round((Date.parse(today) - Date.parse(age.dataset.date)) / 86400000);
    age.textContent = "The newest day is " + days.toLocaleString("en-GB") + " days old.";
    age.hidden = days < 2;
  }

  /* A table that is wider than its place can be scrolled with the keyboard. */
  const regions = new ResizeObserver(function (entries) {
    entries.forEach(function ({ target }) {
      if (target.scrollWidth <= target.clientWidth) {
        ["tabindex", "role", "aria-label"].forEach((name) => target.removeAttribute(name));
        return;
      }
      const heading = target.closest("section, main").querySelector("h2, h1");
      target.tabIndex = 0;
      target.setAttribute("role", "region");
      target.setAttribute("aria-label", "Table: " + (heading ? heading.textContent : "numbers"));
    });
  });
  document.querySelectorAll(".wide, pre").forEach((table) => regions.observe(table));

  /* One stop of the Tab key a year; the arrow keys go from day to day, from week to week. */
  document.querySelectorAll(".calendar").forEach(function (table) {
    const cells = [...table.querySelectorAll("a.cell")].sort((a, b) => (a.title < b.title ? -1 : 1));
    const at = new Map(cells.map((cell, place) => [cell, place]));
    cells.forEach((cell) => { cell.tabIndex = -1; });
    if (cells.length) {
      const newest = cells[cells.length - 1];
      const place = table.parentElement;
      newest.tabIndex = 0;
      place.scrollLeft = newest.parentElement.offsetLeft + 60 - place.clientWidth;
    }
    const steps = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -7, ArrowRight: 7, Home: -400, End: 400 };
    table.addEventListener("keydown", function (event) {
      if (!(event.key in steps) || !at.has(event.target)) return;
      event.preventDefault();
      const place = Math.min(Math.max(at.get(event.target) + steps[event.key], 0), cells.length - 1);
      event.target.tabIndex = -1;
      cells[place].tabIndex = 0;
      cells[place].focus();
    });
  });
})();
