// Draw each diagram the page asks for, to read and not to edit:
//
//   <div data-diagram="/url.bpmn" data-highlight="open steps" data-trail="done steps"
//        data-fault="What to say when it cannot be drawn." aria-label="What the picture shows">
//
// With the diagram in focus, the arrow keys move it, + and - zoom, 0 shows it as at first.
// The page scrolls on over it: the wheel zooms only together with Ctrl.

import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';

const MARGIN = 24; // pixels around the drawing
const MARK = 48; // what the mark of bpmn.io needs below it
const SMALLEST = 0.55; // below this nobody can read the names: rather move the picture
const TALLEST = 0.8; // of the window
const STEP = 60; // pixels an arrow key moves

/** Draw the diagram an element names into it; in words if that cannot be done. */
export async function mount(element) {
  try {
    const answer = await fetch(element.dataset.diagram, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    const viewer = makeViewer(element);
    await viewer.importXML(await answer.text());
    mark(viewer, element.dataset.highlight, 'step-open');
    mark(viewer, element.dataset.trail, 'step-done');
    describe(element);
    keepFitting(viewer, element);
    element.dataset.state = 'drawn';
  } catch (fault) {
    console.warn('The diagram could not be drawn.', fault);
    const words = document.createElement('p');
    words.className = 'diagram-fault';
    words.textContent = element.dataset.fault ?? '';
    element.removeAttribute('role');
    element.replaceChildren(words);
    element.dataset.state = 'failed';
  }
}

function makeViewer(element) {
  const viewer = new NavigatedViewer({
    container: element,
    canvas: { autoFocus: false },
    zoomScroll: { enabled: false },
    // Given as style, so that the drawing follows the theme.
    bpmnRenderer: {
      defaultFillColor: 'var(--surface)',
      defaultStrokeColor: 'var(--ink)',
      defaultLabelColor: 'var(--ink)',
    },
    textRenderer: { defaultStyle: { fontFamily: getComputedStyle(element).fontFamily } },
  });
  const canvas = viewer.get('canvas');
  const zoom = viewer.get('zoomScroll');
  const keys = {
    ArrowLeft: () => canvas.scroll({ dx: STEP, dy: 0 }),
    ArrowRight: () => canvas.scroll({ dx: -STEP, dy: 0 }),
    ArrowUp: () => canvas.scroll({ dx: 0, dy: STEP }),
    ArrowDown: () => canvas.scroll({ dx: 0, dy: -STEP }),
    '+': () => zoom.stepZoom(1),
    '-': () => zoom.stepZoom(-1),
    0: () => fit(viewer, element),
  };
  viewer.get('keyboard').addListener(({ keyEvent }) => {
    if (keyEvent.ctrlKey || keyEvent.metaKey || keyEvent.altKey || !(keyEvent.key in keys)) return;
    keys[keyEvent.key]();
    return true;
  });
  element.addEventListener('wheel', (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom.stepZoom(event.deltaY < 0 ? 1 : -1);
  }, { passive: false });
  return viewer;
}

function mark(viewer, ids, name) {
  for (const id of named(ids)) {
    if (viewer.get('elementRegistry').get(id)) viewer.get('canvas').addMarker(id, name);
  }
}

function named(ids) {
  return (ids ?? '').split(' ').filter(Boolean);
}

/** Give the picture its name; the frame around it also holds a link and can be no picture. */
function describe(element) {
  const picture = element.querySelector('.djs-container > svg');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', element.getAttribute('aria-label') ?? '');
  element.removeAttribute('role');
  element.removeAttribute('aria-label');
}

function keepFitting(viewer, element) {
  let width = 0;
  new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    fit(viewer, element);
  }).observe(element);
}

/** As wide as the element, as high as the drawing needs, the open step to be seen. */
function fit(viewer, element) {
  const canvas = viewer.get('canvas');
  const { inner } = canvas.viewbox();
  if (!element.clientWidth || !inner.width) return; // not laid out: nothing to fit into
  const room = element.clientWidth - 2 * MARGIN;
  const scale = Math.min(1, Math.max(SMALLEST, room / inner.width));
  const height = inner.height * scale + MARGIN + MARK;
  element.style.height = `${Math.min(height, window.innerHeight * TALLEST)}px`;
  canvas.resized();
  canvas.viewbox({
    x: inner.x - Math.max(MARGIN, (element.clientWidth - inner.width * scale) / 2) / scale,
    y: inner.y - MARGIN / scale,
    width: element.clientWidth / scale,
    height: element.clientHeight / scale,
  });
  const [open] = named(element.dataset.highlight).filter((id) => viewer.get('elementRegistry').get(id));
  if (open) canvas.scrollToElement(open, { top: MARGIN, right: MARGIN, bottom: MARK, left: MARGIN });
}

for (const element of document.querySelectorAll('[data-diagram]')) mount(element);
