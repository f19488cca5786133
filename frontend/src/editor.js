// The editor of a diagram, where the page has <div id="editor" data-base="/workshop/7" …>.
//
// What is drawn is kept as a draft on the server, which says what is wrong with it; the fields
// beside the picture come with the page in the reader's language.

import Modeler from 'bpmn-js/lib/Modeler';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import minimap from 'diagram-js-minimap';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn-codes.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import './editor.css';
import { keepDrafts } from './drafts.js';
import { makePanel } from './panel.js';
import { insertStep, wayOf } from './inserting.js';
import { makePlay } from './play.js';
import { showProblems } from './problems.js';
import rules from './rules.js';
import { makeAsk } from './server.js';
import sv from './sv.js';
import { EXTENSIONS, keepLists } from './words.js';

const MARGIN = 24;

/** Open the draft that the page names. */
async function open(editor) {
  const server = makeAsk(editor);
  try {
    const [draft, catalogue] = await Promise.all([server.get('draft'), server.get('catalogue')]);
    const modeler = makeModeler(editor.querySelector('[data-canvas]'));
    const problems = showProblems(editor, modeler);
    const panel = makePanel(editor.querySelector('[data-panel]'), modeler, catalogue, server.ask);
    await modeler.importXML(draft.diagram);
    const history = keepDrafts(editor, modeler, draft, { ask: server.ask, flush: panel.flush, problems });
    fit(modeler);
    watchTools(editor.querySelector('[data-tools]'), modeler, makePlay(editor, modeler), history);
    editor.dataset.state = 'ready';
    const found = await server.ask('problems', { diagram: draft.diagram });
    if (found) problems.show(found.problems);
  } catch (fault) {
    console.warn('The diagram could not be opened.', fault);
    const told = editor.querySelector('[data-fault]');
    told.hidden = false;
    editor.dataset.state = 'failed';
  }
}

function makeModeler(container) {
  const language = document.documentElement.lang;
  const translate = (text, values = {}) => {
    const said = (language === 'sv' && sv[text]) || text;
    return said.replace(/{([^}]+)}/g, (whole, name) => values[name] ?? whole);
  };
  const modeler = new Modeler({
    container,
    moddleExtensions: EXTENSIONS,
    additionalModules: [CreateAppendAnythingModule, minimap, rules, { translate: ['value', translate] }],
    // Given as style, so that the drawing follows the theme.
    bpmnRenderer: {
      defaultFillColor: 'var(--surface)',
      defaultStrokeColor: 'var(--ink)',
      defaultLabelColor: 'var(--ink)',
    },
    textRenderer: { defaultStyle: { fontFamily: getComputedStyle(container).fontFamily } },
  });
  keepLists(modeler.get('moddle'));
  const picture = container.querySelector('.djs-container > svg');
  picture.setAttribute('role', 'application');
  picture.setAttribute('aria-label', container.getAttribute('aria-label'));
  return modeler;
}

/** Show the whole of it beside the palette, or as much as can still be read. */
function fit(modeler) {
  const canvas = modeler.get('canvas');
  const { inner, outer } = canvas.viewbox();
  if (!inner.width || !outer.width) return;
  const left = canvas.getContainer().querySelector('.djs-palette').offsetWidth + MARGIN; // none on a phone
  const scale = Math.max(0.55, Math.min(1, (outer.width - left - MARGIN) / inner.width, (outer.height - 2 * MARGIN) / inner.height));
  const above = Math.max(MARGIN, (outer.height - inner.height * scale) / 2);
  canvas.viewbox({
    x: inner.x - left / scale,
    y: inner.y - above / scale,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

/** The buttons above the picture: everything the pointer does there can be done from here. */
function watchTools(tools, modeler, play, history) {
  const [selection, canvas] = ['selection', 'canvas'].map((name) => modeler.get(name));
  const popup = (menu, element, title) => {
    const box = canvas.getContainer().getBoundingClientRect();
    modeler.get('popupMenu').open(element, menu, { x: box.left + 80, y: box.top + 60 }, { title, search: true, width: 300 });
  };
  const deeds = {
    undo: history.undo,
    redo: history.redo,
    fit: () => fit(modeler),
    search: () => modeler.get('searchPad').toggle(),
    map: () => modeler.get('minimap').toggle(),
    add: (title) => popup('bpmn-create', canvas.getRootElement(), title),
    append: (title) => popup('bpmn-append', selection.get()[0], title),
    insert: () => insertStep(modeler, selection.get()),
    change: (title) => popup('bpmn-replace', selection.get()[0], title),
    copy: () => modeler.get('copyPaste').copy(selection.get()),
    paste: () => modeler.get('copyPaste').paste(),
    play: play.toggle,
    remove: () => modeler.get('modeling').removeElements(selection.get().slice()),
  };
  tools.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-tool]');
    if (!button || button.disabled) return;
    if (button.dataset.tool !== 'play') canvas.focus();
    deeds[button.dataset.tool](button.textContent.trim());
  });
  const renew = () => {
    const [first, ...others] = selection.get();
    const one = Boolean(first) && !others.length && !first.labelTarget && !first.waypoints;
    const may = {
      undo: history.canUndo(), redo: history.canRedo(), append: one, change: one, insert: Boolean(wayOf(selection.get())),
      copy: selection.get().length, remove: selection.get().length,
    };
    for (const button of tools.querySelectorAll('[data-tool]')) {
      button.disabled = !(may[button.dataset.tool] ?? true);
    }
  };
  for (const name of ['commandStack.changed', 'selection.changed', 'import.done']) modeler.on(name, renew);
  renew();
}

const editor = document.getElementById('editor');
if (editor) open(editor);
