// Long work that is done in slices: the form is sent again and again until the page has none left.
// A form that only looks (GET) is of work the clock does, and is sent now and then. Without script
// one presses its button.

const BETWEEN_LOOKS = 3000;

async function goOn() {
  const form = document.querySelector("form[data-slices]");
  if (!form) return;
  const looks = form.method === "get";
  if (looks) await new Promise((done) => setTimeout(done, BETWEEN_LOOKS));
  const sent = looks ? {} : { method: "POST", body: new FormData(form) };
  const answer = await fetch(form.action, sent);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = page.getElementById(form.dataset.slices);
  if (!part) return;
  const shown = document.getElementById(form.dataset.slices);
  if (looks && shown.contains(document.activeElement)) return goOn(); // somebody reads in it
  shown.replaceWith(part);
  await goOn();
}

goOn();
