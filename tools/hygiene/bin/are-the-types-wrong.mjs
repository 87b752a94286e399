import { readFile } from 'node:fs/promises';

import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';

const [tarball = ''] = process.argv.slice(2);
const result = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(tarball))));
const found = result.types === false ? ['has no types'] : result.problems.map((problem) => JSON.stringify(problem));
process.stdout.write(JSON.stringify(found));
