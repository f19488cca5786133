// Long work that is done in slices: the form is sent again and again until the page has none left.
// Without script one presses its button.

async function goOn() {
  const form = document.querySelector("form[data-slices]");
  if (!form) return;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = page.getElementById(form.dataset.slices);
  if (!part) return;
  document.getElementById(form.dataset.slices).replaceWith(part);
  await goOn();
}

goOn();
