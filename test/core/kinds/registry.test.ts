import { expect } from 'chai';
import type { Field, Fields } from '../../../src/core/kinds/fields.ts';
import { KINDS, kindNamed } from '../../../src/core/kinds/registry.ts';

function* allFields(fields: Fields, path: string): Generator<readonly [path: string, field: Field]> {
  for (const [name, field] of Object.entries(fields)) {
    yield [`${path}.${name}`, field];
    if (field.type === 'object') yield* allFields(field.fields, `${path}.${name}`);
  }
}

/** The fields of a part of an object, where it is one. */
function within(fields: Fields, name: string): Fields {
  const field = fields[name];
  return field?.type === 'object' ? field.fields : {};
}

describe('the kinds', () => {
  it('have names and sources of their own', () => {
    expect(new Set(KINDS.map(({ name }) => name))).to.have.property('size', KINDS.length);
    expect(new Set(KINDS.map(({ source }) => source))).to.have.property('size', KINDS.length);
  });

  it('are found by their names', () => {
    for (const kind of KINDS) expect(kindNamed(kind.name)).to.equal(kind);
  });

  for (const { name, fields, resource, reason, links } of KINDS) {
    describe(name, () => {
      it('reads what a reflector needs: the resourceVersion, and the annotation of the bookmark that ends a streaming list', () => {
        expect(within(fields, 'metadata')).to.include.keys('name', 'namespace', 'resourceVersion', 'annotations');
      });

      if (resource.encoding === 'protobuf') {
        it('has a protobuf number for each field', () => {
          for (const [path, { number }] of allFields(fields, name)) expect(number, path).to.be.above(0);
        });

        it('has each number once in a message', () => {
          for (const [path, field] of [[name, { type: 'object', fields }] as const, ...allFields(fields, name)]) {
            if (field.type !== 'object') continue;
            const numbers = Object.values(field.fields).map(({ number }) => number);
            expect(new Set(numbers), path).to.have.property('size', numbers.length);
          }
        });
      }

      it('says in sentences why it is read and what it takes', () => {
        for (const words of [reason, resource.servedBy]) expect(words).to.match(/^[A-Z].*\.$/);
      });

      it('links to kinds that there are', () => {
        expect(KINDS.map((kind): string => kind.name)).to.include.members(links.map(({ to }) => to));
      });
    });
  }
});
