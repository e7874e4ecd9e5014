import fc from 'fast-check';

// The same examples for every mutant; how a mutant fails is of no matter, so no simpler example is looked for.
fc.configureGlobal({ seed: 1, endOnFailure: true });

// Few histories detect most faults; a fault that no test detects costs as much time as all of them.
process.env['DUALSTACK_PROPERTY_RUNS'] ??= '30';
