"use strict";
/* The two curves of a category, drawn by uPlot: total above, daily losses below. */
(function () {
  const series = JSON.parse(document.getElementById("series").textContent);
  const box = document.getElementById("chart");
  const readout = document.getElementById("readout");
  const tools = document.querySelectorAll(".tools");
  const DAY = 86400;
  const STATUSES = {
    a: "adds up", b: "unchanged, no daily change printed", c: "no daily change printed",
    d: "does not add up", e: "no check: not on record the day before", f: "first on record",
  };
  const first = Date.parse(series.first + "T00:00:00Z") / 1000;
  const EDGE = 0.6 * DAY; /* Half a bar stands on either side of its day. */
  const days = series.total.map((_, place) => first + place * DAY);
  const last = days.length - 1;
  const number = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en-GB"));
  const dateOf = (place) => new Date(days[place] * 1000).toISOString().slice(0, 10);
  const dayAddress = (date) => "../days/" + date.slice(0, 7) + ".html#" + date;

  /* The mean of the daily losses of seven days, where at least four of them are known. */
  const mean = series.daily.map(function (_, place) {
    const week = series.daily.slice(Math.max(place - 6, 0), place + 1).filter((value) => value !== null);
    return week.length < 4 ? null : week.reduce((a, b) => a + b, 0) / week.length;
  });
  const marks = new Map(series.marks.map(([place, kind, sentence]) => [place, { kind, sentence }]));

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const SIGNS = { revision: ["▲", "revision"], undecided: ["?", "misprint"] };
  const sign = (kind) => SIGNS[kind] || ["✕", "misprint"];

  function drawMarks(plot, place) {
    const context = plot.ctx;
    context.save();
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = "700 " + (box.clientWidth < 600 ? 8 : 11) * devicePixelRatio + "px system-ui, sans-serif";
    const { left, top, width } = plot.bbox;
    marks.forEach(function (mark, day) {
      const x = plot.valToPos(days[day], "x", true);
      if (x < left || x > left + width) return;
      const value = plot.data[place][day];
      const y = value === null || value === undefined ? top : plot.valToPos(value, "y", true);
      const [glyph, name] = sign(mark.kind);
      context.fillStyle = colour(name);
      context.strokeStyle = colour("bg");
      context.lineWidth = 3 * devicePixelRatio;
      const above = Math.max(y - 9 * devicePixelRatio, top + 6 * devicePixelRatio);
      context.strokeText(glyph, x, above);
      context.fillText(glyph, x, above);
    });
    context.restore();
  }

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;

  function wordsOf(place) {
    const status = STATUSES[series.status[place]] || "not on record";
    const about = [
      "total " + number(series.total[place]), "printed " + number(series.delta[place]),
      "daily " + number(series.daily[place]), status,
    ];
    const mark = marks.get(place);
    if (mark) about.push(mark.sentence);
    return about;
  }

  let at = null;
  function point(place, spoken) {
    at = place;
    if (place === null) { tip.hidden = true; return; }
    const date = dateOf(place);
    tip.replaceChildren();
    const heading = document.createElement("b");
    heading.textContent = date;
    tip.append(heading, ...wordsOf(place).flatMap((words) => [words, document.createElement("br")]).slice(0, -1));
    tip.hidden = false;
    const over = plots[0].over;
    const x = over.offsetLeft + plots[0].root.offsetLeft + plots[0].valToPos(days[place], "x");
    const wide = box.clientWidth;
    tip.style.left = Math.max(0, Math.min(x + 12, wide - tip.offsetWidth)) + "px";
    if (x + 12 + tip.offsetWidth > wide) tip.style.left = Math.max(0, x - tip.offsetWidth - 12) + "px";
    tip.style.top = "2.2rem";
    if (spoken) {
      const link = document.createElement("a");
      link.href = dayAddress(date);
      link.textContent = date;
      readout.replaceChildren(link, ": " + wordsOf(place).join("; "));
    }
  }

  /* Ticks lie whole days and months, and whole things, apart. */
  const DAYS = [1, 2, 3, 4, 5, 7, 10, 15, 30, 60, 90, 120, 180, 365, 730].map((count) => count * DAY);
  const COUNTS = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
  const axis = (more) => Object.assign({
    stroke: () => colour("muted"), grid: { stroke: () => colour("line"), width: 1 },
    ticks: { stroke: () => colour("line"), width: 1 }, font: "12px system-ui, sans-serif",
    labelFont: "12px system-ui, sans-serif",
  }, more);
  const upright = (label) => axis({
    label, labelSize: 22, incrs: COUNTS, values: (_, values) => values.map((value) => number(value)),
    size: gutter,
    space: 32,
  });
  /* As wide as the largest number needs, above and below, so that the days stand under each other. */
  const gutter = 20 + 7 * Math.max(3, ...[...series.total, ...series.daily].map((value) => number(value).length));
  const range = (_, low, high) => {
    if (low === null) return [0, 1];
    const room = (high - low || Math.abs(high) || 1) * 0.08;
    return [low < 0 ? low - room : Math.max(0, low - room), high + room];
  };
  const fromZero = (_, low, high) => [Math.min(0, low || 0), (high || 1) * 1.12];

  const plots = [];
  let busy = false;
  const linked = {
    setScale: [function (plot, key) {
      if (key !== "x" || busy) return;
      busy = true;
      const { min, max } = plot.scales.x;
      plots.forEach((other) => { if (other !== plot) other.setScale("x", { min, max }); });
      busy = false;
      pressed(max - min);
    }],
    setCursor: [function (plot) {
      const place = plot.cursor.idx;
      if (plot.cursor.left >= 0 && place !== null && place !== undefined) point(place, false);
    }],
  };
  const common = {
    cursor: { sync: { key: "days" }, drag: { x: true, y: false, setScale: true }, points: { size: 7 } },
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
  };
  const size = (tall) => ({ width: Math.max(260, box.clientWidth), height: tall });
  const tall = () => (box.clientWidth < 600 ? [220, 200] : [300, 240]);

  function make() {
    const [above, below] = tall();
    plots.push(new uPlot(Object.assign({}, common, size(above), {
      scales: { x: { time: true }, y: { range } },
      axes: [axis({ values: dates, incrs: DAYS }), upright("Total, " + series.unit)],
      series: [{}, { stroke: () => colour("curve"), width: 2, spanGaps: false, points: { show: days.length < 40 } }],
      hooks: Object.assign({ draw: [(plot) => drawMarks(plot, 1)] }, linked),
    }), [days, series.total], box));
    plots.push(new uPlot(Object.assign({}, common, size(below), {
      scales: { x: { time: true }, y: { range: fromZero } },
      axes: [axis({ label: "Report date", labelSize: 22, values: dates, incrs: DAYS }), upright("Daily, " + series.unit)],
      series: [{},
        { fill: () => colour("bars"), stroke: () => colour("bars"), width: 0, paths: uPlot.paths.bars({ size: [0.8, 40] }), points: { show: false } },
        { stroke: () => colour("mean"), width: 2, points: { show: false } }],
      hooks: Object.assign({ draw: [(plot) => drawMarks(plot, 1)] }, linked),
    }), [days, series.daily, mean], box));
    box.append(tip);
  }

  /* Ticks in the language of the page, whatever that of the browser is. */
  function dates(plot, ticks, _axis, _space, step) {
    let year = null;
    return ticks.map(function (seconds) {
      const day = new Date(seconds * 1000);
      const month = day.toLocaleDateString("en-GB", { month: "short", timeZone: "UTC" });
      const own = day.getUTCFullYear();
      const opens = own !== year;
      year = own;
      if (step >= 360 * DAY) return String(own);
      const upper = step >= 27 * DAY ? month : step >= DAY ? day.getUTCDate() + " " + month : "";
      return opens ? upper + "\n" + own : upper;
    });
  }

  function zoom(min, max) {
    const least = 5 * DAY;
    if (max - min < least) { const middle = (min + max) / 2; min = middle - least / 2; max = middle + least / 2; }
    plots[0].setScale("x", { min: Math.max(min, days[0] - EDGE), max: Math.min(max, days[last] + EDGE) });
  }
  const whole = () => zoom(days[0] - DAY, days[last] + DAY);

  function pressed(width) {
    document.querySelectorAll("[data-days]").forEach(function (button) {
      const wanted = Number(button.dataset.days) || last + 2 * EDGE / DAY;
      button.setAttribute("aria-pressed", String(Math.abs(width / DAY - wanted) < 0.5));
    });
  }

  function move(place) {
    const to = Math.min(Math.max(place, 0), last);
    const { min, max } = plots[0].scales.x;
    if (days[to] < min) zoom(days[to], days[to] + (max - min));
    if (days[to] > max) zoom(days[to] - (max - min), days[to]);
    plots.forEach((plot) => plot.setCursor({ left: plot.valToPos(days[to], "x"), top: 10 }, false));
    point(to, true);
  }

  make();
  whole();
  tools.forEach((tool) => { tool.hidden = false; });
  document.querySelectorAll("[data-days]").forEach(function (button) {
    button.addEventListener("click", function () {
      const wanted = Number(button.dataset.days);
      if (wanted) zoom(days[last] + EDGE - wanted * DAY, days[last] + EDGE); else whole();
    });
  });
  box.addEventListener("mouseleave", () => point(null, false));
  box.addEventListener("click", () => { if (at !== null) point(at, true); });
  box.addEventListener("blur", () => point(null, false));
  box.addEventListener("keydown", function (event) {
    const from = at === null ? last : at;
    const { min, max } = plots[0].scales.x;
    const centre = at === null ? (min + max) / 2 : days[at];
    const keys = {
      ArrowLeft: () => move(from - 1), ArrowRight: () => move(at === null ? last : from + 1),
      PageUp: () => move(from - 30), PageDown: () => move(from + 30),
      Home: () => move(0), End: () => move(last),
      "+": () => zoom(centre - (max - min) / 4, centre + (max - min) / 4),
      "=": () => zoom(centre - (max - min) / 4, centre + (max - min) / 4),
      "-": () => zoom(centre - (max - min), centre + (max - min)),
      Escape: () => { whole(); point(null, false); },
    };
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.addEventListener("colours", () => plots.forEach((plot) => plot.redraw(false, true)));
  let wide = box.clientWidth;
  new ResizeObserver(function () {
    if (box.clientWidth === wide) return;
    wide = box.clientWidth;
    plots.forEach((plot, place) => plot.setSize(size(tall()[place])));
  }).observe(box);

  /* The table behind the curves, made when it is asked for: years of rows are slow to lay out. */
  document.getElementById("all-rows").addEventListener("click", function (event) {
    const body = document.querySelector("#rows tbody");
    const rows = [];
    for (let place = last; place >= 0; place -= 1) {
      if (!(series.status[place] in STATUSES)) continue;
      const row = document.createElement("tr");
      const heading = document.createElement("th");
      heading.scope = "row";
      const link = document.createElement("a");
      link.href = dayAddress(dateOf(place));
      link.textContent = dateOf(place);
      heading.append(link);
      row.append(heading);
      const mark = marks.get(place);
      [series.total[place], series.delta[place], series.daily[place]].forEach(function (value, column) {
        const cell = document.createElement("td");
        cell.className = "n";
        cell.textContent = (column === 1 && value > 0 ? "+" : "") + number(value);
        row.append(cell);
      });
      const check = document.createElement("td");
      check.textContent = (mark ? sign(mark.kind)[0] + " " : "") + STATUSES[series.status[place]] + (mark ? ": " + mark.sentence : "");
      row.append(check);
      rows.push(row);
    }
    body.replaceChildren(...rows);
    event.target.hidden = true;
  });
  const csv = document.getElementById("csv");
  csv.addEventListener("click", function () {
    const lines = ["report_date,total,delta,daily,check"];
    days.forEach(function (_, place) {
      if (!(series.status[place] in STATUSES)) return;
      const values = [series.total[place], series.delta[place], series.daily[place]];
      lines.push([dateOf(place), ...values.map((value) => value ?? ""), '"' + STATUSES[series.status[place]] + '"'].join(","));
    });
    csv.href = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
  });
})();
