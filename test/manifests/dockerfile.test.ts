import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';

const dockerfile = readFileSync(fromRoot('Dockerfile'), 'utf8');
const page = readFileSync(fromRoot('docs', 'image.md'), 'utf8');

describe('the Dockerfile', () => {
  it('has the build arguments and defaults that the docs list', () => {
    const taken = [...dockerfile.matchAll(/^ARG (\w+)=(.*)$/gm)].map(([, name, value]) => `${name!} ${value!}`);
    const documented = [...page.matchAll(/^\| `(\w+)` +\| `([^`]*)` +\|/gm)].map(([, name, value]) => `${name!} ${value!}`);
    expect(taken).to.have.length(5);
    expect(documented).to.have.members(taken);
  });

  it('names no digest, which a release looks up', () => {
    for (const text of [dockerfile, page]) expect(text).not.to.match(/sha256:[0-9a-f]/);
  });

  it('runs nothing on a platform that may not be the builder’s', () => {
    const [, build, runtime] = dockerfile.split(/^FROM /m);
    expect(build).to.match(/^--platform=\$BUILDPLATFORM \$\{BUILD_IMAGE\} AS build\n/);
    expect(runtime).to.match(/^\$\{RUNTIME_IMAGE\}\n/);
    expect(runtime).not.to.match(/^RUN /m);
  });

  it('is sent what it copies, and nothing else', () => {
    const sent = readFileSync(fromRoot('.dockerignore'), 'utf8').matchAll(/^!(.*)$/gm);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources]) => sources!.split(' '));
    expect([...sent].map(([, name]) => name)).to.have.members(copied);
  });
});
