// What a run of the checks looks like: a heading for each file, a line for each check, the problems below
// it, and at the end one plain line with the totals.
const duration = ({ details }) => (details.duration_ms < 5000 ? "" : ` (${Math.round(details.duration_ms / 1000)} s)`);

export default async function* report(events) {
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of events) {
    const isHeading = data?.details?.type === "suite";
    if (type === "test:start" && data.nesting === 0) yield `\n${data.name}\n`;
    if (type === "test:pass" && !isHeading && !data.skip) {
      passed += 1;
      yield `  ok    ${data.name}${duration(data)}\n`;
    }
    // A suite fails because a check of it did, unless it never came to its checks.
    if (type === "test:fail" && (!isHeading || data.details.error.failureType !== "subtestsFailed")) {
      failed += 1;
      const { cause, message } = data.details.error;
      // Without the colours that some tools put into their messages.
      const problems = String(cause?.message ?? cause ?? message).replace(/\x1b\[\d*m/g, "");
      yield `  FAIL  ${data.name}${duration(data)}\n${problems.replace(/^/gm, "          ")}\n`;
    }
    if (type === "test:stderr" || type === "test:stdout") yield data.message;
  }
  yield `\n${passed} passed, ${failed} failed\n`;
}
