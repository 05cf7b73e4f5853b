// The program of a Lambda function in Node.js; the same protocol as worker.py.
"use strict";
const fs = require("fs");
const http = require("http");
const https = require("https");
const path = require("path");
const readline = require("readline");
const { pathToFileURL } = require("url");

const ANSWERS = Number(process.env._SAGECRAFT_ANSWERS);
const endpoint = new URL(process.env.AWS_ENDPOINT_URL);
const LOOPBACK = ["127.0.0.1", "localhost"];

// A custom resource puts its answer to the ResponseURL, and libraries take for granted that this is https with the
// default port, as it is on AWS. The host of this function listens on plain http.
const securely = https.request;
https.request = function (target, ...others) {
  const options = typeof target === "string" || target instanceof URL ? new URL(target) : target;
  const host = options.hostname || options.host;
  if (endpoint.protocol !== "http:" || !LOOPBACK.includes(host)) return securely.call(https, target, ...others);
  const plain = {
    method: options.method,
    headers: options.headers,
    path: options.path || options.pathname + options.search,
    hostname: endpoint.hostname,
    port: endpoint.port,
  };
  if (others.length && typeof others[0] === "object") Object.assign(plain, others.shift(), { protocol: "http:", agent: undefined });
  return http.request(plain, ...others);
};

function failure(error) {
  const is = error instanceof Error;
  return {
    errorMessage: is ? error.message : String(error),
    errorType: is ? error.name : typeof error,
    trace: is && error.stack ? error.stack.split("\n") : [],
  };
}

async function load(definition) {
  const [module, ...names] = path.basename(definition.handler).split(".");
  const stem = path.join(definition.path[0], path.dirname(definition.handler), module);
  const file = [".js", ".mjs", ".cjs"].map((each) => stem + each).find(fs.existsSync);
  if (file === undefined) throw Object.assign(new Error(`Cannot find module '${module}'`), { name: "Runtime.ImportModuleError" });
  const loaded = await import(pathToFileURL(file));
  const resolve = (from) => names.reduce((value, name) => (value === undefined ? undefined : value[name]), from);
  const handler = resolve(loaded) || resolve(loaded.default);
  if (typeof handler !== "function")
    throw Object.assign(new Error(`${definition.handler} is undefined or not exported`), { name: "Runtime.HandlerNotFound" });
  return handler;
}

function context(definition, invocation) {
  const deadline = Date.now() + definition.timeout_seconds * 1000;
  return {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: invocation.function_arn,
    awsRequestId: invocation.request_id,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function call(handler, event, given) {
  return new Promise((resolve, reject) => {
    const result = handler(event, given, (error, value) => (error ? reject(error) : resolve(value)));
    if (result && typeof result.then === "function") result.then(resolve, reject);
    // A handler that takes no callback and returns no promise is done.
    else if (handler.length < 3) resolve(result);
  });
}

async function main() {
  const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const definition = JSON.parse((await lines.next()).value);
  let handler, broken;
  try {
    handler = await load(definition);
  } catch (error) {
    console.error(error);
    broken = failure(error);
  }
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const invocation = JSON.parse(line.value);
    let answer;
    try {
      if (broken) answer = { payload: broken, is_error: true };
      else answer = { payload: (await call(handler, invocation.event, context(definition, invocation))) ?? null, is_error: false };
    } catch (error) {
      console.error(error);
      answer = { payload: failure(error), is_error: true };
    }
    fs.writeFileSync(ANSWERS, JSON.stringify(answer) + "\n");
  }
  process.exit(0);
}

main();
