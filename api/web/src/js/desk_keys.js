// Keys: / search, j k move, Enter open, c claim, Ctrl+Enter complete, ? help. Off while one types.

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("is-current"));
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))];
  for (const row of all) row.classList.toggle("is-current", row === next);
  const link = next.querySelector("a");
  link?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function help() {
  const dialog = document.getElementById("keys");
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const button = document.querySelector("[data-key=complete]");
    if (button) {
      event.preventDefault();
      button.form.requestSubmit(button);
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches?.(TYPING) || document.querySelector("dialog[open]")) return;
  const press = (selector) => {
    const found = document.querySelector(selector);
    if (!found) return false;
    event.preventDefault();
    found.click();
    return true;
  };
  switch (event.key) {
    case "/": {
      const search = document.querySelector("input[type=search]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
      break;
    }
    case "j":
      move(1);
      break;
    case "k":
      move(-1);
      break;
    case "c":
      press("[data-row].is-current [data-key=claim]") || press("main > :not(table) [data-key=claim-this]");
      break;
    case "?":
      help();
      break;
  }
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row) for (const other of rows()) other.classList.toggle("is-current", other === row);
});

for (const button of document.querySelectorAll("[data-opens=keys]")) button.addEventListener("click", help);
for (const button of document.querySelectorAll("dialog [data-closes]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
