// Signing in again on top of the page one was typing in, so that nothing has to be left.
// It shows the sign-in page that a refused request was answered with, step by step.

/** Ask in a dialog until somebody is signed in; false if it was closed before that. */
export function signInHere(html) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  document.body.append(dialog);
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "in");
    });
    dialog.addEventListener("submit", async (event) => {
      event.preventDefault();
      const form = event.target;
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
      }).catch(() => null);
      if (!answer) return;
      if (!show(dialog, await answer.text())) dialog.close("in");
    });
    show(dialog, html);
    dialog.showModal();
  });
}

/** Put one step in the dialog; false if the page is no step of a sign-in. */
function show(dialog, html) {
  const step = new DOMParser().parseFromString(html, "text/html").querySelector("[data-sign-in]");
  if (!step) return false;
  // What was typed waits in the page behind and needs no carrying; a passkey needs its own page.
  for (const extra of step.querySelectorAll("[data-elsewhere], form[data-passkey]")) extra.remove();
  for (const input of step.querySelectorAll("[name=carried], [name=carried_to]")) input.remove();
  for (const link of step.querySelectorAll("a")) link.target = "_blank";
  const heading = step.querySelector("h1");
  heading.id = "sign-in-here";
  dialog.setAttribute("aria-labelledby", heading.id);
  const close = document.createElement("button");
  close.className = "btn btn--quiet btn--small";
  close.textContent = document.querySelector("[data-draft-status]").dataset.close;
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(step, close);
  (dialog.querySelector("[role=alert]") ?? dialog.querySelector("input:not([type=hidden])")).focus();
  return true;
}
