// Files: dropped onto a zone, or sent ahead as soon as they are chosen, so that a long form waits for nothing.

for (const zone of document.querySelectorAll(".drop")) {
  const input = zone.querySelector("input[type=file]");
  const over = (event, on) => {
    event.preventDefault();
    zone.classList.toggle("is-over", on);
  };
  zone.addEventListener("dragover", (event) => over(event, true));
  zone.addEventListener("dragleave", (event) => over(event, false));
  zone.addEventListener("drop", (event) => {
    over(event, false);
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// what was chosen stands beside the button that stands for the field
for (const input of document.querySelectorAll(".drop > input[type=file]")) {
  input.addEventListener("change", () => {
    const chosen = input.parentElement.querySelector(".chosen");
    if (chosen) chosen.textContent = [...input.files].map((file) => file.name).join(", ") || chosen.dataset.none;
  });
}

function chip(field, input, answer) {
  const item = document.createElement("li");
  item.className = "file";
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = `${answer.name} · ${answer.size_text}`;
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = input.name;
  hidden.value = answer.id;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "btn is-small is-quiet";
  remove.textContent = field.dataset.removeLabel;
  remove.addEventListener("click", () => {
    item.remove();
    input.focus();
  });
  item.append(name, hidden, remove);
  return item;
}

for (const field of document.querySelectorAll("[data-upload]")) {
  const input = field.querySelector("input[type=file]");
  const list = field.querySelector(".files");
  const status = field.querySelector("[data-upload-status]");
  for (const button of list.querySelectorAll("[data-remove-file]")) {
    button.addEventListener("click", () => button.closest(".file").remove());
  }
  input?.addEventListener("change", async (event) => {
    event.stopPropagation();
    const csrf = input.form.elements.csrf_token?.value ?? "";
    const waiting = [...input.files];
    while (waiting.length) {
      const [file] = waiting;
      status.textContent = `${field.dataset.sendingLabel} ${file.name}`;
      const body = new FormData();
      body.append("file", file, file.name);
      const answer = await fetch(field.dataset.upload, {
        method: "POST",
        body,
        headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
      }).catch(() => null);
      if (!answer?.ok) {
        // it stays chosen and travels with the form, where the server says what is wrong with it
        const words = await answer?.json().catch(() => null);
        const chinese = document.documentElement.lang.startsWith("zh") && words?.errors?.[0]?.message_zh;
        status.textContent = chinese || (words?.detail ?? field.dataset.failedLabel);
        const left = new DataTransfer();
        for (const each of waiting) left.items.add(each);
        input.files = left.files;
        return;
      }
      if (!input.multiple) list.replaceChildren();
      list.append(chip(field, input, await answer.json()));
      waiting.shift();
    }
    input.value = "";
    const chosen = input.parentElement.querySelector(".chosen");
    if (chosen) chosen.textContent = chosen.dataset.none;
    status.textContent = "";
    list.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
