// Saves what has been typed, some seconds after the last key and when the page is left or come
// back to, as from signing in again in another tab. A sign-in that has ended is renewed on the spot.
// Without script the button "Save draft" does the same.

import { signInHere } from "./sign_in.js";

const PAUSE = 2000;

const form = document.querySelector("form[data-draft]");
const status = document.querySelector("[data-draft-status]");
if (form && status) watch(form, status);

function watch(form, status) {
  let timer = 0;
  let saving = null;
  let isChanged = false;
  let isCompleting = false;
  let isAsked = false;
  const compare = document.querySelector("[data-compare]");

  form.addEventListener("input", () => {
    isChanged = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  // A file is sent as soon as it is chosen, so that it does not go along with every draft.
  form.addEventListener("change", ({ target }) => {
    if (target.type !== "file" || !target.files.length) return;
    clearTimeout(timer);
    isChanged = true;
    save();
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (event.submitter?.name === "row" && !event.submitter.dataset.plain) {
      event.preventDefault();
      change(event.submitter.value, event.submitter);
      return;
    }
    isCompleting = true;
  });
  // Cells of a spreadsheet that are pasted into a box fill the rows from there on.
  form.addEventListener("paste", (event) => {
    const list = event.target.closest?.("[data-pastes]");
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const [, row, column] = (event.target.name ?? "").split("-");
    if (!list || !column || !text.includes("\t")) return;
    event.preventDefault();
    const name = list.dataset.pastes;
    const button = form.querySelector(`[name=row][value="paste-${name}"]`);
    change(`paste-${name}-${row}-${column}`, button, { [`paste:${name}`]: text });
  });
  // A row of last time is told to be changed as soon as an answer in it is.
  form.addEventListener("input", ({ target }) => {
    const row = target.closest(".row-block--kept, tr");
    for (const tag of row?.querySelectorAll("[data-verdict]") ?? []) {
      tag.hidden = tag.dataset.verdict === "kept";
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (isChanged && !isCompleting) save();
  });

  // What was typed before this program had come is saved too.
  const typed = form.querySelectorAll("textarea, input:not([type=hidden], [type=file])");
  for (const each of typed) {
    if (each.value !== each.defaultValue || each.checked !== each.defaultChecked) isChanged = true;
  }
  if (isChanged) timer = setTimeout(save, PAUSE);

  async function save() {
    if (saving) await saving;
    if (isCompleting || !isChanged) return;
    isChanged = false;
    saving = send();
    await saving;
    saving = null;
  }

  // A button of a list: the server changes the rows and keeps a draft; the page takes its form
  // from the answer, so that focus and place stay. What goes wrong is told by an ordinary post.
  async function change(deed, button, more = {}) {
    if (saving) await saving;
    clearTimeout(timer);
    isChanged = false;
    const body = new FormData(form);
    body.append("row", deed);
    for (const [name, value] of Object.entries(more)) body.set(name, value);
    form.inert = true; // what is typed now would be lost with the form it is typed in
    saving = fetch(form.dataset.draft, { method: "POST", body }).catch(() => null);
    const answer = await saving;
    saving = null;
    form.inert = false;
    if (!answer?.ok) {
      isChanged = true;
      if (answer) postPlainly(deed, button, more);
      else say("away");
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(form.id);
    const told = page.querySelector("[data-row-told]");
    if (!fresh || !told) {
      location.assign(answer.url);
      return;
    }
    const open = [...form.querySelectorAll("details[data-row][open]")].map((e) => e.dataset.row);
    form.replaceChildren(...fresh.childNodes);
    for (const each of form.querySelectorAll("details[data-row]")) {
      each.open ||= open.includes(each.dataset.row);
    }
    const control = document.getElementById(told.dataset.rowTold);
    control?.closest("details")?.setAttribute("open", "");
    control?.focus();
    status.textContent = told.textContent;
    status.classList.remove("is-late");
  }

  function postPlainly(deed, button, more) {
    for (const [name, value] of Object.entries(more)) form.elements[name].value = value;
    button.value = deed;
    button.dataset.plain = "yes";
    form.requestSubmit(button);
  }

  async function send() {
    let answer;
    try {
      answer = await post();
      if (answer.status === 400 && (await renew(answer))) answer = await post();
    } catch {
      isChanged = true;
      say("away");
      return;
    }
    if (answer.status === 401) {
      isChanged = true;
      say("out");
      ask(await answer.text());
      return;
    }
    if (!answer.ok) {
      isChanged = true;
      if (compare) compare.hidden = answer.status !== 409; // an ordinary post shows both texts
      say(answer.status === 409 ? "overtaken" : "failed");
      return;
    }
    document.querySelector("dialog.sheet")?.close("in"); // signed in elsewhere meanwhile
    const saved = await answer.json();
    form.elements.seen.value = saved.revision;
    form.elements.seen_as.value = saved.seen_as;
    say("saved", saved.time);
    await settle(saved);
  }

  // Shows the files that were taken as the server shows them, and says why one was not.
  async function settle({ files, refused }) {
    for (const [name, why] of Object.entries(refused)) {
      field(document, name).value = "";
      status.textContent = why;
      status.classList.add("is-late");
    }
    if (!files.length) return;
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const name of files) {
      const fresh = field(page, name)?.closest(".field");
      if (fresh) field(document, name).closest(".field").replaceWith(fresh);
    }
  }

  function field(page, name) {
    return page.querySelector(`input[type=file][name="${CSS.escape(name)}"]`);
  }

  function isSendingFile() {
    return [...form.querySelectorAll("input[type=file]")].some((each) => each.files.length);
  }

  // Asked once: whoever closes it can sign in elsewhere, and is not asked at every key.
  async function ask(page) {
    if (isAsked || document.visibilityState !== "visible") return;
    isAsked = true;
    if (!(await signInHere(page))) return;
    isAsked = false;
    await save();
  }

  function post() {
    return fetch(form.dataset.draft, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      keepalive: !isSendingFile(), // what is kept alive may hold 64 kB
    });
  }

  // A form from before this sign-in is refused by a page that holds a key of this one.
  async function renew(refusal) {
    const page = new DOMParser().parseFromString(await refusal.text(), "text/html");
    const key = page.querySelector("[name=csrf_token]")?.value;
    if (!key) return false;
    for (const each of document.querySelectorAll("[name=csrf_token]")) each.value = key;
    return true;
  }

  function say(what, time = "") {
    status.textContent = status.dataset[what].replace("{time}", time);
    status.classList.toggle("is-late", what !== "saved");
  }
}
