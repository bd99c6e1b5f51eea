// tccc.Agent: the seat's status.
import type { Agent } from '../tccc';
import type { Desk } from './call';
import { Options } from './options';
import { answer } from './result';

const STATUSES = ['free', 'rest', 'arrange', 'notReady', 'stopNotReady'];

export function newAgent(desk: Desk): Agent {
  /** Pages do not look at what these come to; what comes of them is told by statusChanged. */
  const ask = (status: string) => {
    answer(() => desk.phone.setStatus(status)).catch((error) => console.warn(`tccc.Agent: ${error.errorMsg}`));
  };
  return {
    online: () => ask('free'),
    offline: () => ask('offline'),
    setStatus: (given) => answer(async () => {
      const options = new Options('Agent.setStatus', given);
      const status = options.oneOf('status', STATUSES) ?? options.text('status');
      await desk.phone.setStatus(status === 'stopNotReady' ? 'free' : status, options.optionalText('restReason'));
    }),
    getStatus: () => desk.status,
  };
}
