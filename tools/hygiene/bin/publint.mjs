import { readFile } from 'node:fs/promises';

import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const [tarball = ''] = process.argv.slice(2);
const { buffer } = new Uint8Array(await readFile(tarball));
const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
const found = messages.map((message) => `${message.code}: ${formatMessage(message, pkg, { color: false }) ?? ''}`);
process.stdout.write(JSON.stringify(found));
