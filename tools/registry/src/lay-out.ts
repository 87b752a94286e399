import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes files, and the folders that they need; what is no string is written as JSON. */
export async function layOut(folder: string, files: Readonly<Record<string, unknown>>): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 2)}\n`);
  }
  return folder;
}
