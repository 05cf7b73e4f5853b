// Loaded before the CDK CLI.
"use strict";

const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");

// The CLI is one file of fourteen megabytes; what V8 made of it the last time is kept. Not by NODE_COMPILE_CACHE: that
// would reach jsii in the app, which is another file each time.
const caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
Module.enableCompileCache(path.join(caches, "sagecraft", "cdk-cli"));

// It looks every five seconds whether a stack is done. That suits AWS; an emulator makes a stack in a moment, and answers
// as often as it is asked.
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
