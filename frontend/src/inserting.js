// Put a new step on the way that is chosen, or on the only one out of what is chosen: everything to
// the right gives room, so that it can be done without the pointer.

import { selfAndAllChildren } from 'diagram-js/lib/util/Elements';
import { is } from 'bpmn-js/lib/util/ModelUtil';

const ROOM = 160; // pixels a step and the ways around it take

/** The way a new step would stand on, if it is plain which. */
export function wayOf([chosen, ...others]) {
  if (!chosen || others.length) return null;
  if (is(chosen, 'bpmn:SequenceFlow')) return chosen.labelTarget ?? chosen;
  const ways = (chosen.outgoing ?? []).filter((one) => is(one, 'bpmn:SequenceFlow'));
  return ways.length === 1 ? ways[0] : null;
}

export function insertStep(modeler, chosen) {
  const way = wayOf(chosen);
  if (!way) return;
  const [modeling, spaceTool] = [modeler.get('modeling'), modeler.get('spaceTool')];
  const [canvas, factory] = [modeler.get('canvas'), modeler.get('elementFactory')];
  const from = way.source;
  const edge = from.x + from.width + 5;
  const root = canvas.getRootElement();
  const drawn = selfAndAllChildren(root, true).filter((one) => one !== root);
  if (way.target.x >= edge) {
    const { movingShapes, resizingShapes } = spaceTool.calculateAdjustments(drawn, 'x', ROOM, edge);
    modeling.createSpace(movingShapes, resizingShapes, { x: ROOM, y: 0 }, 'e', edge);
  }
  const at = { x: edge + ROOM / 2, y: from.y + from.height / 2 };
  const made = modeling.createShape(factory.createShape({ type: 'bpmn:UserTask' }), at, way);
  modeler.get('selection').select(made);
  modeler.get('directEditing').activate(made);
}
