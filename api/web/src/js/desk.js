// What every page gets: keyboard, menus, unsaved work. Plain modules without packages, so that they
// also work where nothing could be bundled.
import "./desk_keys.js";
import "./desk_forms.js";
import "./desk_keeps.js";
import "./desk_uploads.js";

document.documentElement.classList.add("has-js");

// a menu closes when one clicks elsewhere or presses Escape, and Escape gives the focus back
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// on a phone the ways scroll sideways: show the one where one is
const ways = document.querySelector(".mainnav");
const way = ways?.querySelector("[aria-current]");
if (way && ways.scrollWidth > ways.clientWidth) {
  ways.scrollLeft = way.offsetLeft + (way.offsetWidth - ways.clientWidth) / 2;
}

// the summary of errors is read out, and the reader stands before it
document.querySelector(".error-summary")?.focus();

// filters answer at once; the button stays for those without scripts
for (const form of document.querySelectorAll("form[data-auto-submit]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// one account of the demo: fill it in
for (const button of document.querySelectorAll("[data-account]")) {
  button.addEventListener("click", () => {
    const form = document.querySelector("form[data-sign-in]");
    form.elements.username.value = button.dataset.account;
    form.elements.password.value = button.dataset.password;
    form.requestSubmit();
  });
}

for (const box of document.querySelectorAll("[data-select-all]")) {
  box.addEventListener("change", () => {
    for (const other of document.querySelectorAll(`input[name="${box.dataset.selectAll}"]`)) {
      other.checked = box.checked;
    }
  });
}
