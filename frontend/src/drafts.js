// Keeps what is drawn: some moments after each change, and never over what somebody else has saved
// later. Then both are laid side by side, and one chooses.

import { merge } from './merge.js';

const PAUSE = 900; // ms after the last change

export function keepDrafts(editor, modeler, { revision, diagram }, { ask, flush, problems }) {
  const status = editor.querySelector('[data-draft-status]');
  let base = diagram; // what was saved last, by us or taken over
  let timer = 0;
  let saving = null;
  let isChanged = false;
  let isAsking = false;

  modeler.on('commandStack.changed', () => {
    isChanged = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  document.addEventListener('visibilitychange', save);
  window.addEventListener('beforeunload', (event) => {
    flush();
    if (!isChanged) return;
    save();
    event.preventDefault();
  });
  return { save };

  async function save() {
    if (saving) await saving;
    if (!isChanged || isAsking) return;
    isChanged = false;
    saving = send();
    await saving;
    saving = null;
  }

  async function send() {
    const { xml } = await modeler.saveXML({ format: true });
    const answer = await ask('draft', { revision, diagram: xml }, true);
    const said = answer?.said;
    if (answer?.status === 200) {
      ({ revision } = said);
      base = xml;
      seen();
      problems.show(said.problems);
      say('saved', new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: 'short' }));
      return;
    }
    isChanged = true;
    if (answer?.status === 409) await settle(said, xml);
    else if (answer?.status === 422) {
      problems.show(said.problems);
      say('refused');
    } else say(answer ? 'failed' : 'away');
  }

  /** Lay what they saved beside what stands here, and go on from what is chosen. */
  async function settle(theirs, mine) {
    say('overtaken');
    isAsking = true;
    const merged = await merge(editor.querySelector('[data-merge]'), { base, mine, theirs: theirs.diagram, by: theirs.by });
    isAsking = false;
    ({ revision } = theirs);
    base = theirs.diagram;
    seen();
    await modeler.importXML(merged);
    isChanged = true;
    timer = setTimeout(save, 0);
  }

  /** What js/presence.js need not tell of. */
  function seen() {
    document.querySelector('[data-presence]')?.setAttribute('data-revision', revision);
  }

  function say(what, time = '') {
    status.textContent = status.dataset[what].replace('{time}', time);
    status.classList.toggle('is-late', what !== 'saved');
  }
}
