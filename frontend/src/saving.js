// Keeps what is changed: some moments after each change, once at a time, and before one leaves.

const PAUSE = 900; // ms after the last change

/** `send` saves and tells whether it is kept; `flush` takes in what is still being typed. */
export function makeSaving(status, send, flush = () => {}) {
  let timer = 0;
  let saving = null;
  let isChanged = false;

  document.addEventListener('visibilitychange', save);
  window.addEventListener('beforeunload', (event) => {
    flush();
    if (!isChanged) return;
    save();
    event.preventDefault();
  });
  return { touch, save, say, leave };

  function touch(pause = PAUSE) {
    isChanged = true;
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  }

  async function save() {
    if (saving) await saving;
    if (!isChanged) return;
    isChanged = false;
    saving = send();
    if (!(await saving)) isChanged = true;
    saving = null;
  }

  /** Nothing is left to save: it goes another way. */
  function leave() {
    clearTimeout(timer);
    isChanged = false;
  }

  function say(what, values = {}) {
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: 'short' });
    status.textContent = status.dataset[what].replace(/{(\w+)}/g, (_, name) => ({ time, ...values })[name]);
    status.classList.toggle('is-late', !['saved', 'merged'].includes(what));
  }
}
