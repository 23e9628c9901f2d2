// The diagram island: a BPMN viewer with marks for what is done, live, wrong or slow.
// The page carries an ordered list of the same elements; this is a picture beside it.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "./diagram.css";

async function source(host) {
  const inside = host.querySelector("textarea");
  if (inside) return inside.value;
  const answer = await fetch(host.dataset.source, { headers: { Accept: "application/octet-stream" } });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer.text();
}

function numbers(element, ...names) {
  return names.map((name) => Number(element?.getAttribute(name)));
}

// Labels were drawn for the words of the model: others may need more room. A label grows away from the
// node it stands beside, and from a line to the right; above or below, it grows to both sides.
function makeRoom(drawn, bounds, name) {
  const isFlow = drawn.localName === "BPMNEdge";
  const [x, y, width, height] = numbers(bounds, "x", "y", "width", "height");
  const more = Math.min(name.length * 6.5 + 6, isFlow ? 130 : 100) - width;
  if (!(more > 0)) return;
  let grown = x - more / 2;
  if (isFlow) {
    const points = [...drawn.children].filter((child) => child.localName === "waypoint");
    const heights = points.map((point) => numbers(point, "y")[0]);
    const above = heights.some((at, n) => at === heights[n + 1] && at >= y + height - 2 && at <= y + height + 12);
    if (!above) grown = x;
  } else {
    const [left, size] = numbers([...drawn.children].find((child) => child.localName === "Bounds"), "x", "width");
    if (x >= left + size - 4) grown = x;
    else if (x + width <= left + 4) grown = x - more;
  }
  bounds.setAttribute("x", grown);
  bounds.setAttribute("width", width + more);
}

// names in the reader's language, where the process brought a translation
function named(xml, names) {
  if (!Object.keys(names).length) return xml;
  const tree = new DOMParser().parseFromString(xml, "application/xml");
  if (tree.querySelector("parsererror")) return xml;
  const renamed = new Map();
  for (const element of tree.querySelectorAll("[name]")) {
    const name = names[element.getAttribute("name")];
    if (!name) continue;
    element.setAttribute("name", name);
    renamed.set(element.id, name);
  }
  for (const drawn of tree.querySelectorAll("[bpmnElement]")) {
    const label = [...drawn.children].find((child) => child.localName === "BPMNLabel")?.firstElementChild;
    const name = renamed.get(drawn.getAttribute("bpmnElement"));
    if (label && name) makeRoom(drawn, label, name);
  }
  return new XMLSerializer().serializeToString(tree);
}

function badge(mark) {
  const node = document.createElement("span");
  node.className = `diagram-badge is-${mark.kind}`;
  node.textContent = mark.text;
  if (mark.title) node.title = mark.title;
  return node;
}

const BADGE = { width: 28, height: 22 };
const ABOVE = { top: -11, right: 11 };
const OTHER_CORNERS = [{ bottom: 8, left: -17 }, { top: -14, left: -17 }, ABOVE];

function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

// A badge takes the corner where it hides no label and no other badge; if there is none, the one it wants.
function corner(element, wanted, taken) {
  const boxes = [wanted, ...OTHER_CORNERS].map((place) => ({
    ...BADGE,
    place,
    x: element.x + (place.left ?? element.width - place.right),
    y: element.y + (place.top ?? element.height - place.bottom),
  }));
  const box = boxes.find((each) => !taken.some((other) => overlap(each, other))) ?? boxes[0];
  taken.push(box);
  return box.place;
}

function draw(viewer, marks) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  overlays.clear();
  for (const element of registry.getAll()) {
    for (const name of [...(element.markers ?? [])]) {
      if (name.startsWith("mark-")) canvas.removeMarker(element, name);
    }
  }
  const taken = registry.filter((element) => element.labelTarget);
  for (const mark of marks) {
    const element = registry.get(mark.element);
    if (!element) continue;
    if (mark.marker) canvas.addMarker(mark.element, `mark-${mark.marker}`);
    if (!mark.text) continue;
    overlays.add(element, { position: corner(element, mark.position ?? ABOVE, taken), html: badge(mark) });
  }
}

function fit(viewer) {
  const canvas = viewer.get("canvas");
  canvas.zoom("fit-viewport", "auto");
  // small models are not blown up, large ones stay readable around their middle
  if (canvas.zoom() > 1.1) canvas.zoom(1.1, "auto");
}

function centre(viewer, id) {
  const element = viewer.get("elementRegistry").get(id);
  if (!element || element.waypoints) return;
  const canvas = viewer.get("canvas");
  const view = canvas.viewbox();
  canvas.viewbox({
    x: element.x + element.width / 2 - view.outer.width / 2,
    y: element.y + element.height / 2 - view.outer.height / 2,
    width: view.outer.width,
    height: view.outer.height,
  });
}

const opened = new Map();

/** Draws a diagram once; gives its viewer, or undefined if it cannot be drawn. */
function open(host) {
  if (!opened.has(host)) opened.set(host, show(host));
  return opened.get(host);
}

async function show(host) {
  const waiting = host.querySelector(".waiting");
  // the wheel scrolls the page until one clicks into the diagram, as on a map
  const viewer = new NavigatedViewer({ container: host, zoomScroll: { enabled: false } });
  host.addEventListener("pointerdown", () => viewer.get("zoomScroll").toggle(true));
  host.addEventListener("pointerleave", () => viewer.get("zoomScroll").toggle(false));
  try {
    await viewer.importXML(named(await source(host), JSON.parse(host.dataset.names || "{}")));
  } catch (problem) {
    host.classList.add("is-broken");
    const bare = problem.message === "no diagram to display";
    if (waiting) waiting.textContent = bare ? host.dataset.bare : `${host.dataset.failed} ${problem.message ?? ""}`;
    return undefined;
  }
  waiting?.remove();
  fit(viewer);
  const choices = JSON.parse(host.dataset.marks || "{}");
  const first = host.dataset.show || Object.keys(choices)[0];
  if (choices[first]) draw(viewer, choices[first]);
  const live = host.dataset.centre;
  if (live && viewer.get("canvas").zoom() < 0.45) centre(viewer, live);

  viewer.on("element.click", ({ element }) => {
    host.dispatchEvent(new CustomEvent("diagram-pick", { bubbles: true, detail: { id: element.id } }));
  });
  for (const choice of document.querySelectorAll(`[data-shows="${host.id}"]`)) {
    choice.addEventListener("change", () => draw(viewer, choices[choice.value] ?? []));
    if (choice.checked) draw(viewer, choices[choice.value] ?? []);
  }
  for (const button of document.querySelectorAll(`[data-fits="${host.id}"]`)) {
    button.addEventListener("click", () => fit(viewer));
  }
  for (const button of document.querySelectorAll(`[data-zooms="${host.id}"]`)) {
    button.addEventListener("click", () => viewer.get("zoomScroll").stepZoom(Number(button.dataset.step)));
  }
  return viewer;
}

// links that name an element work before the diagram has been seen
for (const link of document.querySelectorAll("[data-finds]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const host = document.getElementById(link.dataset.finds);
    host.scrollIntoView({ block: "nearest", behavior: "smooth" });
    const viewer = await open(host);
    const element = viewer?.get("elementRegistry").get(link.dataset.element);
    if (!element) return;
    viewer.get("canvas").zoom(1);
    centre(viewer, element.id);
    viewer.get("selection").select(element);
  });
}

// a diagram inside a closed disclosure has no size yet: wait until it is seen
const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) if (entry.isIntersecting && entry.boundingClientRect.width) open(entry.target);
  },
  { rootMargin: "400px" },
);
for (const host of document.querySelectorAll("[data-diagram]")) seen.observe(host);

// picking an element narrows the timeline to it; picking the ground shows everything again
document.addEventListener("diagram-pick", ({ detail }) => {
  const timeline = document.querySelector("[data-timeline]");
  if (!timeline) return;
  const entries = [...timeline.querySelectorAll("[data-element]")];
  const known = entries.some((entry) => entry.dataset.element === detail.id);
  for (const entry of entries) entry.hidden = known && entry.dataset.element !== detail.id;
  const clear = document.querySelector("[data-clear-pick]");
  if (clear) {
    clear.hidden = !known;
    clear.onclick = () => {
      for (const entry of entries) entry.hidden = false;
      clear.hidden = true;
    };
  }
});
