// Loaded before the CDK CLI.
"use strict";

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
const ASKS_AN_EMULATOR = Boolean(process.env.AWS_ENDPOINT_URL);
const CLI = path.join("aws-cdk", "lib", "index.js");
const CHECKSUM_BYTES = 4;

// Four threads of V8 look for garbage in the CDK of the app as well, however few cores there are for them; with this there
// are as many as Node.js finds right. What the user says comes last, and so counts.
process.env.NODE_OPTIONS = ["--v8-pool-size=0", process.env.NODE_OPTIONS].filter(Boolean).join(" ");

const compile = Module.prototype._compile;
Module.prototype._compile = function (source, file, ...rest) {
  if (!file.endsWith(CLI)) return compile.call(this, source, file, ...rest);
  Module.prototype._compile = compile;
  const asked = ASKS_AN_EMULATOR ? source.replace(EVERY_FIVE_SECONDS, EVERY_HALF_SECOND) : source;
  const main = scriptOf(Module.wrap(asked), file).runInThisContext();
  return main.call(this.exports, this.exports, Module.createRequire(file), this, file, path.dirname(file));
};

// The CLI is one file of fourteen megabytes, of which V8 compiles what is called, most of it by all commands. That is kept
// when the first one ends. Node.js's own cache is made before anything is called, and so has next to nothing.
function scriptOf(source, filename) {
  const kept = keptFile(filename);
  const cachedData = read(kept);
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const script = new vm.Script(source, { filename, cachedData, importModuleDynamically });
  if (cachedData === undefined || script.cachedDataRejected) {
    process.once("exit", () => keep(kept, script.createCachedData()));
  }
  return script;
}

// V8 itself compares no more of the source than its length. The checksum of the file takes a few milliseconds; a digest
// of the source took a seventh of the time in which a command starts.
function keptFile(filename) {
  const caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  const file = fs.readFileSync(filename);
  const parts = [file.length, zlib.crc32(file), ASKS_AN_EMULATOR ? "emulator" : "aws", v8.cachedDataVersionTag()];
  return path.join(caches, "sagecraft", "cdk-cli", parts.join("-"));
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
