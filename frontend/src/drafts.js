// Keeps what is drawn, and never over what somebody else has saved later: then both are laid side
// by side, and one chooses.

import { merge } from './merge.js';
import { makeSaving } from './saving.js';

export function keepDrafts(editor, modeler, { revision, diagram }, { ask, flush, problems }) {
  const saving = makeSaving(editor.querySelector('[data-draft-status]'), send, flush);
  const stack = modeler.get('commandStack');
  let base = diagram; // what was saved last, by us or taken over
  let isAsking = false;
  let merged = ''; // with whose, until it is said
  let [before, after] = [null, null]; // a merge that can be taken back, or done again, as a whole

  modeler.on('commandStack.changed', ({ trigger }) => {
    if (trigger === 'execute') after = null;
    saving.touch();
  });
  const canUndo = () => stack.canUndo() || before !== null;
  const canRedo = () => stack.canRedo() || after !== null;
  const actions = modeler.get('editorActions');
  for (const [name, deed] of Object.entries({ undo, redo })) {
    actions.unregister(name);
    actions.register(name, deed);
  }
  return { undo, redo, canUndo, canRedo };

  async function send() {
    if (isAsking) return false;
    const { xml } = await modeler.saveXML({ format: true });
    const answer = await ask('draft', { revision, diagram: xml }, true);
    const said = answer?.said;
    if (answer?.status === 200) {
      ({ revision } = said);
      base = xml;
      seen();
      problems.show(said.problems);
      saving.say(merged ? 'merged' : 'saved', { name: merged });
      merged = '';
      return true;
    }
    if (answer?.status === 409) settle(said, xml);
    else if (answer?.status === 422) {
      problems.show(said.problems);
      saving.say('refused');
    } else saving.say(answer ? 'failed' : 'away');
    return false;
  }

  /** Lay what they saved beside what stands here, and go on from what is chosen. */
  async function settle(theirs, mine) {
    saving.say('overtaken');
    isAsking = true;
    const chosen = await merge(editor.querySelector('[data-merge]'), { base, mine, theirs: theirs.diagram, by: theirs.by });
    isAsking = false;
    ({ revision } = theirs);
    base = theirs.diagram;
    merged = theirs.by ?? '–';
    seen();
    [before, after] = [mine, null];
    await drawn(chosen);
  }

  /** A merge empties the stack of commands: it is the step before the first one there. */
  async function undo() {
    if (stack.canUndo() || before === null) return stack.undo();
    const { xml } = await modeler.saveXML({ format: true });
    const former = before;
    [before, after] = [null, xml];
    return drawn(former);
  }

  async function redo() {
    if (stack.canRedo() || after === null) return stack.redo();
    const { xml } = await modeler.saveXML({ format: true });
    const former = after;
    [before, after] = [xml, null];
    return drawn(former);
  }

  async function drawn(xml) {
    await modeler.importXML(xml);
    saving.touch(0);
  }

  /** What js/presence.js need not tell of. */
  function seen() {
    document.querySelector('[data-presence]')?.setAttribute('data-revision', revision);
  }
}
