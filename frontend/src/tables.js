// The editor of a rule table for those who work with the pointer, where the page has
// <div id="editor" data-table="risk_value" data-base="/workshop/7" …>. Saved as the diagram is.

import Modeler from 'dmn-js/lib/Modeler';
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn-codes.css';
import './tables.css';
import { makeSaving } from './saving.js';
import { makeAsk } from './server.js';
import sv from './sv_tables.js';

async function open(editor) {
  const server = makeAsk(editor);
  const { table } = editor.dataset;
  const saving = makeSaving(editor.querySelector('[data-draft-status]'), send);
  const translate = (text, values = {}) => {
    const said = (document.documentElement.lang === 'sv' && sv[text]) || text;
    return said.replace(/{([^}]+)}/g, (whole, name) => values[name] ?? whole);
  };
  const common = { additionalModules: [{ translate: ['value', translate] }] };
  const modeler = new Modeler({ container: editor.querySelector('[data-canvas]'), common, drd: common, decisionTable: common, literalExpression: common });
  const apart = editor.querySelector('[data-apart]'); // the way to lay both side by side
  let revision = 0;
  let base = ''; // what was saved last, by us or taken over

  try {
    const draft = await server.get('draft');
    ({ revision } = draft);
    base = draft.tables[table];
    await modeler.importXML(base);
    const first = modeler.getViews().find(({ type }) => type === 'decisionTable');
    if (first) await modeler.open(first);
    watch();
    modeler.on('views.changed', watch);
    editor.dataset.state = 'ready';
    nameEmptyHeads(editor);
    const found = await server.ask('problems', {});
    if (found) show(found.problems);
  } catch (fault) {
    console.warn('The table could not be opened.', fault);
    editor.querySelector('[data-fault]').hidden = false;
    editor.dataset.state = 'failed';
  }

  function watch() {
    const bus = modeler.getActiveViewer()?.get('eventBus');
    if (!bus || bus.isWatched) return;
    bus.isWatched = true;
    bus.on('commandStack.changed', () => saving.touch());
  }

  async function send() {
    const { xml } = await modeler.saveXML({ format: true });
    const answer = await server.ask('draft', { revision, tables: { [table]: xml } }, true);
    if (answer?.status === 200) {
      ({ revision } = answer.said);
      base = xml;
      show(answer.said.problems);
      saving.say('saved');
      return true;
    }
    if (answer?.status === 409 && answer.said.tables[table] === base) {
      ({ revision } = answer.said); // somebody has saved another part of the draft
      return send();
    }
    saving.say(answer?.status === 409 ? 'overtaken' : answer ? 'failed' : 'away');
    apart.hidden = answer?.status !== 409;
    return false;
  }

  apart.addEventListener('submit', async (event) => {
    event.preventDefault();
    const { xml } = await modeler.saveXML({ format: true });
    Object.assign(apart.elements.began, { value: base });
    Object.assign(apart.elements.mine, { value: xml });
    saving.leave();
    apart.submit();
  });

  function show(all) {
    const problems = all.filter(({ file }) => file === table || file === `${table}.dmn`);
    const box = editor.querySelector('[data-problems]');
    box.querySelector('[data-count]').textContent = String(problems.length);
    box.querySelector('[data-list]').replaceChildren(...problems.map(({ severity, text, mend }) => {
      const one = document.createElement('li');
      one.className = `is-${severity}`;
      for (const words of [`${box.dataset[severity]}. ${text}`, mend ?? '']) {
        one.append(Object.assign(document.createElement('p'), { textContent: words }));
      }
      return one;
    }));
  }
}

/** The head above the numbers of the rules is empty: it gets a name to be read out. */
function nameEmptyHeads(editor) {
  const name = () => {
    for (const head of editor.querySelectorAll('th:empty')) {
      head.append(Object.assign(document.createElement('span'), { className: 'hidden', textContent: editor.dataset.rule }));
    }
  };
  new MutationObserver(name).observe(editor.querySelector('[data-canvas]'), { childList: true, subtree: true });
  name();
}

const editor = document.querySelector('#editor[data-table]');
if (editor) open(editor);
