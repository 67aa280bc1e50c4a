import assert from 'node:assert/strict';
import type { ScriptResult, ScriptStep } from '../protocol/runOperations';
import { storesSent } from './progress';

const store = (error?: string): ScriptStep => ({
  ...{ do: 'store', region: 0, offset: '0x0', data: '00' },
  ...(error ? { error } : {}),
});
const burst: ScriptStep = { do: 'burst', region: 0, offset: '0x0', data: '00', count: 100 };
const repeat = (count: number): ScriptStep => ({ do: 'repeat', count });
const end: ScriptStep = { do: 'end' };

/** 0 store, 1 repeat, 2 store, 3 repeat, 4 burst, 5 store that fails, 6 end, 7 end, 8 store. */
const steps = [store(), repeat(3), store(), repeat(4), burst, store('EIO'), end, end, store()];

const sent = (at: ScriptResult['at'], ended: ScriptResult['ended'] = 'stop', code?: string) =>
  storesSent(steps, { ended, at, failure: code ? { code, message: '' } : null }).map((each) => each.sent);

describe('the stores that were sent', () => {
  it('are all of them in a run to the end', () => {
    assert.deepEqual(storesSent(steps, { ended: 'done', at: null, failure: null }), [
      { step: 0, planned: 1, sent: 1, failed: 0 },
      { step: 2, planned: 3, sent: 3, failed: 0 },
      { step: 4, planned: 1200, sent: 1200, failed: 0 },
      { step: 5, planned: 12, sent: 12, failed: 12 },
      { step: 8, planned: 1, sent: 1, failed: 0 },
    ]);
  });

  it('are none when it was refused or nothing is known', () => {
    assert.deepEqual(sent({ step: 5, rounds: [], sent: 0 }, 'refused'), [0, 0, 0, 0, 0]);
    assert.ok(storesSent(steps, undefined).every((each) => each.sent === 0));
  });

  it('follow from the place where it ended', () => {
    assert.deepEqual(sent({ step: 0, rounds: [], sent: 0 }), [0, 0, 0, 0, 0]);
    assert.deepEqual(sent({ step: 1, rounds: [], sent: 0 }), [1, 0, 0, 0, 0]);
    assert.deepEqual(sent({ step: 2, rounds: [1], sent: 0 }), [1, 1, 400, 4, 0]);
    assert.deepEqual(sent({ step: 4, rounds: [1, 2], sent: 7 }), [1, 2, 607, 6, 0]);
    assert.deepEqual(sent({ step: 5, rounds: [2, 3], sent: 0 }), [1, 3, 1200, 11, 0]);
    assert.deepEqual(sent({ step: 6, rounds: [2, 3], sent: 0 }), [1, 3, 1200, 12, 0]);
    assert.deepEqual(sent({ step: 7, rounds: [1], sent: 0 }), [1, 2, 800, 8, 0]);
    assert.deepEqual(sent({ step: 8, rounds: [], sent: 0 }), [1, 3, 1200, 12, 0]);
  });

  it('contain the one that failed', () => {
    assert.deepEqual(sent({ step: 8, rounds: [], sent: 0 }, 'failed', 'EIO'), [1, 3, 1200, 12, 1]);
    const last = (code: string) =>
      storesSent([store('EIO')], {
        ended: 'failed',
        at: { step: 0, rounds: [], sent: 0 },
        failure: { code, message: '' },
      });
    assert.deepEqual(last('none'), [{ step: 0, planned: 1, sent: 1, failed: 0 }]);
    assert.deepEqual(last('EBUSY'), [{ step: 0, planned: 1, sent: 1, failed: 1 }]);
  });
});
