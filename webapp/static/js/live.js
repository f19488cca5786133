// A form that says at once what becomes of what is typed in it: data-live is asked, and the answer
// is put into [data-live-told]. Without script a button asks.

const PAUSE = 500;
const form = document.querySelector("form[data-live]");
if (form) {
  const told = document.querySelector("[data-live-told]");
  let timer = 0;
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const answer = await fetch(form.dataset.live, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    told.innerHTML = await answer.text();
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  form.querySelector("[data-live-now]")?.addEventListener("click", (event) => {
    event.preventDefault();
    ask();
  });
  window.addEventListener("pageshow", ask);
}

// One goes on at what was just added or moved, opened.
const here = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (here) {
  for (let one = here; one; one = one.parentElement?.closest("details")) if (one.matches("details")) one.open = true;
  (here.querySelector("summary, input:not([type=hidden])") ?? here).focus();
}
