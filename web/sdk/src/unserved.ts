// tccc.Chat and tccc.Video: they are there, and say that the gateway serves calls alone.
import type { Chat, Video } from '../tccc';
import { SDKError } from './result';

const CHAT = ['accept', 'end', 'transfer'] as const;
const VIDEO = [...CHAT, 'muteMic', 'unmuteMic', 'muteVideo', 'unmuteVideo'] as const;

export function newChat(): Chat { return unserved('Chat', 'chats', CHAT); }

export function newVideo(): Video { return unserved('Video', 'video sessions', VIDEO); }

function unserved<Name extends string>(space: string, what: string, names: readonly Name[]) {
  const all = names.map((name) => [name, async () => {
    throw new SDKError('notServed', `${space}.${name}: the gateway has no ${what}`);
  }]);
  return Object.fromEntries(all) as Record<Name, () => Promise<never>>;
}
