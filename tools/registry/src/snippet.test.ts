import { asFunction, asTest, assertShown, firstSnippet, toJavaScript } from './snippet.ts';

const readme = (code: string) =>
  `# Title\n\n\`\`\`sh\nnpm i x\n\`\`\`\n\n\`\`\`ts\n${code}\n\`\`\`\n\n\`\`\`ts\nlater();\n\`\`\`\n`;

describe('firstSnippet', () => {
  it('takes the first block of TypeScript', () => {
    expect(firstSnippet(readme('first();')).code).toBe('first();\n');
    expect(firstSnippet('```typescript\nfirst();\n```\n').code).toBe('first();\n');
    expect(() => firstSnippet('```tsx\nfirst();\n```\n')).toThrow('README.md has no ```ts block');
  });

  it('tells imports from what comes between and after them', () => {
    const { imports, body } = firstSnippet(
      readme("import { a } from 'a';\nconst before = 1;\nimport {\n  b,\n} from 'b'; // why\na(before, b);"),
    );
    expect(imports).toBe("import { a } from 'a';\nimport {\n  b,\n} from 'b';\n");
    expect(body).toBe('const before = 1;\n // why\na(before, b);');
  });

  it('reads what is shown, line by line', () => {
    const { shown } = firstSnippet(readme('f(); // => one\ng();\n// => two  \n//=> no\n// =>\n// note: => no'));
    expect(shown).toEqual(['one', 'two', '']);
  });
});

describe('the forms of a snippet', () => {
  const snippet = firstSnippet(readme("import { a } from 'a';\nimport type { B } from 'b';\nconst b: B = await a();"));

  it('as a module of either kind, without its types', () => {
    expect(toJavaScript(snippet.code, 'esm')).toBe("import { a } from 'a';\nconst b = await a();\n");
    const code = toJavaScript(asFunction(snippet), 'commonjs');
    expect(code).toContain('require("a")');
    expect(code).not.toMatch(/import|"b"/);
  });

  it('as a test that holds what is printed against what is shown', () => {
    const code = asTest({ ...snippet, shown: ["it's"] }, (printed, shown) => `equal(${printed}, ${shown})`);
    expect(code).toContain('const shown: string[] = ["it\'s"];');
    expect(code).toContain('equal(printed, shown);');
  });
});

describe('assertShown', () => {
  const snippet = (...shown: readonly string[]) => ({ code: '', imports: '', body: '', shown });

  it.each([
    [[], ''],
    [['one', 'two'], 'one\ntwo\n'],
    [['one'], 'one  \n'],
    [['one', '', 'two'], 'one\n\ntwo\n'],
  ])('accepts %j for %j', (shown, printed) => {
    expect(() => {
      assertShown(snippet(...shown), printed);
    }).not.toThrow();
  });

  it.each([
    [['one'], ''],
    [[], 'one\n'],
    [['one'], 'one\ntwo\n'],
    [['one', 'two'], 'two\none\n'],
  ])('refuses %j for %j', (shown, printed) => {
    expect(() => {
      assertShown(snippet(...shown), printed);
    }).toThrow('README.md shows');
  });
});
