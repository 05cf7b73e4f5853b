// Loaded before the CDK CLI.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");
const zlib = require("node:zlib");

// It looks every five seconds whether a stack is done. That suits AWS; an emulator makes a stack in a moment, and answers
// as often as it is asked.
const EVERY_FIVE_SECONDS = "async function waitFor(valueProvider, timeout = 5e3)";
const EVERY_HALF_SECOND = EVERY_FIVE_SECONDS.replace("5e3", "500");
const CLI = path.join("aws-cdk", "lib", "index.js");
const CHECKSUM_BYTES = 4;

const compile = Module.prototype._compile;
Module.prototype._compile = function (source, file, ...rest) {
  if (!file.endsWith(CLI)) return compile.call(this, source, file, ...rest);
  Module.prototype._compile = compile;
  const asked = process.env.AWS_ENDPOINT_URL ? source.replace(EVERY_FIVE_SECONDS, EVERY_HALF_SECOND) : source;
  const main = scriptOf(Module.wrap(asked), file).runInThisContext();
  return main.call(this.exports, this.exports, Module.createRequire(file), this, file, path.dirname(file));
};

// The CLI is one file of fourteen megabytes, of which V8 compiles what is called, most of it by all commands. That is kept
// when the first one ends. Node.js's own cache is made before anything is called, and so has next to nothing.
function scriptOf(source, filename) {
  const kept = keptFile(source);
  const cachedData = read(kept);
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const script = new vm.Script(source, { filename, cachedData, importModuleDynamically });
  if (cachedData === undefined || script.cachedDataRejected) {
    process.once("exit", () => keep(kept, script.createCachedData()));
  }
  return script;
}

// V8 itself compares no more of the source than its length.
function keptFile(source) {
  const caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  return path.join(caches, "sagecraft", "cdk-cli", `${crypto.hash("sha256", source)}-${v8.cachedDataVersionTag()}`);
}

function read(kept) {
  try {
    const content = fs.readFileSync(kept);
    const data = content.subarray(CHECKSUM_BYTES);
    return zlib.crc32(data) === content.readUInt32LE() ? data : undefined;
  } catch {
    return undefined;
  }
}

function keep(kept, data) {
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32LE(zlib.crc32(data));
  const unfinished = `${kept}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(kept), { recursive: true });
    fs.writeFileSync(unfinished, Buffer.concat([checksum, data]));
    fs.renameSync(unfinished, kept);
  } catch {
    // A full disk, or a home that is read only: it is compiled the next time, too.
  }
}
