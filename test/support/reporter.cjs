'use strict';
const { appendFileSync } = require('node:fs');
const { relative } = require('node:path');
const process = require('node:process');
const { reporters, Runner } = require('mocha');

const { EVENT_HOOK_END, EVENT_TEST_END, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Runner.constants;

/**
 * Mocha's spec reporter, with a last line that a script can read: "N passed, N failed, N skipped". Where `TEST_RESULTS_FILE` names a file, it
 * appends a line of JSON: how long each file took in milliseconds, hooks included, and what failed or was skipped.
 */
module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    this.files = {};
    this.failed = [];
    this.skipped = [];
    const spent = ({ file, duration = 0 }) => {
      const name = file ? relative(process.cwd(), file) : 'hooks of no file';
      this.files[name] = (this.files[name] ?? 0) + duration;
    };
    runner.on(EVENT_TEST_END, spent);
    runner.on(EVENT_HOOK_END, spent);
    runner.on(EVENT_TEST_FAIL, (runnable, error) => {
      this.failed.push({ title: runnable.fullTitle(), message: String(error?.stack ?? error) });
    });
    runner.on(EVENT_TEST_PENDING, (test) => this.skipped.push(test.fullTitle()));
  }

  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const { files, failed, skipped } = this;
    const path = process.env.TEST_RESULTS_FILE;
    if (path) appendFileSync(path, `${JSON.stringify({ files, failed, skipped })}\n`);
    reporters.Base.consoleLog(`${passes} passed, ${failures} failed, ${pending} skipped`);
  }
};
