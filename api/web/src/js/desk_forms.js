// Forms of steps: which fields apply, drafts kept while one types, rows added and removed, one send per press.

const live = document.getElementById("live");

function say(words) {
  if (live) live.textContent = words;
}

function payload(form) {
  const data = new FormData(form);
  // files travel with the form itself, never with a draft
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return new URLSearchParams([...data.entries()]);
}

async function send(url, form) {
  const answer = await fetch(url, {
    method: "POST",
    body: payload(form),
    headers: { "X-CSRF-Token": form.elements.csrf_token?.value ?? "", Accept: "application/json" },
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function applies(form, hidden) {
  const gone = new Set(hidden);
  for (const field of form.querySelectorAll("[data-field]")) field.hidden = gone.has(field.dataset.field);
}

for (const form of document.querySelectorAll("form[data-conditions]")) {
  let round = 0;
  form.addEventListener("change", async () => {
    const mine = ++round;
    try {
      const answer = await send(form.dataset.conditions, form);
      // an answer to an older question is out of date
      if (mine === round) applies(form, answer.hidden);
    } catch {
      // the server decides again when the form is handed in
    }
  });
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  const status = form.querySelector("[data-draft-status]");
  let waiting = 0;
  let sent = false;
  const keep = async () => {
    if (sent) return;
    try {
      const answer = await send(form.dataset.draft, form);
      if (status) status.textContent = answer.text;
    } catch {
      if (status) status.textContent = status.dataset.failed;
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 1500);
  });
  form.addEventListener("submit", () => {
    sent = true;
    clearTimeout(waiting);
  });
}

// a second press while the first is under way would only be refused
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "1";
    form.setAttribute("aria-busy", "true");
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
});

for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener(
    "submit",
    (event) => {
      if (!window.confirm(form.dataset.confirm)) event.preventDefault();
    },
    { capture: true },
  );
}

function renumber(list) {
  [...list.querySelectorAll(":scope > [data-list-row]")].forEach((row, index) => {
    const number = row.querySelector("[data-row-number]");
    if (number) number.textContent = String(index + 1);
    for (const element of row.querySelectorAll("[name], [id], [for], [aria-describedby], [data-field]")) {
      for (const attribute of ["name", "id", "for", "aria-describedby", "data-field"]) {
        const value = element.getAttribute(attribute);
        if (!value) continue;
        element.setAttribute(
          attribute,
          value.replace(row.dataset.prefix, `${list.dataset.list}[${index}]`),
        );
      }
    }
    row.dataset.prefix = `${list.dataset.list}[${index}]`;
  });
}

for (const list of document.querySelectorAll("[data-list]")) {
  const template = list.querySelector(":scope > template");
  list.querySelector(":scope > .list-foot [data-add-row]")?.addEventListener("click", (event) => {
    event.preventDefault();
    const copy = template.content.firstElementChild.cloneNode(true);
    list.insertBefore(copy, list.querySelector(":scope > .list-foot"));
    renumber(list);
    copy.querySelector("input, select, textarea")?.focus();
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove-row]");
    if (!button || button.closest("[data-list]") !== list) return;
    event.preventDefault();
    button.closest("[data-list-row]").remove();
    renumber(list);
    say(list.dataset.removed ?? "");
    list.querySelector(":scope > .list-foot [data-add-row]")?.focus();
  });
}
