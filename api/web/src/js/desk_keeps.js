// A start form has no draft on the server: what is typed stays with the tab, so that whoever has to sign in
// again finds it. Files are not kept.

const NEVER = new Set(["csrf_token", "once"]);

function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NEVER.has(name));
}

function putBack(form, entries) {
  for (const field of form.elements) {
    if (!field.name || NEVER.has(field.name) || ["hidden", "file", "submit"].includes(field.type)) continue;
    const values = entries.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0];
  }
  form.dispatchEvent(new Event("change"));
}

for (const form of document.querySelectorAll("form[data-keeps]")) {
  const key = `typed ${form.dataset.keeps}`;
  const kept = sessionStorage.getItem(key);
  if (kept && "fresh" in form.dataset) {
    putBack(form, JSON.parse(kept));
    form.querySelector("[data-kept]").hidden = false;
  }
  for (const event of ["input", "change"]) {
    form.addEventListener(event, () => sessionStorage.setItem(key, JSON.stringify(typed(form))));
  }
}

// it has been sent; and nobody else finds it in this tab
const sent = document.querySelector("[data-forgets]");
if (sent) sessionStorage.removeItem(`typed ${sent.dataset.forgets}`);
for (const form of document.querySelectorAll('form[action="/sign-out"]')) {
  form.addEventListener("submit", () => sessionStorage.clear());
}
