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
  form.addEventListener("submit", () => {
    isCompleting = true;
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (isChanged && !isCompleting) save();
  });

  async function save() {
    if (saving) await saving;
    if (isCompleting || !isChanged) return;
    isChanged = false;
    saving = send();
    await saving;
    saving = null;
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
      say(answer.status === 409 ? "overtaken" : "failed");
      return;
    }
    document.querySelector("dialog.sheet")?.close("in"); // signed in elsewhere meanwhile
    const saved = await answer.json();
    form.elements.seen.value = saved.revision;
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
