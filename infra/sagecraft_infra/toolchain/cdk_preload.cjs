// Loaded before the CDK CLI, which looks every five seconds whether a stack is done. That suits AWS; an emulator makes
// a stack in a moment, and answers as often as it is asked.
"use strict";

const Module = require("node:module");
const path = require("node:path");

const EVERY_FIVE_SECONDS = "async function waitFor(valueProvider, timeout = 5e3)";
const EVERY_HALF_SECOND = EVERY_FIVE_SECONDS.replace("5e3", "500");
const CLI = path.join("aws-cdk", "lib", "index.js");

if (process.env.AWS_ENDPOINT_URL) {
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (source, file, ...rest) {
    if (!file.endsWith(CLI)) return compile.call(this, source, file, ...rest);
    Module.prototype._compile = compile;
    return compile.call(this, source.replace(EVERY_FIVE_SECONDS, EVERY_HALF_SECOND), file, ...rest);
  };
}
