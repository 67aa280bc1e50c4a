/** From a checked test to the steps that the helper takes. */
import { MAX_LINE_BYTES } from '../protocol/helper';
import type { ScriptStep } from '../protocol/runOperations';
import type { ScriptTest, Step } from './checker';
import { hex, hexOf } from './values/hexInput';

/** Steps of the helper; `lines[i]` is where step i is written, from 0, and `errorLines[i]` where its error is expected. */
export interface Program {
  readonly steps: readonly ScriptStep[];
  readonly lines: readonly number[];
  readonly errorLines: readonly (number | undefined)[];
}

/** @param test of a script in which nothing is wrong */
export function compile(test: ScriptTest): Program {
  return {
    steps: test.steps.map(stepOf),
    lines: test.steps.map(({ line }) => line),
    errorLines: test.steps.map(({ error }) => error?.line),
  };
}

function stepOf(step: Step): ScriptStep {
  const error = step.error ? { error: step.error.code } : {};
  switch (step.kind) {
    case 'store': {
      const { region, offset, data } = step.operands;
      const place = { region: region.value, offset: hex(offset.value) };
      return { do: 'store', ...place, data: hexOf(data.value.data), ...error };
    }
    case 'burst': {
      const { region, offset, data, count, step: width } = step.operands;
      const place = { region: region.value, offset: hex(offset.value) };
      const far = width === 0n ? {} : { step: hex(width) };
      return { do: 'burst', ...place, data: hexOf(data.value.data), count: count.value, ...far };
    }
    case 'read': {
      const { region, offset, length } = step.operands;
      return { do: 'read', region: region.value, offset: hex(offset.value), length, ...error };
    }
    case 'expect': {
      const { at, data } = step.operands;
      const mask = data.value.mask ? { mask: hexOf(data.value.mask) } : {};
      return { do: 'expect', data: hexOf(data.value.data), ...mask, ...(at > 0 ? { at } : {}) };
    }
    case 'sleep':
      return { do: 'sleep', ns: step.operands.ns };
    case 'repeat':
      return { do: 'repeat', count: step.operands.count };
    case 'end':
      return { do: 'end' };
  }
}

/** Room for what a request has besides its steps. */
const REQUEST_BYTES = 200;

/** The steps in pieces that each fit into one line of the protocol, with how many come before each. */
export function pieces(steps: readonly ScriptStep[]): { first: number; steps: readonly ScriptStep[] }[] {
  const found: { first: number; steps: ScriptStep[] }[] = [];
  let size = Infinity;
  for (const [index, step] of steps.entries()) {
    const length = JSON.stringify(step).length + 1;
    if (size + length > MAX_LINE_BYTES - REQUEST_BYTES) {
      found.push({ first: index, steps: [] });
      size = 0;
    }
    found.at(-1)?.steps.push(step);
    size += length;
  }
  return found;
}
