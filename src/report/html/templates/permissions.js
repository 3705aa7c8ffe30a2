
(() => {
  "use strict";
  const get = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll(".row")].map((row) => ({ row, text: row.textContent.toLowerCase() }));
  // A report that was compared with nothing has no status.
  const fields = ["search", "function", "status", "level"].map((id) => get(id) ?? { value: "" });
  const shown = get("shown");

  const filter = () => {
    const [search, name, status, level] = fields.map((field) => field.value);
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { row, text } of rows) {
      const data = row.dataset;
      const fits = words.every((word) => text.includes(word))
        && (!name || data.function === name)
        && (!status || data.status === status)
        && (!level || data.level.split(", ").includes(level));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = `${count} of ${rows.length} permissions`;
  };
  for (const field of fields.filter((field) => field.addEventListener)) {
    field.addEventListener("input", filter);
  }
  const form = document.querySelector(".filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      fields[0].focus();
    }
  });
  // A browser may keep what was typed when a page is opened again.
  filter();

  for (const picture of document.querySelectorAll("svg")) {
    const choose = (id) => {
      picture.classList.toggle("chosen", Boolean(id));
      for (const line of picture.querySelectorAll(".line")) {
        line.classList.toggle("on", line.dataset.from === id || line.dataset.to === id);
      }
    };
    for (const box of picture.querySelectorAll(".box")) {
      box.addEventListener("mouseenter", () => choose(box.dataset.id));
      box.addEventListener("mouseleave", () => choose(""));
    }
  }
})();
