// Every page is valid HTML by the W3C's Nu validator: no errors and no warnings.
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import vnu from "vnu-jar";
import { ending, folder, none } from "./site.js";

// Messages that are no mistake, in the validator's exact words, each with the reason. None so far.
const allowed = new Set([]);

describe("1 HTML: the Nu validator", () => {
  const pages = ending(".html");
  test(`no errors or warnings in ${pages.length} pages`, () => {
    // The locale lets Java read file names in Chinese.
    const run = spawnSync("java", ["-jar", vnu, "--format", "json", "--stdout", ...pages], {
      cwd: folder,
      env: { ...process.env, LC_ALL: "C.UTF-8" },
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    if (run.error) throw run.error;
    const { messages } = JSON.parse(run.stdout);
    none(
      messages
        .filter(({ message }) => !allowed.has(message))
        .map(({ url, lastLine, subType, type, message, extract }) => {
          const path = decodeURIComponent(url).split(`${folder}/`).pop();
          const near = (extract ?? "").replace(/\s+/g, " ");
          return `${path}:${lastLine} ${subType ?? type}: ${message}\n    near ${near}`;
        }),
    );
  });
});
