import fc from 'fast-check';

// The same examples for every mutant; how a mutant fails is of no matter, so no simpler example is looked for.
fc.configureGlobal({ seed: 1, endOnFailure: true });
