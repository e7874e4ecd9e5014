'use strict';
const { reporters } = require('mocha');

/** Mocha's spec reporter, with a last line that a script can read: "N passed, N failed, N skipped". */
module.exports = class extends reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    reporters.Base.consoleLog(`${passes} passed, ${failures} failed, ${pending} skipped`);
  }
};
