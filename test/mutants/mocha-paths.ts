import { registerHooks } from 'node:module';

const PRIVATE = /\/mocha\/lib\/cli\/(?:run-helpers|options|collect-files)$/;

// The runner for mocha reads private files of mocha, and mocha 12 has given them another ending.
registerHooks({
  resolve: (specifier, context, next) => next(PRIVATE.test(specifier) ? `${specifier}.cjs` : specifier, context),
});
