// Who else has the draft open, asked anew while the page is looked at; and whether somebody else
// has saved since. The editor says in data-revision which save it has seen.

const PAUSE = 30_000; // the server takes somebody for gone after three minutes

const box = document.querySelector("[data-presence]");
let shown = box?.textContent.trim() ?? "";

async function ask() {
  if (document.hidden) return;
  const headers = { Accept: "application/json", "X-CSRFToken": box.dataset.csrf };
  const answer = await fetch(box.dataset.presence, { method: "POST", headers }).catch(() => null);
  if (!answer?.ok) return;
  const { others, revision, by } = await answer.json();
  const said = others.map(({ name }) => box.dataset.here.replace("{name}", name));
  if (by && revision > Number(box.dataset.revision)) said.push(box.dataset.saved.replace("{name}", by));
  if (said.join() === shown) return; // nothing new to hear
  shown = said.join();
  box.replaceChildren(...said.map((words) => {
    return Object.assign(document.createElement("p"), { className: "banner__text", textContent: words });
  }));
  box.hidden = !said.length;
}

if (box) {
  ask();
  setInterval(ask, PAUSE);
  document.addEventListener("visibilitychange", ask);
}
