import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, onlyLoopback } from '../phone/sdp.js';

test('only candidates of loopback addresses stay', () => {
  const line = (address) => `a=candidate:1 1 udp 2122260223 ${address} 50000 typ host`;
  const lines = ['192.0.2.1', '127.0.0.1', 'fd00::1', '::1', 'x.local'].map(line);
  const sdp = ['v=0', ...lines, 'a=mid:0', ''];
  assert.equal(onlyLoopback(sdp.join('\r\n')), ['v=0', line('127.0.0.1'), line('::1'), 'a=mid:0', ''].join('\r\n'));
  assert.equal(isLoopback(''), false);
});
