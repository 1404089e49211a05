"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  data.studies = data.studies.rows.map((row) => {
    const study = { codes: {} };
    const { fields } = data.studies;
    fields.forEach((name, place) => { study[name] = row[place]; });
    data.axes.forEach((axis, place) => { if (row[fields.length + place]) study.codes[axis.id] = row[fields.length + place]; });
    return study;
  });
  const byId = (id) => document.getElementById(id);
  const axisById = new Map(data.axes.map((axis) => [axis.id, axis]));
  const definitions = new Map(data.definitions.map((item) => [item.id, item]));
  const NOT_CODED = -1;
  const TOTAL = -2;
  const PAGE = 50;
  const state = {
    rows: data.rows, cols: data.cols, south: data.south, ticked: new Map(), search: "", from: null, to: null,
    cell: null, country: null, shown: PAGE,
  };

  // ---- small makers -------------------------------------------------------------------------------------------
  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      node.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children) if (child !== null && child !== undefined) node.append(child);
    return node;
  }
  function makeSvg(tag, attributes) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  }
  const counted = (n, one, many) => `${n} ${n === 1 ? one : many}`;
  const studiesWord = (n) => counted(n, "study", "studies");
  const reviewsWord = (n) => counted(n, "review", "reviews");
  const short = (text, most = 80) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

  // ---- studies and their places -------------------------------------------------------------------------------
  // lists, not sets: a study stands in few places, and lists are walked far faster
  const UNCODED = [NOT_CODED];
  const placesByAxis = new Map();
  for (const axis of data.axes) placesByAxis.set(axis.id, data.studies.map((study) => placesOf(study, axis)));

  function placesOf(study, axis) {
    const found = new Set();
    for (const term of study.codes[axis.id] || []) {
      for (let place = term; place !== null; place = axis.terms[place].parent) found.add(place);
    }
    return found.size ? [...found] : UNCODED;
  }
  const haystack = [];
  // the text to search of a study is put together when somebody searches, not when the page opens
  function textOf(index) {
    if (haystack[index] !== undefined) return haystack[index];
    const study = data.studies[index];
    const codes = data.axes.flatMap((axis) => (study.codes[axis.id] || []).map((term) => axis.terms[term].label));
    haystack[index] = [study.name, study.title, study.authors, study.container, study.year, ...study.findings, ...codes].join(" ").toLocaleLowerCase();
    return haystack[index];
  }

  function fits(index, exceptAxis) {
    const study = data.studies[index];
    for (const [axis, terms] of state.ticked) {
      if (axis === exceptAxis || !terms.size) continue;
      const places = placesByAxis.get(axis)[index];
      if (!places.some((place) => terms.has(place))) return false;
    }
    if (state.from !== null && !(study.year >= state.from)) return false;
    if (state.to !== null && !(study.year !== null && study.year <= state.to)) return false;
    return !state.search || state.search.split(/\s+/).every((word) => textOf(index).includes(word));
  }
  const indices = data.studies.map((_, index) => index);
  const filtered = (exceptAxis) => indices.filter((index) => fits(index, exceptAxis));

  // ---- counting, by the same rules as synth.maps --------------------------------------------------------------
  const emptyCell = () => ({ n: 0, primary: 0, reviews: 0, ongoing: 0, rated: 0, low: 0, newestPrimary: null, newestReview: null, kinds: data.kinds.map(() => 0) });
  const ONGOING = data.kinds.findIndex((kind) => kind.id === "ongoing");
  const later = (a, b) => (a === null ? b : b === null ? a : Math.max(a, b));

  function addStudy(cell, index) {
    const study = data.studies[index];
    cell.n += 1;
    cell.kinds[study.evidence] += 1;
    if (study.evidence === ONGOING) cell.ongoing += 1;
    if (study.review) {
      cell.reviews += 1;
      cell.newestReview = later(cell.newestReview, study.year);
      if (study.confidence) { cell.rated += 1; if (study.low) cell.low += 1; }
    } else {
      cell.primary += 1;
      if (study.evidence !== ONGOING) cell.newestPrimary = later(cell.newestPrimary, study.year);
    }
  }
  function countCells(visible) {
    // two places more on each axis: -2 is the margin, -1 not coded
    const width = axisById.get(state.cols).terms.length + 2;
    const cells = new Array((axisById.get(state.rows).terms.length + 2) * width);
    const rowPlaces = placesByAxis.get(state.rows);
    const colPlaces = placesByAxis.get(state.cols);
    const add = (row, col, index) => {
      const key = (row + 2) * width + col + 2;
      if (cells[key] === undefined) cells[key] = emptyCell();
      addStudy(cells[key], index);
    };
    for (const index of visible) {
      add(TOTAL, TOTAL, index);
      for (const col of colPlaces[index]) add(TOTAL, col, index);
      for (const row of rowPlaces[index]) {
        add(row, TOTAL, index);
        for (const col of colPlaces[index]) add(row, col, index);
      }
    }
    const empty = emptyCell();
    return (row, col) => cells[(row + 2) * width + col + 2] || empty;
  }
  function gapState(cellAt, row, col) {
    if (row < 0 || col < 0) return "";
    const rowTerm = axisById.get(state.rows).terms[row];
    const colTerm = axisById.get(state.cols).terms[col];
    if (isNotSearched(rowTerm.id, colTerm.id)) return "not_searched";
    const cell = cellAt(row, col);
    const n = cell.n;
    const has = (r, c) => cellAt(r, c).n > 0;
    if (!n) {
      const inRow = rowTerm.parent !== null && has(rowTerm.parent, col) && has(row, TOTAL);
      const inCol = colTerm.parent !== null && has(row, colTerm.parent) && has(TOTAL, col);
      return inRow || inCol ? "not_reported" : "absolute";
    }
    if (cell.ongoing === n) return "ongoing";
    if (!cell.reviews) return cell.primary >= data.synthesisFrom ? "synthesis" : "covered";
    if (cell.low === cell.reviews && cell.rated === cell.reviews) return "low_confidence";
    const stale = cell.newestPrimary !== null && cell.newestReview !== null && cell.newestPrimary - cell.newestReview > data.staleYears;
    return stale ? "stale" : "covered";
  }
  function isNotSearched(row, col) {
    if (state.rows !== data.rows || state.cols !== data.cols) return false;
    return data.notSearched.some(([r, c]) => (r === null || r === row) && (c === null || c === col));
  }
  const stateLabel = (id) => { const found = data.states.find((item) => item.id === id); return found ? found.label : ""; };

  // ---- the table ----------------------------------------------------------------------------------------------
  function termsOf(axisId) {
    const axis = axisById.get(axisId);
    const list = axis.terms.map((term, place) => ({ place, label: term.label, depth: term.depth }));
    if (placesByAxis.get(axisId).some((places) => places === UNCODED)) list.push({ place: NOT_CODED, label: "not coded", depth: 0 });
    list.push({ place: TOTAL, label: "All studies", depth: 0 });
    return list;
  }
  function placeLabel(axisId, place) {
    if (place === TOTAL) return "All studies";
    return place === NOT_CODED ? "not coded" : wholeOf(axisId, place) + axisById.get(axisId).terms[place].label;
  }
  // "Men" may be a part of two groups: its full name begins with the whole
  function wholeOf(axisId, place) {
    if (place < 0) return "";
    const { parent } = axisById.get(axisId).terms[place];
    return parent === null ? "" : `${wholeOf(axisId, parent)}${axisById.get(axisId).terms[parent].label} › `;
  }
  const cellName = (row, col) => {
    if (row === TOTAL && col === TOTAL) return "All studies";
    if (row === TOTAL) return `${axisById.get(state.cols).label}: ${placeLabel(state.cols, col)}`;
    if (col === TOTAL) return `${axisById.get(state.rows).label}: ${placeLabel(state.rows, row)}`;
    return `${placeLabel(state.rows, row)}, ${placeLabel(state.cols, col)}`;
  };
  // what is seen is part of what is heard: hidden words complete the number and the state to a sentence
  const hidden = (text) => make("span", { class: "hidden-text" }, text);
  const STATE_WORDS = { synthesis: "no review", stale: "review old", low_confidence: "low confidence", ongoing: "ongoing only", not_reported: "not reported", not_searched: "not searched" };
  function tellCell(row, col, cell, gap) {
    const kinds = data.kinds.map((kind, place) => [cell.kinds[place], kind.label]).filter(([n]) => n).map(([n, label]) => `${n} ${label.toLowerCase()}`);
    const name = row < 0 && col < 0 ? cellName(row, col) : `${short(placeLabel(state.rows, row))} × ${short(placeLabel(state.cols, col))}`;
    const parts = [`${name}: ${studiesWord(cell.n)}`];
    if (kinds.length) parts.push(` (${kinds.join(", ")})`);
    parts.push(gap ? `. State: ${stateLabel(gap)}.` : ".");
    if (cell.newestPrimary !== null) parts.push(` Newest primary study ${cell.newestPrimary}${cell.newestReview !== null ? `, newest review ${cell.newestReview}` : ""}.`);
    return parts.join("");
  }

  function bubbleScale(cells) {
    const most = Math.max(1, ...cells.flatMap((cell) => cell.kinds));
    const widest = Math.max(1, ...cells.map((cell) => cell.kinds.reduce((sum, n) => sum + Math.sqrt(n / most), 0)));
    return { most, radius: Math.min(10, 36 / widest) };
  }
  function drawBubbles(kinds, scale) {
    const marks = kinds.map((n, kind) => ({ kind, r: n ? Math.max(1.8, scale.radius * Math.sqrt(n / scale.most)) : 0 })).filter((mark) => mark.r);
    if (!marks.length) return null;
    for (const mark of marks) mark.half = (mark.r * data.kinds[mark.kind].half) / 5 + 1;
    const height = 2 * Math.max(...marks.map((mark) => mark.half));
    const width = marks.reduce((sum, mark) => sum + 2 * mark.half, 0);
    const svg = makeSvg("svg", { width: width.toFixed(1), height: height.toFixed(1), viewBox: `0 0 ${width.toFixed(2)} ${height.toFixed(2)}`, "aria-hidden": "true" });
    let x = 0;
    for (const mark of marks) {
      x += mark.half;
      svg.append(makeSvg("path", { class: `mark mark-${mark.kind}`, d: data.kinds[mark.kind].path, transform: `translate(${x.toFixed(2)} ${(height / 2).toFixed(2)}) scale(${(mark.r / 5).toFixed(3)})`, "vector-effect": "non-scaling-stroke" }));
      x += mark.half;
    }
    return svg;
  }

  let focusAt = [0, 0];
  function drawTable(visible) {
    const cellAt = countCells(visible);
    const rows = termsOf(state.rows);
    const cols = termsOf(state.cols);
    const inner = rows.flatMap((row) => (row.place === TOTAL ? [] : cols.filter((col) => col.place !== TOTAL).map((col) => cellAt(row.place, col.place))));
    const scale = bubbleScale(inner);
    const table = byId("grid");
    const head = make("tr", {}, make("th", { class: "corner", scope: "col" }, `${axisById.get(state.rows).label} / ${axisById.get(state.cols).label}`));
    for (const col of cols) head.append(headCell("col", col, state.cols));
    table.tHead.replaceChildren(head);
    const lines = rows.map((row) => {
      const line = make("tr", {}, headCell("row", row, state.rows));
      for (const col of cols) line.append(drawCell(row.place, col.place, cellAt, scale));
      return line;
    });
    table.tBodies[0].replaceChildren(...lines);
    focusAt = [Math.min(focusAt[0], rows.length - 1), Math.min(focusAt[1], cols.length - 1)];
    const current = buttonAt(...focusAt);
    if (current) current.tabIndex = 0;
    const axes = `${axisById.get(state.rows).label} by ${axisById.get(state.cols).label.toLowerCase().startsWith("global") ? axisById.get(state.cols).label : axisById.get(state.cols).label.toLowerCase()}`;
    byId("caption").textContent = `${axes}: number of unique studies`;
    return cellAt;
  }
  function headCell(scope, term, axisId) {
    const axis = axisById.get(axisId);
    const isWhole = term.place >= 0 && axis.terms.some((other) => other.parent === term.place);
    const classes = [scope === "row" ? "row" : "", term.place < 0 ? "total" : "", scope === "row" ? `depth-${Math.min(3, term.depth)}` : "", isWhole ? "whole" : ""];
    return make("th", { scope, class: classes.filter(Boolean).join(" ") || null, dir: "auto", title: term.label.length > 60 ? term.label : null }, make("span", { class: "hidden-text" }, wholeOf(axisId, term.place)), make("span", { class: "name" }, term.label));
  }
  function drawCell(row, col, cellAt, scale) {
    const cell = cellAt(row, col);
    const gap = gapState(cellAt, row, col);
    const margin = row < 0 || col < 0;
    const pressed = state.cell !== null && state.cell[0] === row && state.cell[1] === col;
    const button = make("button", { type: "button", class: "cell", tabindex: "-1", "aria-pressed": String(pressed) });
    const n = cell.n;
    button.append(hidden(`${cellName(row, col)}: `), make("span", { class: "number" }, String(n)), hidden(` ${n === 1 ? "study" : "studies"}, ${reviewsWord(cell.reviews)}${gap ? ", " : ""}`));
    if (!margin) { const bubbles = drawBubbles(cell.kinds, scale); if (bubbles) button.append(bubbles); }
    if (STATE_WORDS[gap]) button.append(make("span", { class: "state" }, STATE_WORDS[gap]));
    else if (gap) button.append(hidden(stateLabel(gap)));
    button.dataset.row = row;
    button.dataset.col = col;
    button.story = () => tellCell(row, col, cell, gap);
    return make("td", { class: `${margin ? "margin" : ""} ${gap ? `state-${gap}` : ""}`.trim() || null }, button);
  }
  function buttonAt(row, col) {
    const line = byId("grid").tBodies[0].rows[row];
    return line && line.cells[col + 1] ? line.cells[col + 1].firstElementChild : null;
  }
  function focusCell(row, col) {
    const target = buttonAt(row, col);
    if (!target) return;
    const old = buttonAt(...focusAt);
    if (old) old.tabIndex = -1;
    focusAt = [row, col];
    target.tabIndex = 0;
    target.focus({ preventScroll: true });
    bringIntoBox(target);
  }
  function bringIntoBox(button) {
    const box = byId("grid-box");
    const table = byId("grid");
    const inner = button.getBoundingClientRect();
    const outer = box.getBoundingClientRect();
    const top = table.tHead.rows[0].getBoundingClientRect().height + outer.top;
    const left = table.tHead.rows[0].cells[0].getBoundingClientRect().width + outer.left;
    if (inner.top < top) box.scrollTop -= top - inner.top; else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom;
    if (inner.left < left) box.scrollLeft -= left - inner.left; else if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right;
    button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  function moveInGrid(event) {
    const rows = byId("grid").tBodies[0].rows;
    const lastCol = rows[0].cells.length - 2;
    let [row, col] = focusAt;
    if (MOVES[event.key]) { row += MOVES[event.key][0]; col += MOVES[event.key][1]; }
    else if (event.key === "Home") { col = 0; if (event.ctrlKey) row = 0; }
    else if (event.key === "End") { col = lastCol; if (event.ctrlKey) row = rows.length - 1; }
    else if (event.key === "PageDown") row = Math.min(row + 5, rows.length - 1);
    else if (event.key === "PageUp") row = Math.max(row - 5, 0);
    else return;
    event.preventDefault();
    if (row >= 0 && row < rows.length && col >= 0 && col <= lastCol) focusCell(row, col);
  }

  // ---- filters ------------------------------------------------------------------------------------------------
  const years = data.studies.map((study) => study.year).filter((year) => year !== null);
  function buildFilters() {
    const box = byId("filter-box");
    const search = make("input", { type: "search", id: "search", autocomplete: "off" });
    search.addEventListener("input", () => { state.search = search.value.toLocaleLowerCase().trim(); refresh(); });
    box.append(make("label", { class: "field" }, "Search", search));
    if (years.length) box.append(yearFilter(Math.min(...years), Math.max(...years)));
    for (const axis of data.axes) box.append(axisFilter(axis));
    const reset = make("button", { type: "button", id: "reset" }, "Clear all filters");
    reset.addEventListener("click", resetFilters);
    box.append(make("p", {}, reset));
  }
  function yearFilter(first, last) {
    const field = (name, label, value) => {
      const input = make("input", { type: "number", id: `year-${name}`, min: first, max: last, placeholder: value, "aria-label": label });
      input.addEventListener("input", () => { state[name] = input.value === "" ? null : Number(input.value); refresh(); });
      return input;
    };
    return make("div", { class: "years" }, "Years", field("from", "From year", first), "–", field("to", "To year", last));
  }
  function axisFilter(axis) {
    const list = make("ul", {});
    axis.terms.forEach((term, place) => list.append(choice(axis, place, term.label, term.depth)));
    list.append(choice(axis, NOT_CODED, "not coded", 0));
    const details = make("details", { "data-axis": axis.id, open: axis.id === data.rows }, make("summary", {}, axis.id.startsWith("south_") ? "Global south" : axis.label), list);
    if (axis.id.startsWith("south_")) {
      const pick = make("select", { "aria-label": "Definition of global south" });
      for (const item of data.definitions) pick.append(make("option", { value: item.id }, item.name));
      pick.value = axis.id.slice(6);
      pick.addEventListener("change", () => changeSouth(pick.value, axis.id.slice(6)));
      details.insertBefore(pick, list);
    }
    details.addEventListener("toggle", () => { if (details.open) drawFilters(filtered()); });
    return details;
  }
  function choice(axis, place, label, depth) {
    const box = make("input", { type: "checkbox", "aria-label": depth ? placeLabel(axis.id, place) : null });
    box.addEventListener("change", () => {
      if (!state.ticked.has(axis.id)) state.ticked.set(axis.id, new Set());
      if (box.checked) state.ticked.get(axis.id).add(place); else state.ticked.get(axis.id).delete(place);
      refresh();
    });
    return make("li", { class: depth ? `depth-${Math.min(3, depth)}` : null, "data-place": place }, make("label", {}, box, make("span", { class: "name", dir: "auto" }, label), make("span", { class: "count" })));
  }
  function drawFilters(visible) {
    for (const details of byId("filter-box").querySelectorAll("details")) {
      const axis = details.dataset.axis;
      const ticked = state.ticked.get(axis) || new Set();
      details.toggleAttribute("data-active", ticked.size > 0);
      details.hidden = axis.startsWith("south_") && axis !== `south_${state.south}`;
      if (!details.open) continue; // what nobody sees is counted when it is opened
      const counts = new Map();
      for (const index of ticked.size ? filtered(axis) : visible) for (const place of placesByAxis.get(axis)[index]) counts.set(place, (counts.get(place) || 0) + 1);
      for (const item of details.querySelectorAll("li")) {
        const place = Number(item.dataset.place);
        item.querySelector("input").checked = ticked.has(place);
        item.querySelector(".count").textContent = counts.get(place) || 0;
        item.hidden = place === NOT_CODED && !counts.get(place) && !ticked.has(place);
      }
    }
  }
  function resetFilters() {
    state.ticked.clear();
    Object.assign(state, { search: "", from: null, to: null });
    for (const input of byId("filter-box").querySelectorAll("input[type=search], input[type=number]")) input.value = "";
    refresh();
  }
  function changeSouth(wanted, was) {
    const moved = state.ticked.get(`south_${was}`);
    state.ticked.delete(`south_${was}`);
    if (moved) state.ticked.set(`south_${wanted}`, moved);
    for (const side of ["rows", "cols"]) if (state[side] === `south_${was}`) setAxis(side, `south_${wanted}`);
    state.south = wanted;
    byId("south-sentence").textContent = definitions.get(wanted).sentence;
    byId("south-counts").textContent = definitions.get(wanted).counts;
    for (const details of byId("filter-box").querySelectorAll("details[data-axis^=south_]")) {
      details.querySelector("select").value = details.dataset.axis.slice(6);
    }
    refresh();
    const shown = byId("filter-box").querySelector(`details[data-axis="south_${wanted}"]`);
    shown.open = true;
    drawFilters(filtered());
    shown.querySelector("select").focus();
  }

  // ---- axes ---------------------------------------------------------------------------------------------------
  function buildAxes() {
    for (const side of ["rows", "cols"]) {
      for (const axis of data.axes) byId(side).append(make("option", { value: axis.id }, axis.label));
      byId(side).value = state[side];
      byId(side).addEventListener("change", () => {
        const other = side === "rows" ? "cols" : "rows";
        if (byId(side).value === state[other]) setAxis(other, state[side]);
        setAxis(side, byId(side).value);
        refresh();
      });
    }
    byId("swap").addEventListener("click", () => {
      const { rows, cols } = state;
      setAxis("rows", cols); setAxis("cols", rows);
      refresh();
    });
  }
  function setAxis(side, axis) {
    state[side] = axis;
    state.cell = null;
    focusAt = [0, 0];
    byId(side).value = axis;
  }

  // ---- the list of studies ------------------------------------------------------------------------------------
  function listed(visible) {
    if (state.cell !== null) {
      const [row, col] = state.cell;
      const inPlace = (axis, place, index) => place === TOTAL || placesByAxis.get(axis)[index].includes(place);
      return visible.filter((index) => inPlace(state.rows, row, index) && inPlace(state.cols, col, index));
    }
    if (state.country !== null) {
      const axis = axisById.get("country");
      const place = axis.terms.findIndex((term) => term.id === state.country);
      return visible.filter((index) => placesByAxis.get("country")[index].includes(place));
    }
    return visible;
  }
  function listName() {
    if (state.cell !== null) return cellName(...state.cell);
    if (state.country !== null) return countryName(state.country);
    return "Studies";
  }
  function drawList(visible) {
    const chosen = listed(visible);
    const head = byId("list-head");
    head.textContent = `${short(listName(), 160)}: ${studiesWord(chosen.length)}`;
    head.dir = "auto";
    byId("clear-cell").hidden = state.cell === null && state.country === null;
    byId("more").hidden = chosen.length <= state.shown;
    byId("more").textContent = `Show more (${chosen.length - state.shown} left)`;
    const cards = chosen.slice(0, state.shown).map((index) => drawStudy(data.studies[index]));
    byId("list").replaceChildren(...(cards.length ? cards : [make("p", { class: "quiet" }, "No study. An empty cell is a finding too.")]));
    byId("live").textContent = head.textContent;
  }
  const isSafeLink = (link) => /^https?:\/\//i.test(link);
  function drawStudy(study) {
    const card = make("article", { class: "study" });
    card.append(make("h3", { dir: "auto", class: "clamped" }, study.name));
    if (study.title && study.title !== study.name) card.append(make("p", { class: "title clamped", dir: "auto" }, study.title));
    const where = [study.authors ? shortAuthors(study.authors) : "", study.year, study.container].filter(Boolean).join(" · ");
    if (where) card.append(make("p", { class: "quiet clamped", dir: "auto" }, where));
    card.append(make("p", { class: "quiet" }, data.kinds[study.evidence].label));
    for (const finding of study.findings) card.append(make("p", { dir: "auto", class: "clamped" }, finding));
    if (study.link && isSafeLink(study.link)) card.append(make("p", {}, make("a", { href: study.link, rel: "noopener noreferrer", target: "_blank" }, "Open its page", make("span", { class: "hidden-text" }, ` (${study.name}, new window)`))));
    card.append(drawCodes(study));
    return card;
  }
  function shortAuthors(authors) {
    const names = authors.split("; ");
    return names.length > 3 ? `${names.slice(0, 3).join("; ")} and ${names.length - 3} more` : authors;
  }
  function drawCodes(study) {
    const list = make("dl", {});
    for (const axis of data.axes) {
      if (axis.id === "evidence" || (axis.id.startsWith("south_") && axis.id !== `south_${state.south}`)) continue;
      const terms = (study.codes[axis.id] || []).map((term) => axis.terms[term].label);
      if (!terms.length) continue;
      list.append(make("dt", {}, axis.id.startsWith("south_") ? "Global south" : axis.label), make("dd", { dir: "auto" }, short(terms.join("; "), 400)));
    }
    const box = make("details", {}, make("summary", {}, "Codes", study.quotes.length ? " and where they stand" : ""), list);
    for (const quote of study.quotes) box.append(drawQuote(quote));
    return box;
  }
  function drawQuote([axisId, term, text, place]) {
    const axis = axisById.get(axisId);
    const said = [make("span", { class: "quiet" }, `${short(axis.terms[term].label)}: `)];
    if (text) said.push(`“${text}”`);
    if (place) said.push(make("span", { class: "quiet" }, ` ${place}`));
    return make("blockquote", { dir: "auto", class: "clamped" }, ...said);
  }

  // ---- the world ----------------------------------------------------------------------------------------------
  const lands = [...document.querySelectorAll("[data-iso]")];
  const landNames = new Map(lands.map((land) => [land.dataset.iso, land.dataset.name]));
  function countryName(iso) { return landNames.get(iso) || iso; }
  function landLabel(land) {
    const n = Number(land.dataset.n);
    return `${land.dataset.name}: ${n ? studiesWord(n) : "no study"}`;
  }
  const stepOf = (n) => data.steps.filter((lower) => n >= lower).length;
  function drawWorld(visible) {
    if (!lands.length) return;
    const counts = new Map();
    const axis = axisById.get("country");
    for (const index of visible) for (const place of placesByAxis.get("country")[index]) if (place >= 0) counts.set(axis.terms[place].id, (counts.get(axis.terms[place].id) || 0) + 1);
    for (const land of lands) {
      const n = counts.get(land.dataset.iso) || 0;
      const pressed = state.country === land.dataset.iso;
      land.dataset.n = n;
      land.setAttribute("class", `${land.classList.contains("tile") ? "tile" : "land"} step-${n ? stepOf(n) : 0}`);
      const isTile = land.classList.contains("tile");
      if (!isTile) land.setAttribute("aria-label", landLabel(land));
      land.setAttribute("aria-pressed", String(pressed));
      if (isTile) { land.title = landLabel(land); land.querySelector("b").textContent = n || ""; land.lastElementChild.textContent = n === 1 ? " study" : n ? " studies" : "no study"; }
    }
    for (const set of [landsIn("outlines"), landsIn("tiles")]) rove(set, set.find((land) => Number(land.dataset.n)) || set[0]);
  }
  const landsIn = (id) => lands.filter((land) => byId(id).contains(land));
  function rove(set, current) {
    for (const land of set) land.setAttribute("tabindex", land === current ? "0" : "-1");
  }
  function buildWorld() {
    if (!lands.length) return;
    byId("tiles").hidden = true;
    byId("toggle-tiles").addEventListener("click", () => {
      const tiles = byId("tiles").hidden;
      byId("tiles").hidden = !tiles;
      byId("outlines").hidden = tiles;
      byId("toggle-tiles").setAttribute("aria-pressed", String(tiles));
    });
    for (const land of lands) {
      const tell = () => { byId("world-story").textContent = `${landLabel(land)}.`; };
      land.addEventListener("mouseenter", tell);
      land.addEventListener("focus", tell);
      land.addEventListener("click", () => chooseCountry(land));
      land.addEventListener("keydown", (event) => moveInWorld(event, land));
    }
  }
  function chooseCountry(land) {
    state.country = state.country === land.dataset.iso ? null : land.dataset.iso;
    state.cell = null;
    state.shown = PAGE;
    refresh();
    rove(byId("outlines").contains(land) ? landsIn("outlines") : landsIn("tiles"), land);
  }
  function moveInWorld(event, land) {
    if ((event.key === "Enter" || event.key === " ") && !land.classList.contains("tile")) { event.preventDefault(); chooseCountry(land); return; }
    if (!MOVES[event.key]) return;
    event.preventDefault();
    const set = byId("outlines").contains(land) ? landsIn("outlines") : landsIn("tiles");
    const next = nearestLand(set, land, MOVES[event.key]);
    if (next) { rove(set, next); next.focus(); }
  }
  function nearestLand(set, from, [down, right]) {
    // the nearest country in that direction, straight ahead before aside
    const centre = (land) => { const box = land.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; };
    const [x, y] = centre(from);
    let best = null;
    let least = Infinity;
    for (const land of set) {
      if (land === from) continue;
      const [a, b] = centre(land);
      const ahead = right ? (a - x) * right : (b - y) * down;
      const aside = Math.abs(right ? b - y : a - x);
      const cost = ahead + 2 * aside;
      if (ahead > 1 && aside <= 1.5 * ahead && cost < least) { least = cost; best = land; }
    }
    return best;
  }

  // ---- tables to take away ------------------------------------------------------------------------------------
  const guard = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  const csvField = (value) => { const text = guard(value === null || value === undefined ? "" : String(value)); return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text; };
  function saveCsv(name, lines) {
    const text = `\ufeff${lines.map((line) => line.map(csvField).join(",")).join("\r\n")}\r\n`;
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const link = make("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
  function saveList() {
    const axes = data.axes;
    const lines = [["id", "name", "title", "authors", "year", "kind", "link", ...axes.map((axis) => axis.id)]];
    for (const index of listed(filtered())) {
      const study = data.studies[index];
      lines.push([study.id, study.name, study.title, study.authors, study.year, study.review ? "review" : "primary", study.link, ...axes.map((axis) => (study.codes[axis.id] || []).map((term) => axis.terms[term].label).join("; "))]);
    }
    saveCsv("studies.csv", lines);
  }
  function saveCells() {
    const cellAt = countCells(filtered());
    const lines = [["row", "column", "studies", "primary", "reviews", "state", ...data.kinds.map((kind) => kind.label)]];
    for (const row of termsOf(state.rows)) for (const col of termsOf(state.cols)) {
      const cell = cellAt(row.place, col.place);
      lines.push([placeLabel(state.rows, row.place), placeLabel(state.cols, col.place), cell.n, cell.primary, cell.reviews, stateLabel(gapState(cellAt, row.place, col.place)), ...cell.kinds]);
    }
    saveCsv("map.csv", lines);
  }

  // ---- all together -------------------------------------------------------------------------------------------
  function drawSummary(visible) {
    const reviews = visible.filter((index) => data.studies[index].review).length;
    const all = data.studies.length;
    const head = visible.length === all ? studiesWord(all) : `${visible.length} of ${studiesWord(all)}`;
    byId("summary").textContent = `${head}: ${visible.length - reviews} primary, ${reviewsWord(reviews)}.`;
  }
  function refresh() {
    const hadFocus = document.activeElement && document.activeElement.classList.contains("cell");
    const visible = filtered();
    state.shown = PAGE;
    drawTable(visible);
    drawFilters(visible);
    drawList(visible);
    drawWorld(visible);
    drawSummary(visible);
    if (hadFocus) focusCell(...focusAt);
  }
  function chooseCell(button) {
    const place = [Number(button.dataset.row), Number(button.dataset.col)];
    const same = state.cell !== null && state.cell[0] === place[0] && state.cell[1] === place[1];
    state.cell = same ? null : place;
    state.country = null;
    state.shown = PAGE;
    for (const other of byId("grid").querySelectorAll("button[aria-pressed=true]")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(!same));
    const visible = filtered();
    drawList(visible);
    drawWorld(visible);
  }
  function listenToGrid() {
    const grid = byId("grid");
    const tell = (event) => { const button = event.target.closest("button.cell"); if (button) byId("story").textContent = button.story(); };
    grid.addEventListener("mouseover", tell);
    grid.addEventListener("focusin", (event) => {
      tell(event);
      const button = event.target.closest("button.cell");
      if (!button) return;
      const old = buttonAt(...focusAt);
      if (old && old !== button) old.tabIndex = -1;
      button.tabIndex = 0;
      focusAt = [button.closest("tr").rowIndex - 1, button.closest("td").cellIndex - 1];
    });
    grid.addEventListener("keydown", moveInGrid);
    grid.addEventListener("click", (event) => { const button = event.target.closest("button.cell"); if (button) chooseCell(button); });
  }
  function start() {
    document.documentElement.classList.remove("no-script");
    byId("grid-box").removeAttribute("tabindex"); // the cells can be reached, so the box need not be
    byId("filters").open = window.matchMedia("(min-width: 900px)").matches;
    buildAxes();
    buildFilters();
    buildWorld();
    listenToGrid();
    byId("clear-cell").addEventListener("click", () => { state.cell = null; state.country = null; refresh(); byId("list-head").focus(); });
    byId("more").addEventListener("click", () => { const shown = state.shown + PAGE; state.shown = shown; drawList(filtered()); });
    byId("download-list").addEventListener("click", saveList);
    byId("download-cells").addEventListener("click", saveCells);
    refresh();
    document.documentElement.dataset.ready = "true";
  }
  start();
})();
