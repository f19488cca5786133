// What every page does when there is script; without it everything still works.

const MENUS = "details.menu, details.confirm";

// A menu closes when one presses Escape or somewhere else.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(`:is(${MENUS})[open]`)) {
    const held = menu.contains(document.activeElement);
    menu.open = false;
    if (held) menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A form is sent once, however often one presses; coming back to the page allows it again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) {
      button.removeAttribute("aria-disabled");
    }
  }
});

// What is to be pasted elsewhere is copied by one press; without script one marks it oneself.
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.copied;
  });
}

// Ticks for one's own eyes stay in this browser, as long as it is the same report.
for (const box of document.querySelectorAll("[data-tick]")) {
  const key = `ticked ${box.dataset.tick}`;
  box.checked = localStorage.getItem(key) !== null;
  box.addEventListener("change", () => {
    if (box.checked) localStorage.setItem(key, "");
    else localStorage.removeItem(key);
  });
}

// After a refused form the summary of what to mend, or else the first field to mend, is heard first.
document.querySelector("[data-focus], main [aria-invalid=true]")?.focus();

// What takes its time to count comes after the page; without script its link leads there.
for (const place of document.querySelectorAll("[data-later]")) {
  fetch(place.querySelector("a").href)
    .then(async (answer) => {
      const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
      place.replaceWith(page.getElementById(place.dataset.later) ?? "");
    })
    .catch(() => {}); // one is on one's way to another page
}

// What is done in the background tells how far it is, without the page being loaded anew.
const waiting = document.querySelector("[data-again]");
if (waiting) {
  const look = async () => {
    const answer = await fetch(location.href).catch(() => null);
    if (answer?.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.getElementById(waiting.id);
      if (!now) return location.reload();
      waiting.replaceChildren(...now.childNodes);
    }
    setTimeout(look, waiting.dataset.again * 1000);
  };
  setTimeout(look, waiting.dataset.again * 1000);
}

// One key at a time, for those who come by keyboard; never in a field, and off for who says so.
const row = () => document.activeElement?.closest("[data-keys=rows] > li");
const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  o: () => row()?.querySelector(".row__t").click(),
  c: () => row()?.querySelector("form[action$=claim] button")?.click(),
  x: () => row()?.querySelector("input[type=checkbox]")?.click(),
  "/": () => (document.querySelector("[data-keys=search]") ?? document.querySelector(".find input"))?.focus(),
  "?": help,
};
document.addEventListener("keydown", (event) => {
  const deed = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
  if (!deed || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.documentElement.dataset.shortcuts === "off") return;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
  event.preventDefault();
  deed();
});

function step(by) {
  const rows = [...document.querySelectorAll("[data-keys=rows] > li")];
  const at = rows.indexOf(row());
  const next = rows[at < 0 ? 0 : Math.max(at + by, 0)];
  next?.querySelector(".row__t").focus();
}

// The sheet is a page of its own; here it lies over the page one is on.
async function help() {
  const link = document.querySelector("a[data-keys=help]");
  if (!link) return;
  const text = await (await fetch(link.href)).text();
  const page = new DOMParser().parseFromString(text, "text/html");
  const sheet = document.createElement("dialog");
  sheet.className = "sheet";
  sheet.setAttribute("aria-label", link.textContent);
  sheet.append(page.querySelector("#keys"));
  const close = sheet.querySelector("[data-keys=close]");
  close.hidden = false;
  close.addEventListener("click", () => sheet.close());
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
}
