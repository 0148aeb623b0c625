// The element card: pages, parameters and tables of one element, live.
//
// Values come from devices, so they only ever become text nodes: nothing here makes HTML out of strings.

const PAGE_SIZE = 100;
const RELOAD_AFTER = 250;

const at = (id) => document.getElementById(id);

// What is shown. `opened` counts the elements opened, so that a late answer for an earlier one is dropped.
const shown = { elements: [], element: null, pages: [], page: null, values: new Map(), tables: new Map(), opened: 0 };

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// --- the API

async function call(path, options) {
  const response = await fetch(path, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.detail || `${response.status} ${response.statusText}`);
  return body;
}

const path = (...parts) => "/api/elements/" + parts.map(encodeURIComponent).join("/");

function put(target, value) {
  const headers = { "content-type": "application/json" };
  return call(target, { method: "PUT", headers, body: JSON.stringify({ value }) });
}

let messageTimer;
function tell(text, isBad = false) {
  const message = at("message");
  message.textContent = text;
  message.classList.toggle("bad", isBad);
  message.hidden = false;
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => { message.hidden = true; }, isBad ? 10000 : 3000);
}

const attempt = (work) => work().catch((error) => tell(error.message, true));

// --- elements and pages

async function loadElements() {
  shown.elements = await call("/api/elements");
  const select = at("element");
  select.replaceChildren(...shown.elements.map((element) => make("option", { value: element.id, textContent: element.name })));
  const [id, page] = decodeURIComponent(location.hash.slice(1)).split("/");
  const element = shown.elements.find((element) => String(element.id) === id) ?? shown.elements[0];
  if (!element) {
    at("page").replaceChildren(make("p", { textContent: "There are no elements." }));
    return;
  }
  await openElement(element, page);
}

async function openElement(element, wanted) {
  const opened = ++shown.opened;
  const id = String(element.id);
  const [pages, parameters] = await Promise.all([call(path(id, "pages")), call(path(id, "parameters"))]);
  if (opened !== shown.opened) return;
  shown.element = element;
  shown.pages = pages;
  shown.values = new Map(parameters.map((parameter) => [parameter.id, parameter]));
  at("element").value = id;
  showState();
  const page = pages.find((page) => page.name === wanted && page.kind !== "separator")
    ?? pages.find((page) => page.default) ?? pages.find((page) => page.kind === "data");
  if (page) openPage(page);
  else at("page").replaceChildren(make("p", { textContent: "This element shows no pages." }));
}

function showState() {
  const { state, timeout, protocol } = shown.element;
  const badge = at("state");
  badge.textContent = timeout ? `${state}, timeout` : state;
  badge.title = `${protocol.name} ${protocol.version}`;
  badge.classList.toggle("bad", timeout || state === "error");
  document.title = `${shown.element.name} – adit`;
}

function openPage(page) {
  shown.page = page;
  shown.tables.clear();
  history.replaceState(null, "", "#" + encodeURIComponent(`${shown.element.id}/${page.name}`));
  showPages();
  const items = page.items.filter((item) => item.control !== "title end");
  // Two columns side by side where the page has them; tables take the whole width.
  const hasColumns = !page.wide && items.some((item) => item.column > 0);
  const nodes = items.map((item) => {
    const node = showItem(item);
    if (hasColumns) node.classList.add(item.control === "table" ? "all" : item.column > 0 ? "right" : "left");
    return node;
  });
  const heading = make("h2", { textContent: page.name });
  at("page").replaceChildren(heading, make("div", { className: hasColumns ? "columns" : "" }, ...nodes));
  if (!nodes.length) at("page").append(make("p", { textContent: "Nothing is shown on this page." }));
}

function showPages() {
  at("pages").replaceChildren(...shown.pages.filter((page) => page.kind !== "popup").map((page) => {
    if (page.kind === "separator") return make("hr");
    if (page.kind === "web") return link(page.url, page.name) ?? make("span", { textContent: page.name });
    const button = make("button", { type: "button", textContent: page.name, onclick: () => openPage(page) });
    if (page === shown.page) button.setAttribute("aria-current", "page");
    return button;
  }));
}

// --- parameters

function showItem(item) {
  if (item.control === "title") return make("h3", { textContent: item.description });
  if (item.control === "table") return showTable(item);
  const value = make("span", { className: "value" });
  // A write alone shows its control only.
  const isWriteAlone = item.editor?.id === item.id;
  if (!isWriteAlone) value.dataset.parameter = item.id;
  const node = make("div", { className: "item" }, make("span", { className: "name", textContent: item.description, title: item.tooltip }), value);
  if (item.editor) {
    const target = path(String(shown.element.id), "parameters", String(item.editor.id));
    node.append(showEditor(item.editor, item.description, target, () => shown.values.get(item.id)));
  }
  if (!isWriteAlone) showValue(value, shown.values.get(item.id));
  return node;
}

function showValue(node, cell) {
  const isHidden = cell?.secret && cell.updated !== null;
  const isEmpty = !isHidden && (cell?.value ?? null) === null;
  const text = isHidden ? "********" : cell?.secret ? "Not initialized" : cell?.display ?? "";
  node.classList.toggle("empty", isEmpty);
  node.dataset.alarm = cell?.alarm ?? "";
  node.replaceChildren(link(text, text) ?? text);
}

// A text that begins with one of these is shown as a link; other schemes are never followed.
const SCHEMES = ["http:", "https:", "ftp:", "file:", "mailto:"];

function link(address, text) {
  if (!SCHEMES.some((scheme) => (address ?? "").toLowerCase().startsWith(scheme))) return null;
  return make("a", { href: address, textContent: text, rel: "noopener noreferrer", target: "_blank" });
}

// --- editors

// The control that sets a write. `current` gives the value that is read, for what depends on it.
function showEditor(editor, label, target, current, whenDone = () => {}) {
  const set = (value, question, display) => attempt(async () => {
    const asked = question ?? editor.question;
    if (asked && !confirm(asked)) return;
    await put(target, value);
    tell(`${label}: ${display ?? "set"}`);
    whenDone();
  });
  const press = (text, work) => make("button", { type: "button", textContent: text, onclick: work });
  switch (editor.control) {
    case "button":
      return make("span", { className: "buttons" }, ...editor.choices.map(
        (choice) => press(choice.display || label, () => set(choice.value, choice.question, choice.display))));
    case "pagebutton":
      return make("span", { className: "buttons" }, ...editor.choices.map((choice) => press(choice.display, () => {
        const page = shown.pages.find((page) => page.name === choice.value);
        if (page) openPage(page);
      })));
    case "togglebutton":
      return make("span", { className: "buttons" }, press("Toggle", () => {
        const other = editor.choices.find((choice) => choice.value !== current()?.value) ?? editor.choices[0];
        if (other) set(other.value, other.question, other.display);
      }));
    default:
      return showForm(editor, label, set, current);
  }
}

function showForm(editor, label, set, current) {
  const field = showField(editor, current);
  field.setAttribute("aria-label", `New value of ${label}`);
  const form = make("form", {}, field, make("button", { textContent: "Set" }));
  form.onsubmit = (event) => {
    event.preventDefault();
    const choice = editor.control === "discreet" ? editor.choices[field.selectedIndex] : undefined;
    set(choice ? choice.value : field.value, choice?.question);
    if (editor.secret) field.value = "";
  };
  return form;
}

function showField(editor, current) {
  const now = current();
  if (editor.control === "discreet") {
    const options = editor.choices.map((choice) => make("option", { textContent: choice.display, selected: choice.value === now?.value }));
    return make("select", {}, ...options);
  }
  if (editor.secret) return make("input", { type: "password", autocomplete: "new-password" });
  if (editor.lines > 1) return make("textarea", { rows: editor.lines });
  const field = make("input", { type: "text", autocomplete: "off", spellcheck: false });
  if (editor.control === "number") {
    field.inputMode = "decimal";
    field.title = [editor.low ?? "", editor.high ?? ""].some((side) => side !== "") ? `${editor.low ?? ""} … ${editor.high ?? ""}` : "";
  }
  return field;
}

// --- tables

function showTable(item) {
  const table = { item, filter: "", sort: "", offset: 0, asked: 0, body: make("tbody"), head: make("thead"), count: make("span") };
  shown.tables.set(item.id, table);
  const filter = make("input", { type: "search", placeholder: "text, or State=Error", autocomplete: "off" });
  filter.oninput = () => { table.filter = filter.value; table.offset = 0; later(table); };
  const turn = (step, text) => make("button", {
    type: "button", textContent: text,
    onclick: () => { table.offset = Math.max(0, table.offset + step * PAGE_SIZE); attempt(() => loadRows(table)); },
  });
  table.previous = turn(-1, "Previous");
  table.next = turn(1, "Next");
  const tools = make("div", { className: "tools" }, make("label", {}, "Filter ", filter), table.count, table.previous, table.next);
  attempt(() => loadRows(table));
  return make("section", {}, make("h3", { textContent: item.description, title: item.tooltip }), tools,
    make("div", { className: "scroll" }, make("table", {}, table.head, table.body)));
}

// Many changes in a row make one reload; a cell that is being edited is not taken away.
function later(table) {
  clearTimeout(table.timer);
  table.timer = setTimeout(() => {
    if (table.body.querySelector("form")) later(table);
    else attempt(() => loadRows(table));
  }, RELOAD_AFTER);
}

async function loadRows(table) {
  const asked = ++table.asked;
  const query = new URLSearchParams({ filter: table.filter, sort: table.sort, limit: PAGE_SIZE, offset: table.offset });
  const data = await call(`${path(String(shown.element.id), "tables", String(table.item.id))}?${query}`);
  if (asked !== table.asked || shown.tables.get(table.item.id) !== table) return;
  if (!data.rows.length && table.offset) {
    table.offset = 0;
    return loadRows(table);
  }
  // The column with the display keys stands in front and stays there.
  const key = data.columns.findIndex((column) => column.id === table.item.keyColumn);
  if (key > 0) for (const list of [data.columns, ...data.rows.map((row) => row.cells)]) list.unshift(...list.splice(key, 1));
  showHead(table, data.columns);
  table.body.replaceChildren(...data.rows.map((row) => showRow(table, data.columns, row)));
  const last = table.offset + data.rows.length;
  table.count.textContent = data.total ? `${table.offset + 1}–${last} of ${data.total}` : "no rows";
  table.previous.disabled = table.offset === 0;
  table.next.disabled = last >= data.total;
}

function showHead(table, columns) {
  // The focus stays on a header that was pressed.
  const focused = [...table.head.querySelectorAll("button")].indexOf(document.activeElement);
  const cells = columns.map((column) => {
    const [sorted, direction] = table.sort.split(":");
    const isSorted = sorted === String(column.id);
    const sort = () => {
      table.sort = isSorted && !direction ? `${column.id}:desc` : isSorted ? "" : String(column.id);
      attempt(() => loadRows(table));
    };
    const mark = isSorted ? (direction ? " ▼" : " ▲") : "";
    const cell = make("th", { scope: "col", title: column.name },
      make("button", { type: "button", textContent: headingOf(table, column) + mark, onclick: sort }));
    if (column.id === table.item.keyColumn) {
      cell.classList.add("key");
      cell.firstChild.prepend(keyIcon());
    }
    if (isSorted) cell.ariaSort = direction ? "descending" : "ascending";
    return cell;
  });
  table.head.replaceChildren(make("tr", {}, ...cells));
  table.head.querySelectorAll("button")[focused]?.focus();
}

// Descriptions of columns end with the description of their table, which stands above.
function headingOf(table, column) {
  const end = ` (${table.item.description})`;
  return column.description.endsWith(end) ? column.description.slice(0, -end.length) : column.description;
}

function keyIcon() {
  const draw = (name, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
    return node;
  };
  const icon = draw("svg", { viewBox: "0 0 16 16", fill: "none", stroke: "currentColor", "stroke-width": "2", "aria-hidden": "true" });
  icon.append(draw("circle", { cx: 4.5, cy: 11.5, r: 3.5 }), draw("path", { d: "M7 9 15 1m-4 4 3 3" }));
  return icon;
}

function showRow(table, columns, row) {
  return make("tr", {}, ...columns.map((column, index) => showCell(table, column, row, row.cells[index])));
}

function showCell(table, column, row, cell) {
  const node = make("td", { className: column.id === table.item.keyColumn ? "key" : "" });
  const value = make("span");
  showValue(value, cell);
  node.append(value);
  const editor = table.item.columns?.find((entry) => entry.id === column.id)?.editor;
  if (!editor) return node;
  const label = `${column.description} of ${row.displayKey}`;
  const target = path(String(shown.element.id), "tables", String(table.item.id), "rows", row.key, String(editor.id));
  const build = () => showEditor(editor, label, target, () => cell, () => attempt(() => loadRows(table)));
  if (["button", "togglebutton", "pagebutton"].includes(editor.control)) {
    node.append(" ", build());
    return node;
  }
  const edit = make("button", { type: "button", textContent: "Edit", ariaLabel: `Edit ${label}` });
  edit.onclick = () => {
    const form = build();
    form.append(make("button", { type: "button", textContent: "Cancel", onclick: () => node.replaceChildren(value, " ", edit) }));
    node.replaceChildren(form);
    form.elements[0].focus();
  };
  node.append(" ", edit);
  return node;
}

// --- changes

function follow() {
  const source = new EventSource("/api/events");
  let wasLost = false;
  const live = (text, isBad) => {
    at("live").textContent = text;
    at("live").classList.toggle("bad", isBad);
  };
  const on = (kind, work) => source.addEventListener(kind, (event) => work(JSON.parse(event.data)));
  const isShown = (change) => change.element === shown.element?.name;
  source.onopen = () => {
    live("live", false);
    if (wasLost) attempt(loadElements);
    wasLost = false;
  };
  source.onerror = () => {
    live("not connected", true);
    wasLost = true;
  };
  on("parameter", (change) => {
    if (!isShown(change)) return;
    shown.values.set(change.id, change);
    for (const node of document.querySelectorAll(`[data-parameter="${Number(change.id)}"]`)) showValue(node, change);
  });
  // What alarms is shown with its colour; the value itself may have been told before.
  on("alarm", (change) => {
    if (!isShown(change)) return;
    if (change.key !== null) {
      for (const table of shown.tables.values()) later(table);
      return;
    }
    attempt(async () => {
      const opened = shown.opened;
      const parameter = await call(path(String(shown.element.id), "parameters", String(change.parameter)));
      if (opened !== shown.opened) return;
      shown.values.set(parameter.id, parameter);
      for (const node of document.querySelectorAll(`[data-parameter="${Number(parameter.id)}"]`)) showValue(node, parameter);
    });
  });
  on("row", (change) => {
    const table = shown.tables.get(change.table);
    if (isShown(change) && table) later(table);
  });
  on("state", (change) => {
    const element = shown.elements.find((element) => element.name === change.element);
    if (!element) return;
    const isOther = element.state !== change.state;
    Object.assign(element, { state: change.state, timeout: change.timeout });
    if (!isShown(change)) return;
    showState();
    // An element that starts or stops changes all its values at once.
    if (isOther) attempt(() => openElement(element, shown.page?.name));
  });
  on("resync", (change) => {
    if (isShown(change)) attempt(() => openElement(shown.element, shown.page?.name));
  });
}

at("element").onchange = () => {
  const element = shown.elements.find((element) => String(element.id) === at("element").value);
  if (element) attempt(() => openElement(element));
};
follow();
attempt(loadElements);
