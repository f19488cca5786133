// Teach the reader of diagrams our own words, and to keep what it would lose.

import arshjul from './arshjul.json' with { type: 'json' };

export const EXTENSIONS = { arshjul };

/**
 * The list a step goes through is an expression with us, in the standard the id of an element:
 * as a reference to nothing it would be gone from the diagram once that is saved.
 */
export function keepLists(moddle) {
  const { properties } = moddle.registry.typeMap['bpmn:MultiInstanceLoopCharacteristics'];
  for (const property of properties) {
    if (!/loopData(In|Out)putRef$/.test(property.name)) continue;
    property.type = 'String';
    delete property.isReference;
  }
  return moddle;
}
