import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Cmd, Copy, DockerfileParser, Env } from 'dockerfile-ast';

/** What a Dockerfile makes, in a temporary folder: enough of it for files that only copy. */
export class Image implements Disposable {
  readonly #root = mkdtempSync(join(tmpdir(), 'image-'));
  #workdir = '/';
  readonly env: Record<string, string> = {};
  readonly exposed: number[] = [];
  command: readonly string[] = [];
  base = '';

  /** @throws for a source that is not there, and for an instruction that it does not know */
  static build(dockerfile: string, context: string): Image {
    const image = new Image();
    for (const instruction of DockerfileParser.parse(readFileSync(dockerfile, 'utf8')).getInstructions()) {
      const args = instruction.getArguments().map((argument) => argument.getValue());
      if (instruction instanceof Copy) image.#copy(context, args);
      else if (instruction instanceof Env) image.#setEnv(instruction);
      else if (instruction instanceof Cmd) {
        image.command = instruction.getJSONStrings().map((text) => JSON.parse(text.getValue()) as string);
      } else image.#run(instruction.getKeyword(), args[0] ?? '');
    }
    return image;
  }

  get folder(): string {
    return join(this.#root, this.#workdir);
  }

  #run(keyword: string, argument: string): void {
    if (keyword === 'FROM') this.base = argument;
    else if (keyword === 'EXPOSE') this.exposed.push(Number(argument));
    else if (keyword === 'WORKDIR') {
      this.#workdir = argument;
      mkdirSync(this.folder, { recursive: true });
    } else if (keyword !== 'USER') throw new Error(`nobody has taught this test ${keyword}`);
  }

  #setEnv(instruction: Env): void {
    for (const property of instruction.getProperties()) this.env[property.getName()] = property.getValue() ?? '';
  }

  /** A folder stands for what is in it. */
  #copy(context: string, args: readonly string[]): void {
    const target = args.at(-1) ?? '';
    for (const source of args.slice(0, -1)) {
      const from = join(context, source);
      const isFolder = statSync(from).isDirectory();
      const to = join(this.folder, target, !isFolder && target.endsWith('/') ? basename(source) : '');
      cpSync(from, to, { recursive: true });
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
